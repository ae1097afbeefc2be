"""What follows by itself."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.accommodation import ACCOMMODATION, EraseAccommodation
from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import FollowVacancy
from services.applications.domain.library import LIBRARY, EraseDocuments
from services.applications.domain.steps import to_discard
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    Status,
    VacancyUntargeted,
    WithdrawalReason,
)
from services.applications.projections import APPLICATION, APPLICATIONS_OF, FOLLOWERS, VACANCY
from services.applications.projections import CANDIDATE as CANDIDATE_VIEW
from services.applications.reactions.ending import DISCARD, DISCARD_AGAIN_AFTER, FORGET
from services.applications.reactions.following import FOLLOW, PART, SWEEP, SWEEP_AFTER
from services.applications.reactions.mails import CANCELLATION, CONFIRMATION, LOST, STATUS
from services.identity.events import AccountClosed
from services.vacancies.events import VacancyAmended, VacancyCancelled
from shared.model.message import Event
from shared.model.parts import AT_ONCE, part_of
from shared.model.reaction import Do, Effect, Known, Reaction, Schedule, Send, Timer, TimerRule
from shared.model.testing import NOON, recorded
from shared.web.environment import Web
from shared.web.mails import render_mail
from tests.applications.test_projections import folded, notice, of, vacancy
from tests.applications.values import ANNA, CANDIDATE, DRAFT, OTHER, VACANCY_ID, submitted

STREAM = f"vacancy-{VACANCY_ID}"
WEB = Web.of("applications")


def known(reaction: Reaction, event: Event, stream: str, **documents: Any) -> Known:
    """The documents that the reaction asks for, None where there is none."""
    needs = reaction.needs(recorded(event, stream))
    return Known({need: documents.get(need.view.name, {}).get(need.key) for need in needs})


def views(vacancy_document: Any) -> dict[str, dict[str, Any]]:
    followers = {part_of(VACANCY_ID, key): {"applications": [str(key)]} for key in (DRAFT, OTHER)}
    return {VACANCY.name: {str(VACANCY_ID): vacancy_document}, FOLLOWERS.name: followers}


@pytest.mark.rule("R52")
def test_a_confirmation_follows_in_the_candidates_language_and_only_once() -> None:
    event = recorded(submitted()[-1], f"application-{DRAFT}", 20)
    [mail] = CONFIRMATION.react(event, Known({}))
    [again] = CONFIRMATION.react(event, Known({}))
    assert isinstance(mail, Send)
    assert (mail.to, mail.language, mail.template) == ("anna@example.org", "fr", "applications/mail/submitted")
    assert mail.params["reference"] == submitted()[-1].reference  # type: ignore[union-attr]
    assert mail == again


def test_a_cancelled_vacancy_is_told_in_a_mail_of_its_own() -> None:
    document = folded(APPLICATION, of(*submitted()), DRAFT)
    stream = f"application-{DRAFT}"
    ended = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")
    docs = {APPLICATION.name: {str(DRAFT): document}}
    [mail] = CANCELLATION.react(recorded(ended, stream), known(CANCELLATION, ended, stream, **docs))
    assert isinstance(mail, Send)
    assert (mail.to, mail.params["reason"]) == ("anna@example.org", "No budget")
    chosen = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.SELECTED)
    assert list(CANCELLATION.react(recorded(chosen, stream), known(CANCELLATION, chosen, stream, **docs))) == []


WITHDRAWN = ApplicationWithdrawn(candidate_id=ANNA, reason=WithdrawalReason.THE_PLACE, explanation="Too far")
MOVES: tuple[tuple[Event, str, str], ...] = (
    (ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Long list"), "Under consideration", "Long list"),
    (ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.ROSTERED, reason="Endorsed"), "Rostered", "Endorsed"),
    (WITHDRAWN, "Withdrawn", ""),
)


@pytest.mark.parametrize(("event", "status", "reason"), MOVES, ids=str)
def test_every_other_change_of_status_is_told_by_mail_with_its_reason(event: Any, status: str, reason: str) -> None:
    """HR's reason: the candidate knows their own."""
    stream = f"application-{DRAFT}"
    docs = {APPLICATION.name: {str(DRAFT): folded(APPLICATION, of(*submitted()), DRAFT)}}
    [mail] = STATUS.react(recorded(event, stream), known(STATUS, event, stream, **docs))
    assert isinstance(mail, Send)
    assert (mail.to, mail.params["status"]) == ("anna@example.org", status)
    assert mail.params["reason"] == reason
    for language in ("en", "fr"):
        rendered = render_mail(mail.template, language, {"public_url": "https://example.org", **mail.params}, WEB)
        assert mail.params["title"] in rendered.subject
        assert all(reason in text and "Too far" not in text for text in (rendered.text, rendered.html))


