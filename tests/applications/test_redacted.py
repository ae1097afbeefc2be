"""What is typed into a draft stays in the service until it is submitted."""

import json

import pytest

from services.applications.events import (
    PUBLISHED,
    AccommodationChanged,
    AccommodationRequested,
    AttachmentAdded,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    Diploma,
    DraftSaved,
)
from services.identity.events import PersonalDataErased
from shared.model.message import Event, personal_fields
from shared.store.codec import Codec, encode, without
from tests.applications.doors import applicant, draft, fill
from tests.applications.test_draft import added
from tests.applications.values import ANNA, SECTIONS, file, saved
from tests.platform import Kit
from tests.shared.kafka.records import header, records_of
from tests.shared.keys import raw_of_event

DIPLOMA = Diploma(title="Diplom", institution="ETH", country="CH")
DRAFTED: tuple[Event, ...] = (
    saved("education"),
    added(file()),
    DegreeLevelProposed(
        candidate_id=ANNA, diploma=DIPLOMA, level="master", entry_id="ch-ethz-diplom", found_as="Diplom",
        institution="", country="CH",
    ),
    DegreeLevelOverridden(candidate_id=ANNA, diploma=DIPLOMA, proposed="licence", chosen="master", reason="Five years"),
)  # fmt: skip


@pytest.mark.parametrize("event", DRAFTED, ids=lambda event: type(event).__name__)
def test_what_leaves_of_a_draft_names_nothing_and_is_read_by_everybody(event: Event) -> None:
    assert type(event) in PUBLISHED.redacted
    hidden = personal_fields(type(event))
    left = without(encode(event), hidden)
    raw = raw_of_event(event, left)
    read = Codec(PUBLISHED.events).decode_fields(raw, json.loads(left)).data
    assert read.model_dump(exclude=set(hidden)) == event.model_dump(exclude=set(hidden))
    assert not hidden & json.loads(left).keys()


def test_every_event_of_a_draft_that_holds_something_personal_is_thin() -> None:
    assert set(PUBLISHED.redacted) == {
        DraftSaved, AttachmentAdded, DegreeLevelProposed, DegreeLevelOverridden, PersonalDataErased,
        AccommodationRequested, AccommodationChanged,
    }  # fmt: skip
    encrypted = {
        "DraftNamed",  # The Careers page shows the name, which is typed to be read.
        "ApplicationSubmitted", "EquivalenceErrorReported", "ApplicationMovedUnderConsideration",
        "ApplicationOutcomeRecorded", "ApplicationWithdrawn",
    }  # fmt: skip
    personal = {event.__name__ for event in PUBLISHED.events if personal_fields(event)}
    assert personal - encrypted == {event.__name__ for event in PUBLISHED.redacted}


async def test_a_saved_section_arrives_on_kafka_without_what_was_typed(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    read = await fill(anna, application, {"letter": SECTIONS["letter"]})
    await platform.settled()
    topic = PUBLISHED.topic("application", platform.settings.topic_prefix)
    records = [each for each in await records_of(platform.settings, topic) if each.key.decode().endswith(application)]
    (arrived,) = [json.loads(each.value) for each in records if header(each, "ce_type") == "DraftSaved"]
    assert arrived["section"] == "letter"
    assert not {"values", "personal"} & arrived.keys()
    assert read["sections"]["letter"]["values"] == SECTIONS["letter"]
