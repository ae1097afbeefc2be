"""Mails about applications: whom they reach, what they say, and that a replay repeats none."""

from typing import Any

import pytest

from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    EquivalenceErrorReported,
    Status,
    VacancyUntargeted,
)
from services.applications.projections import APPLICATION, CANDIDATE, VACANCY
from services.applications.reactions.mails import CANCELLATION, CONFIRMATION, CONSULTATION, LOST, STATUS
from services.vacancies.events import VacancyCancelled
from shared.model.message import Event
from shared.model.reaction import Reaction, Send
from shared.model.testing import NOON
from tests.applications.degrees import INSA
from tests.applications.rules.effects import effects, mail
from tests.applications.test_projections import folded, notice, of, vacancy
from tests.applications.values import (
    ANNA,
    CREATED,
    DRAFT,
    LOADED,
    TARGETED,
    VACANCY_ID,
    submitted,
)
from tests.applications.values import (
    CANDIDATE as WHO,
)

SUBMITTED = submitted()
SENT = SUBMITTED[-1]
MOVED = ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Long list")
CANCELLED = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")
UNTARGETED = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
DOCUMENTS: dict[str, dict[str, Any]] = {
    APPLICATION.name: {str(DRAFT): folded(APPLICATION, of(*SUBMITTED), DRAFT)},
    VACANCY.name: {str(VACANCY_ID): vacancy(notice(), VacancyCancelled(reason="No budget"))},
    CANDIDATE.name: {str(ANNA): WHO.model_dump(mode="json")},
}


def edited(view: Any, key: object, **changes: Any) -> dict[str, Any]:
    """The documents, with these changes in one of them."""
    return {**DOCUMENTS, view.name: {str(key): {**DOCUMENTS[view.name][str(key)], **changes}}}


@pytest.mark.rule("R52")
def test_the_confirmation_quotes_what_was_submitted() -> None:
    assert isinstance(SENT, ApplicationSubmitted)
    assert mail(CONFIRMATION, SENT, {}).params == {
        "name": "Anna Müller",
        "application_id": str(DRAFT),
        "number": "26-ECO-1",
        "title": "Economist",
        "reference": SENT.reference,
        "submitted_at": NOON.isoformat(),
    }


@pytest.mark.rule("R52")
@pytest.mark.parametrize(("given_names", "family_name", "name"), [("", "Suharto", "Suharto"), ("Plato", "", "Plato")])
def test_whoever_has_one_name_is_called_by_it(given_names: str, family_name: str, name: str) -> None:
    assert isinstance(SENT, ApplicationSubmitted)
    who = {**SENT.snapshot["candidate"], "given_names": given_names, "family_name": family_name}
    event = SENT.model_copy(update={"snapshot": {**SENT.snapshot, "candidate": who}})
    assert mail(CONFIRMATION, event, {}).params["name"] == name
    mononym = edited(CANDIDATE, ANNA, given_names=given_names, family_name=family_name)
    assert mail(LOST, UNTARGETED, mononym).params["name"] == name


STATUS_MAILS: tuple[tuple[Event, str], ...] = (
    (MOVED, "Long list"),
    (ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.SELECTED), ""),
    (ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.RECRUITMENT_COMPLETED, reason="Another"), "Another"),
    (ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.FILLED_FROM_ROSTER), ""),
    (ApplicationWithdrawn(candidate_id=ANNA), ""),
)


@pytest.mark.parametrize(("event", "reason"), STATUS_MAILS, ids=str)
def test_each_change_of_status_is_told_once_with_its_reason_and_its_meaning(event: Event, reason: str) -> None:
    told = mail(STATUS, event, DOCUMENTS)
    assert (told.template, told.language, told.params["reason"]) == ("applications/mail/status", "fr", reason)
    assert told.params["meaning"].endswith(".")
    if isinstance(event, ApplicationOutcomeRecorded):
        assert effects(CANCELLATION, event, DOCUMENTS) == []


def test_a_cancellation_is_told_in_one_mail_and_not_as_a_change_of_status_besides() -> None:
    assert effects(STATUS, CANCELLED, DOCUMENTS) == []
    told = mail(CANCELLATION, CANCELLED, DOCUMENTS)
    assert (told.template, told.language, told.params["reason"]) == (
        "applications/mail/cancelled", "fr", "No budget",
    )  # fmt: skip


@pytest.mark.parametrize("event", [event for event, _ in STATUS_MAILS], ids=str)
def test_no_change_of_status_is_told_before_the_submission_is_known(event: Event) -> None:
    draft = folded(APPLICATION, of(CREATED, TARGETED, LOADED), DRAFT)
    for behind in ({}, {APPLICATION.name: {str(DRAFT): draft}}):
        with pytest.raises(LookupError):
            effects(STATUS, event, behind)


MAILS: tuple[tuple[Reaction, Event], ...] = (
    (CONFIRMATION, SENT),
    (STATUS, MOVED),
    (CANCELLATION, CANCELLED),
    (LOST, UNTARGETED),
)


@pytest.mark.rule("R52")
@pytest.mark.parametrize(("reaction", "event"), MAILS, ids=lambda value: getattr(value, "name", ""))
def test_a_replayed_event_repeats_its_mail_and_a_later_one_is_another(reaction: Reaction, event: Event) -> None:
    first, again, later = (mail(reaction, event, DOCUMENTS, version) for version in (1, 1, 2))
    assert first == again
    assert later.id != first.id


def test_mails_about_the_same_event_have_ids_of_their_own() -> None:
    ids = {mail(reaction, event, DOCUMENTS, 7).id for reaction, event in MAILS}
    assert len(ids) == len(MAILS)


@pytest.mark.parametrize("gone", [{"email": ""}, None], ids=["no address", "closed account"])
def test_a_draft_of_somebody_who_cannot_be_reached_loses_its_vacancy_silently(gone: Any) -> None:
    without = {**DOCUMENTS, CANDIDATE.name: {}} if gone is None else edited(CANDIDATE, ANNA, **gone)
    assert effects(LOST, UNTARGETED, without) == []


def test_a_draft_that_lost_its_vacancy_is_told_of_by_the_vacancy_as_it_is_known_without_a_reason_too() -> None:
    cancelled = {**DOCUMENTS, VACANCY.name: {str(VACANCY_ID): vacancy(notice(title="Statistician"))}}
    told = mail(LOST, UNTARGETED, cancelled)
    assert (told.params["title"], told.params["number"], told.params["reason"]) == ("Statistician", "26-ECO-1", "")


REPORTED = EquivalenceErrorReported(
    candidate_id=ANNA,
    application_id=DRAFT,
    diploma=INSA.model_copy(update={"title": "Diplôme\n d’ingénieur\r\nBcc: x@example.org"}),
    proposed=None,
    entry_id="",
    claimed="doctorat",
    explanation="Eight years",
    name="Anna Müller",
    email="anna@example.org",
    user_code="AMULLER1",
    office="office@example.org",
)


@pytest.mark.rule("R72")
def test_the_office_reads_a_report_in_its_own_language_and_on_single_lines() -> None:
    [told] = effects(CONSULTATION, REPORTED, {}, "report-1")
    assert isinstance(told, Send)
    assert (told.to, told.language) == ("office@example.org", "en")
    assert told.params["title"] == "Diplôme d’ingénieur Bcc: x@example.org"
    assert (told.params["country"], told.params["proposed"], told.params["claimed"]) == ("France", "", "Doctorate")
    assert told.params["explanation"] == "Eight years"