def test_whoever_prepares_an_application_is_told_that_the_vacancy_is_cancelled() -> None:
    lost = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    stream = f"application-{DRAFT}"
    gone = vacancy(notice(), VacancyCancelled(reason="No budget"))
    who = {**CANDIDATE.model_dump(mode="json"), "id": str(ANNA)}
    docs: dict[str, Any] = {VACANCY.name: {str(VACANCY_ID): gone}, CANDIDATE_VIEW.name: {str(ANNA): who}}
    [mail] = LOST.react(recorded(lost, stream), known(LOST, lost, stream, **docs))
    assert isinstance(mail, Send)
    assert (mail.to, mail.language, mail.params["reason"]) == ("anna@example.org", "fr", "No budget")
    rendered = render_mail(mail.template, "fr", {"public_url": "https://example.org", **mail.params}, WEB)
    assert all("No budget" in text and f"/applications/{DRAFT}" in text for text in (rendered.text, rendered.html))
    closed = {**docs, CANDIDATE_VIEW.name: {}}
    assert list(LOST.react(recorded(lost, stream), known(LOST, lost, stream, **closed))) == []
    with pytest.raises(LookupError):
        LOST.react(recorded(lost, stream), known(LOST, lost, stream))


def test_a_view_that_has_not_caught_up_is_waited_for() -> None:
    ended = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED)
    with pytest.raises(LookupError):
        CANCELLATION.react(recorded(ended, f"application-{DRAFT}"), known(CANCELLATION, ended, f"application-{DRAFT}"))
    gone = VacancyCancelled()
    with pytest.raises(LookupError):
        FOLLOW.react(recorded(gone, STREAM), known(FOLLOW, gone, STREAM))


@pytest.mark.parametrize(
    "event", [VacancyCancelled(reason="No budget"), notice(VacancyAmended, version=2)], ids=lambda e: type(e).__name__
)
def test_every_application_follows_its_vacancy_and_is_looked_at_again_later(event: Any) -> None:
    *followed, again = FOLLOW.react(recorded(event, STREAM), known(FOLLOW, event, STREAM, **views(vacancy(notice()))))
    assert {do.key for do in followed if isinstance(do, Do)} == {str(DRAFT), str(OTHER)}
    for do in followed:
        assert isinstance(do, Do)
        assert do.decider is RULES
        assert isinstance(do.command, FollowVacancy)
        cancelled = isinstance(event, VacancyCancelled)
        assert do.command.vacancy.state == ("cancelled" if cancelled else "open")
        assert do.command.vacancy.version == (1 if cancelled else 2)
    assert isinstance(again, Schedule)
    assert (again.due, again.rule) == (NOON + SWEEP_AFTER, SWEEP.name)


def test_the_later_look_uses_what_is_known_by_then() -> None:
    document = vacancy(notice(), VacancyCancelled(reason="No budget"))
    timer = Timer("follow", {"vacancy_id": str(VACANCY_ID)}, NOON + timedelta(minutes=2))
    followed = fired(SWEEP, timer, views(document))
    assert {do.command.reason for do in followed if isinstance(do, Do)} == {"No budget"}  # type: ignore[attr-defined]
    with pytest.raises(LookupError):
        fired(SWEEP, timer, {})


