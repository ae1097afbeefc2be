"""Whatever would break somebody's software is caught before it lands, and told with what to do instead."""

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from uuid import UUID

import jsonschema_rs
import pytest
from pydantic import Field, create_model

from services.applications.events import PUBLISHED as APPLICATIONS
from services.applications.events import ApplicationOutcomeRecorded, DegreeCatalogueActivated
from services.site import NAMES, chosen
from services.support.events import PUBLISHED as SUPPORT
from services.support.events import TicketClosed, TicketOpened
from services.vacancies.events import PUBLISHED as VACANCIES
from services.vacancies.events import VacancyCancelled, VacancyMerged, VacancyPublished
from shared.model.message import OWN, Event, Message, Personal, Published, personal_fields
from shared.model.schemas import OPEN, schema_of
from shared.runtime.asyncapi import asyncapi_of
from shared.runtime.schemas import Version, former_schemas, samples_of, sealed_of
from shared.store.codec import Codec, encode
from tests.contracts.__main__ import difference
from tests.contracts.comparing import changes
from tests.contracts.gate import MARK, SETTINGS, channel_sentences, decided, event_sentences, kept, made, sentences
from tests.contracts.sealing import all_sealed
from tests.platform import Kit

SERVICES: Final = {service.name: service for service in chosen(None)}
RUN: Final = "Run `make contracts`, and commit what it writes."


@pytest.mark.parametrize("service", NAMES)
def test_nothing_breaks_what_others_have_built(service: str) -> None:
    found = sentences(SERVICES[service])
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("service", NAMES)
def test_contracts_holds_what_is_published(service: str) -> None:
    before, now = kept(service), made(SERVICES[service])
    told = [difference(before.get(path), document, path) for path, document in now.items()]
    assert not any(told), "\n".join([*filter(None, told), RUN])
    former = former_schemas(SERVICES[service].published)
    assert before.keys() == now.keys() | {f"schemas/{each.type}/{each.version}.json" for each in former}
    assert sealed_of(service) == all_sealed(SERVICES[service].published), RUN


@pytest.mark.parametrize("service", NAMES)
async def test_what_is_served_is_what_contracts_holds_with_the_addresses_of_the_site(
    platform: Kit, service: str
) -> None:
    visitor, declared = platform.visitor(), SERVICES[service]
    served = (await visitor.get(f"/{service}/asyncapi.json")).json()
    topics = declared.topics(platform.settings.topic_prefix)
    assert served == asyncapi_of(declared.published, topics, platform.settings)
    assert (await visitor.get(f"/{service}/api/openapi.json")).json() == kept(service)["openapi.json"]


@pytest.mark.parametrize("service", [name for name in NAMES if SERVICES[name].published.upcasters])
def test_what_was_written_in_a_former_version_is_lifted_to_the_present_one(service: str) -> None:
    published = SERVICES[service].published
    codec, present = Codec(published.events, published.upcasters), {each.__name__: each for each in published.events}
    for version in former_schemas(published):
        event = codec.data(*version, json.dumps(samples_of(service)[version]))
        jsonschema_rs.validate(schema_of(present[version.type]), json.loads(encode(event)))


def edited(event: type[Event], drop: tuple[str, ...] = (), **fields: Any) -> type[Event]:
    """The event as somebody might change it: fields dropped, replaced or added; in memory only."""
    known = {name: (of.annotation, of) for name, of in event.model_fields.items() if name not in drop}
    base: type[Event] = type("Edited", (Event,), {"__module__": __name__, "whose": event.whose or OWN})
    made: type[Event] = create_model(event.__name__, __base__=base, __doc__=event.__doc__, **{**known, **fields})
    made.schema_version, made.receipt = event.schema_version, event.receipt
    return made


def instead_of(published: Published, event: type[Event], changed: type[Event]) -> Published:
    """The same publication with another class for this event."""
    aggregates = {
        name: tuple(changed if each is event else each for each in events)
        for name, events in published.aggregates.items()
    }
    return published._replace(aggregates=aggregates)


