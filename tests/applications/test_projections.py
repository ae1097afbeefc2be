"""The views: the same as the rules see, and what others have told."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.inputs import CandidateFacts, VacancyFacts
from services.applications.domain.state import restored
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftCreated,
    DraftDiscarded,
    Status,
    VacancyUntargeted,
)
from services.applications.projections import (
    APPLICATION,
    APPLICATIONS_OF,
    CANDIDATE,
    FOLLOWERS,
    VACANCY,
)
from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.profile.events import (
    ContactDetailsSaved,
    FamilySituationSaved,
    ProfileBecameIncomplete,
    ProfileClosed,
    ProfileCompleted,
    ProfileCompletenessChanged,
)
from services.vacancies.events import (
    DeadlineExtended,
    DutyStation,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyPublished,
)
from shared.model.message import Event, Recorded
from shared.model.parts import part_of, parts_of
from shared.model.testing import NOON, history
from tests.applications.test_draft import added
from tests.applications.values import (
    ANNA,
    CREATED,
    DEGREE,
    DRAFT,
    OTHER,
    READY,
    TARGETED,
    VACANCY_ID,
    YES_NO,
    file,
    saved,
    submitted,
)

MOVED = ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Longlisted")


def folded(view: Any, events: Sequence[Recorded[Any]], key: object) -> Any:
    """The document under this key, through JSON after each event as the kernel keeps it."""
    document = None
    for event in events:
        if type(event.data) in view.on and str(key) in list(view.keys(event)):
            document = view.evolve(document, event)
            document = orjson.loads(orjson.dumps(document)) if document is not None else None
    return document


def of(*events: Event, key: UUID = DRAFT) -> list[Recorded[Any]]:
    return history(f"application-{key}", *events)


PASTS = {
    "draft": (CREATED,),
    "copy": (DraftCreated(candidate_id=ANNA, source_application_id=OTHER), saved("letter", carried_over=True)),
    "ready": READY,
    "with a file": (*READY, added(file())),
    "untargeted": (*READY, VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)),
    "submitted": submitted(),
    "considered": (*submitted(), MOVED),
    "decided": (*submitted(), MOVED, ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.SELECTED)),
    "withdrawn": (*submitted(), ApplicationWithdrawn(candidate_id=ANNA)),
}


@pytest.mark.parametrize("past", PASTS.values(), ids=PASTS)
def test_pages_see_exactly_what_rules_see(past: Sequence[Any]) -> None:
    document = folded(APPLICATION, of(*past), DRAFT)
    assert restored(document) == RULES.fold(past)


@pytest.mark.rule("R26")
def test_the_timeline_dates_each_status() -> None:
    past = (*submitted(), MOVED)
    document = folded(APPLICATION, of(*past), DRAFT)
    assert [(step["status"], step["reason"]) for step in document["timeline"]] == [
        ("draft", ""),
        ("applied", ""),
        ("under_consideration", "Longlisted"),
    ]
    assert document["timeline"][-1]["at"] == (NOON + timedelta(minutes=len(past) - 1)).isoformat()


def test_a_discarded_draft_is_in_no_view() -> None:
    past = of(CREATED, DraftDiscarded(candidate_id=ANNA))
    assert folded(APPLICATION, past, DRAFT) is None
    assert folded(APPLICATIONS_OF, past, ANNA) == {"applications": []}


@pytest.mark.rule("R53")
@pytest.mark.rule("R41")
def test_all_applications_are_listed_with_their_vacancy_the_last_created_first() -> None:
    first, second = of(*submitted()), history(f"application-{OTHER}", CREATED, start=NOON + timedelta(hours=1))
    rows = folded(APPLICATIONS_OF, [*first, *second], ANNA)["applications"]
    assert [row["id"] for row in rows] == [str(OTHER), str(DRAFT)]
    assert (rows[0]["status"], rows[0]["job_opening_number"], rows[0]["submitted_at"]) == ("draft", "", None)
    assert (rows[1]["status"], rows[1]["job_opening_number"]) == ("applied", "26-ECO-1")
    assert rows[1]["created_at"] == NOON.isoformat() < rows[1]["submitted_at"]


def test_a_vacancys_applications_are_kept_in_small_parts() -> None:
    key = part_of(VACANCY_ID, DRAFT)
    assert key in parts_of(VACANCY_ID)
    assert len(set(parts_of(VACANCY_ID))) == 256
    assert folded(FOLLOWERS, of(CREATED, TARGETED, TARGETED), key) == {"applications": [str(DRAFT)]}


REGISTERED = CandidateRegistered(
    user_code="AMULLER1",
    email="anna@example.org",
    title="ms",
    given_names="Anna",
    family_name="Müller",
    birth_date=date(1990, 11, 23),
    language="fr",
    link="none",
)


def known(*events: Event) -> Any:
    return folded(CANDIDATE, history(f"account-{ANNA}", *events), ANNA)


def test_a_candidate_is_known_from_identity_and_profile_in_any_order() -> None:
    contact = ContactDetailsSaved(candidate_id=ANNA, values={"phone": "+33 1 23 45 67 89"})
    done = (ProfileCompletenessChanged(candidate_id=ANNA, percent=100), ProfileCompleted(candidate_id=ANNA))
    one, other = known(REGISTERED, contact, *done), known(contact, *done, REGISTERED)
    assert one == other
    facts = CandidateFacts.model_validate(one)
    assert (facts.id, facts.language, facts.birth_date, facts.complete) == (ANNA, "fr", "1990-11-23", True)
    assert facts.profile == {"contact": {"phone": "+33 1 23 45 67 89"}}


def test_a_profile_can_become_incomplete_again() -> None:
    lacking = ProfileBecameIncomplete(candidate_id=ANNA, missing=("family.marital_status",))
    fell = ProfileCompletenessChanged(candidate_id=ANNA, percent=97)
    family = FamilySituationSaved(candidate_id=ANNA, values={})
    facts = known(REGISTERED, ProfileCompleted(candidate_id=ANNA), family, fell, lacking)
    assert (facts["complete"], facts["percent"], facts["missing"]) == (False, 97, ["family.marital_status"])


def test_the_address_follows_the_account_and_a_closed_one_is_forgotten() -> None:
    changed = known(REGISTERED, EmailVerified(email="new@example.org"))
    assert changed["email"] == "new@example.org"
    gone = ProfileClosed(candidate_id=ANNA)
    for last, late in ((AccountClosed(), gone), (gone, AccountClosed())):
        between = FamilySituationSaved(candidate_id=ANNA, values={"marital_status": "single"})
        assert known(REGISTERED, last, between, late) is None


def notice(kind: type[Any] = VacancyPublished, **changes: Any) -> Any:
    content = {
        "job_opening_number": "26-ECO-1",
        "language": "en",
        "title": "Economist",
        "description": "<p>Trade.</p>",
        "network": "ECONET",
        "family": "ECO",
        "category": "PD",
        "level": "P-3",
        "duty_stations": (DutyStation(code="GENEVA"),),
        "department": "DESA",
        "opens_at": NOON,
        "closes_at": NOON + timedelta(days=30),
        "questions": (YES_NO, DEGREE),
    }
    return kind(**{**content, **changes})


def vacancy(*events: Event) -> Any:
    return folded(VACANCY, history(f"vacancy-{VACANCY_ID}", *events), VACANCY_ID)


def test_a_vacancy_is_known_with_whose_it_is_also_if_its_events_are_older_than_organisations() -> None:
    amended = VacancyAmended.model_validate({**notice().model_dump(), "title": "Other", "version": 2})
    for organisation, actor, owner in (
        ("OHRM", "machine:hr-geneva", "OHRM"),
        ("", "machine:hr-geneva", "hr-geneva"),
        ("", "agent:5e1c", ""),
    ):
        published = notice().model_copy(update={"organisation": organisation})
        events = history(f"vacancy-{VACANCY_ID}", published, amended, VacancyClosed())
        by = (actor, "machine:another", "")
        recorded = [event._replace(actor=who) for event, who in zip(events, by, strict=True)]
        assert folded(VACANCY, recorded, VACANCY_ID)["organisation"] == owner


def test_a_vacancy_that_was_learnt_before_organisations_is_nobodys_until_the_view_is_rebuilt() -> None:
    [published, amended] = history(
        f"vacancy-{VACANCY_ID}", notice(), VacancyAmended.model_validate(notice().model_dump())
    )
    learnt = VACANCY.evolve(None, published)
    assert learnt is not None
    del learnt["organisation"]
    after = VACANCY.evolve(learnt, amended._replace(actor="machine:another"))
    assert after is not None
    assert after["organisation"] == ""


def test_a_vacancy_is_known_with_its_questions_and_its_deadline() -> None:
    facts = VacancyFacts.model_validate(vacancy(notice()))
    assert (facts.id, facts.state, facts.questions) == (VACANCY_ID, "open", (YES_NO, DEGREE))
    later = NOON + timedelta(days=60)
    assert VacancyFacts.model_validate(vacancy(notice(), DeadlineExtended(closes_at=later))).closes_at == later
    assert vacancy(notice(), VacancyClosed())["state"] == "closed"
    assert vacancy(notice(), VacancyClosed(), DeadlineExtended(closes_at=later))["state"] == "open"


def test_an_amendment_changes_what_is_said_but_reopens_nothing() -> None:
    amended = notice(VacancyAmended, title="Senior economist", version=2)
    after = vacancy(notice(), VacancyCancelled(reason="No budget"), amended)
    assert (after["title"], after["version"], after["state"]) == ("Senior economist", 2, "cancelled")