def fired(rule: TimerRule, timer: Timer, documents: Mapping[str, Mapping[str, Any]]) -> list[Effect]:
    """What the timer leads to, given the documents it asks for."""
    known = Known({need: documents.get(need.view.name, {}).get(need.key) for need in rule.needs(timer)})
    return list(rule.fire(timer, known))


def crowd(vacancy_document: Any) -> dict[str, dict[str, Any]]:
    """One application more than follow at once, spread over the parts."""
    parts: dict[str, list[str]] = {}
    for number in range(AT_ONCE + 1):
        parts.setdefault(part_of(VACANCY_ID, UUID(int=number)), []).append(str(UUID(int=number)))
    followers = {part: {"applications": applications} for part, applications in parts.items()}
    return {VACANCY.name: {str(VACANCY_ID): vacancy_document}, FOLLOWERS.name: followers}


def timer_of(effect: Effect) -> Timer:
    assert isinstance(effect, Schedule)
    return Timer(effect.key, json.loads(json.dumps(effect.data)), effect.due)


@pytest.mark.parametrize(
    "event", [VacancyCancelled(reason="No budget"), notice(VacancyAmended, version=2)], ids=lambda e: type(e).__name__
)
def test_many_applications_follow_part_by_part_each_once_and_so_they_do_later(event: Any) -> None:
    before, after = crowd(vacancy(notice())), crowd(vacancy(notice(), event))
    *parts, again = FOLLOW.react(recorded(event, STREAM), known(FOLLOW, event, STREAM, **before))
    assert {effect.rule for effect in parts if isinstance(effect, Schedule)} == {PART.name}
    assert len({timer_of(part).key for part in parts}) == len(parts) == len(before[FOLLOWERS.name])
    for timer in map(timer_of, parts):
        assert [need.view for need in PART.needs(timer)] == [VACANCY, FOLLOWERS]
    followed = [do for part in parts for do in fired(PART, timer_of(part), after)]
    assert sorted(str(do.key) for do in followed if isinstance(do, Do)) == [
        str(UUID(int=n)) for n in range(AT_ONCE + 1)
    ]
    facts = {(do.command.vacancy.state, do.command.vacancy.version) for do in followed}  # type: ignore[union-attr]
    assert facts == {("cancelled", 1) if isinstance(event, VacancyCancelled) else ("open", 2)}
    assert {timer_of(part).key for part in fired(SWEEP, timer_of(again), after)} == {timer_of(p).key for p in parts}


@pytest.mark.parametrize(
    "event", [VacancyCancelled(reason="No budget"), notice(VacancyAmended, version=2)], ids=lambda e: type(e).__name__
)
def test_a_part_waits_until_the_change_it_follows_is_known(event: Any) -> None:
    before = crowd(vacancy(notice()))
    part, *_ = FOLLOW.react(recorded(event, STREAM), known(FOLLOW, event, STREAM, **before))
    with pytest.raises(LookupError):
        fired(PART, timer_of(part), before)


def test_the_drafts_of_a_closed_account_are_discarded_now_and_once_more_and_what_was_submitted_stays() -> None:
    rows = [{"id": str(DRAFT), "status": "draft"}, {"id": str(OTHER), "status": "applied"}]
    views = {APPLICATIONS_OF.name: {str(ANNA): {"applications": rows}}}
    closed, stream = AccountClosed(), f"account-{ANNA}"
    *now, later = FORGET.react(recorded(closed, stream), known(FORGET, closed, stream, **views))
    needed = [Do(ACCOMMODATION, row["id"], EraseAccommodation()) for row in rows]
    kept = Do(LIBRARY, str(ANNA), EraseDocuments(candidate_id=ANNA))
    assert now == [*to_discard(DRAFT, ANNA), *needed, kept]
    assert isinstance(later, Schedule)
    assert (later.due, later.rule) == (NOON + DISCARD_AGAIN_AFTER, DISCARD.name)
    timer = Timer(later.key, later.data, later.due)
    documents = {need: views[need.view.name].get(need.key) for need in DISCARD.needs(timer)}
    assert list(DISCARD.fire(timer, Known(documents))) == now
    assert list(DISCARD.fire(timer, Known(dict.fromkeys(DISCARD.needs(timer))))) == [kept]