class Ending(StrEnum):
    """What `Outcome` might become."""

    SELECTED = "selected"
    ROSTERED = "rostered"
    RECRUITMENT_COMPLETED = "recruitment_completed"
    FILLED_FROM_ROSTER = "filled_from_roster"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class OtherQuestion(Message):
    """Question, with a list of words for options."""

    id: str
    type: Literal["yes_no", "single", "multiple", "number", "date", "text", "criterion", "file"]
    text: dict[str, str]
    options: tuple[str, ...] = ()
    required: bool = True
    eliminatory: bool = False


BESIDE: Final = "Leave it as it is and add an optional field beside it, or raise schema_version and add an upcaster."


class Mutation(NamedTuple):
    """A published event as it is and as somebody changed it, and what the gate says."""

    published: Published
    event: type[Event]
    changed: type[Event]
    sentence: str


MUTATIONS: Final = {
    "renamed": Mutation(
        VACANCIES, VacancyMerged, edited(VacancyMerged, ("into",), part_of=(UUID, ...)),
        "VacancyMerged.into was renamed (→ part_of): readers find it no more. Keep the old name, or raise"
        " schema_version and add an upcaster.",
    ),
    "removed": Mutation(
        VACANCIES, VacancyCancelled, edited(VacancyCancelled, ("reason",)),
        "VacancyCancelled.reason was removed: readers find it no more. Keep it, or raise schema_version and add an"
        " upcaster that leaves it out.",
    ),
    "a new field that is required": Mutation(
        VACANCIES, VacancyCancelled, edited(VacancyCancelled, decided_by=(str, ...)),
        "VacancyCancelled.decided_by is newly required: what was written before lacks it. Give it a default, or raise"
        " schema_version and add an upcaster that fills it in.",
    ),
    "optional to required": Mutation(
        VACANCIES, VacancyCancelled, edited(VacancyCancelled, reason=(str, ...)),
        "VacancyCancelled.reason is newly required: what was written before lacks it. Give it a default, or raise"
        " schema_version and add an upcaster that fills it in.",
    ),
    "required to optional": Mutation(
        SUPPORT, TicketOpened, edited(TicketOpened, number=(str, "")),
        "TicketOpened.number is no longer required: readers count on it. Go on requiring it; leave it as it is and add"
        " an optional field beside it, or raise schema_version and add an upcaster.",
    ),
    "required to nullable": Mutation(
        VACANCIES, VacancyMerged, edited(VacancyMerged, into=(UUID | None, ...)),
        f"VacancyMerged.into can be null: readers do not expect that. {BESIDE}",
    ),
    "nullable to never null": Mutation(
        SUPPORT, TicketOpened, edited(TicketOpened, candidate_id=(UUID, ...)),
        f"TicketOpened.candidate_id can no longer be null: what was written before may be null. {BESIDE}",
    ),
    "int to int or str": Mutation(
        VACANCIES, VacancyPublished, edited(VacancyPublished, version=(int | str, 1)),
        "VacancyPublished.version holds more than it did (integer → integer or string): readers do not expect that."
        f" {BESIDE}",
    ),
    "date to str": Mutation(
        APPLICATIONS, DegreeCatalogueActivated, edited(DegreeCatalogueActivated, effective_on=(str, ...)),
        "DegreeCatalogueActivated.effective_on holds more than it did (date → any text): readers do not expect that."
        f" {BESIDE}",
    ),
    "str to date": Mutation(
        APPLICATIONS, DegreeCatalogueActivated, edited(DegreeCatalogueActivated, edition=(date, ...)),
        "DegreeCatalogueActivated.edition holds less than it did (any text → date): what was written before may hold"
        f" the rest. {BESIDE}",
    ),
    "retyped": Mutation(
        VACANCIES, VacancyPublished, edited(VacancyPublished, job_opening_number=(int, ...)),
        "VacancyPublished.job_opening_number is of another type (string → integer): neither reads what the other"
        f" writes. {BESIDE}",
    ),
    "a new value of a closed list": Mutation(
        APPLICATIONS, ApplicationOutcomeRecorded, edited(ApplicationOutcomeRecorded, outcome=(Ending, ...)),
        'ApplicationOutcomeRecorded.outcome has new values ("postponed"): readers do not know them. Say it in a new'
        " event type or in an optional field, or raise schema_version and add an upcaster.",
    ),
    "a value less": Mutation(
        SUPPORT, TicketClosed, edited(TicketClosed, closed_by=(Literal["agent"], ...)),
        'TicketClosed.closed_by holds less than it did (without "candidate"): what was written before may hold the'
        f" rest. {BESIDE}",
    ),
    "a bound": Mutation(
        VACANCIES, VacancyPublished, edited(VacancyPublished, title=(Annotated[str, Field(max_length=9)], ...)),
        "VacancyPublished.title holds less than it did (maxLength None → 9): what was written before may hold the"
        f" rest. {BESIDE}",
    ),
    "plain to personal": Mutation(
        VACANCIES, VacancyCancelled, edited(VacancyCancelled, reason=(Personal[str], "")),
        "VacancyCancelled.reason is personal now: it leaves encrypted, and readers find it no more. Leave it as it is,"
        " or name it in contracts/personal.json with the reason why it has to be.",
    ),
    "personal to plain": Mutation(
        SUPPORT, TicketOpened, edited(TicketOpened, email=(str, ...)),
        "TicketOpened.email is newly required: what was written before lacks it. Give it a default, or raise"
        " schema_version and add an upcaster that fills it in.",
    ),
    "deep inside": Mutation(
        VACANCIES, VacancyPublished, edited(VacancyPublished, questions=(tuple[OtherQuestion, ...], ())),
        "VacancyPublished.questions[].options[] is of another type (object → string): neither reads what the other"
        f" writes. {BESIDE}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("published", "event", "changed", "sentence"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_change_that_breaks_readers_is_caught_with_one_sentence(
    published: Published, event: type[Event], changed: type[Event], sentence: str
) -> None:
    assert list(event_sentences(published)) == []
    assert list(event_sentences(instead_of(published, event, changed))) == [sentence]


@pytest.mark.parametrize(
    "changed",
    [
        edited(VacancyCancelled, decided_by=(str, "")),
        edited(VacancyCancelled, decided_on=(date | None, None)),
        edited(VacancyCancelled, reason=(str, Field("", description="In other words."))),
        edited(VacancyCancelled, reason=(str, Field("", json_schema_extra={OPEN: ["budget"]}))),
        edited(VacancyCancelled, decided_by=(Personal[str], ...)),
    ],
)
def test_what_nobody_stumbles_over_may_land(changed: type[Event]) -> None:
    assert list(event_sentences(instead_of(VACANCIES, VacancyCancelled, changed))) == []


def test_a_list_that_is_declared_open_may_have_new_values() -> None:
    values: tuple[Any, Any] = ({OPEN: ["a"]}, {OPEN: ["b"]})
    before, after = (edited(VacancyCancelled, kind=(str, Field(json_schema_extra=of))) for of in values)
    assert changes(schema_of(before), schema_of(after), "VacancyCancelled") == []


def test_a_new_version_needs_an_upcaster_and_leaves_the_former_one_as_it_was() -> None:
    changed = edited(VacancyCancelled, reason=(str, ...))
    changed.schema_version = 2
    raised = instead_of(VACANCIES, VacancyCancelled, changed)
    [sentence] = event_sentences(raised)
    assert sentence.startswith("VacancyCancelled has no upcaster from version 1: add it to PUBLISHED.upcasters")
    lifted = raised._replace(
        upcasters={**VACANCIES.upcasters, Version("VacancyCancelled", 1): lambda data: {"reason": "", **data}}
    )
    assert list(event_sentences(lifted)) == []


def test_a_type_stays_published_and_a_version_never_goes_back(tmp_path: Path) -> None:
    aggregates = {"vacancy": tuple(each for each in VACANCIES.events if each is not VacancyMerged)}
    [gone] = event_sentences(VACANCIES._replace(aggregates=aggregates))
    assert gone.startswith("VacancyMerged is not published any more")
    schema = tmp_path / "vacancies" / "schemas" / "VacancyMerged" / "2.json"
    schema.parent.mkdir(parents=True)
    schema.write_text(json.dumps(schema_of(VacancyMerged)))
    [lower] = [each for each in event_sentences(VACANCIES, tmp_path) if "VacancyMerged" in each]
    assert lower.startswith("VacancyMerged has version 1, and version 2 was published: schema_version never goes back")


def test_what_is_redacted_from_now_on_is_a_field_that_is_gone() -> None:
    [sentence] = event_sentences(SUPPORT._replace(redacted=(TicketClosed,)))
    assert sentence.startswith("TicketClosed.personal was removed")


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """What was kept of TicketClosed before personal fields were encrypted: they stood in it, with a mark."""
    schema = tmp_path / "support" / "schemas" / "TicketClosed" / "1.json"
    schema.parent.mkdir(parents=True)
    plain = {each.__name__: each for each in SUPPORT.events}["TicketClosed"].model_json_schema(mode="serialization")
    for name in personal_fields(TicketClosed):
        plain["properties"][name][MARK] = True
    schema.write_text(json.dumps(plain))
    return tmp_path


def test_what_was_marked_as_personal_may_leave_encrypted_and_nothing_else_may_go_with_it(marked: Path) -> None:
    assert list(event_sentences(SUPPORT, marked)) == []
    fewer = instead_of(SUPPORT, TicketClosed, edited(TicketClosed, ("answered",)))
    [sentence] = event_sentences(fewer, marked)
    assert sentence.startswith("TicketClosed.answered was removed: readers find it no more.")
    now_personal = instead_of(SUPPORT, TicketClosed, edited(TicketClosed, closed_by=(Personal[str], ...)))
    [sentence] = event_sentences(now_personal, marked)
    assert sentence.startswith("TicketClosed.closed_by is personal now: it leaves encrypted, and readers find it no ")
    gone = instead_of(SUPPORT, TicketClosed, edited(TicketClosed, ("email",)))
    assert list(event_sentences(gone, marked)) == []


def test_what_became_personal_is_decided_by_name_and_with_a_reason(marked: Path) -> None:
    now_personal = instead_of(SUPPORT, TicketClosed, edited(TicketClosed, closed_by=(Personal[str], ...)))
    (marked / "personal.json").write_text(json.dumps({"TicketClosed.closed_by": "It names somebody."}))
    assert list(event_sentences(now_personal, marked)) == []


@pytest.mark.parametrize(("field", "reason"), decided().items())
def test_what_was_decided_to_be_personal_is(field: str, reason: str) -> None:
    events = {event.__name__: event for service in SERVICES.values() for event in service.published.events}
    name, _, part = field.partition(".")
    assert name in events, f"{name} is not published: take {field} out of contracts/personal.json"
    assert part in personal_fields(events[name]), f"{field} is not personal: take it out of contracts/personal.json"
    assert reason


def test_topics_and_what_is_on_them_stay() -> None:
    old = asyncapi_of(VACANCIES, (), SETTINGS)
    moved = asyncapi_of(VACANCIES._replace(aggregates={"notice": VACANCIES.events}), (), SETTINGS)
    assert [*channel_sentences(old, moved)] == [
        "The topic postulo.vacancies.vacancy.v1 is gone: subscribers read it from the beginning. Keep it."
    ]
    fewer = asyncapi_of(VACANCIES._replace(aggregates={"vacancy": (VacancyPublished,)}), (), SETTINGS)
    [left] = channel_sentences(old, fewer)
    assert "VacancyMerged left the topic postulo.vacancies.vacancy.v1" in left.replace(",", "")


def test_the_envelope_stays() -> None:
    old = asyncapi_of(VACANCIES, (), SETTINGS)
    new = json.loads(json.dumps(old))
    headers = new["components"]["messageTraits"]["CloudEvents"]["headers"]
    del headers["properties"]["ce_correlationid"]
    headers["required"].remove("ce_correlationid")
    [sentence] = channel_sentences(old, new)
    assert sentence.startswith("Envelope.ce_correlationid was removed: readers find it no more.")
