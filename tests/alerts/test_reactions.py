"""What follows from a vacancy, a match and the passing of time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.alerts.domain import (
    QUOTA,
    REMINDER,
    SEARCH,
    VALID,
    DeleteSearch,
    ExpireSearch,
    GiveUpPlaces,
    RecordMatch,
    SendDigest,
    WarnOfExpiry,
)
from services.alerts.events import (
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    PlaceFreed,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenewed,
    VacancyMatched,
)
from services.alerts.projections import ACCOUNTS, SEARCHES, VACANCIES, search_key
from services.alerts.reactions.searches import (
    ANNOUNCE,
    DELETE,
    DIGEST,
    FEW,
    FORGET,
    INDEX,
    KEEP_TIME,
    MATCH,
    REMIND,
    SLICE,
    TIMERS,
    next_digest,
)
from services.identity.events import AccountClosed
from services.vacancies.events import VacancyAmended, VacancyCancelled
from shared.model.message import Event, Recorded
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Send, Timer, Unschedule
from shared.model.testing import NOON, history, recorded
from shared.vocabulary.search import Criteria
from tests.alerts.test_projections import document
from tests.alerts.values import (
    ADDRESS,
    ANNA,
    AT_ONCE,
    DAILY,
    LINK,
    OTHER_VACANCY,
    SEARCH_ID,
    STREAM,
    VACANCY_ID,
    saved,
    vacancy,
)


def effects(reaction: Reaction, event: Recorded[Any], documents: dict[Need, Any] | None = None) -> list[Effect]:
    needs = set(reaction.needs(event))
    assert needs <= set(documents or {}), "the reaction asks for what the test does not give"
    return list(reaction.react(event, Known({need: (documents or {})[need] for need in needs})))


def matched(event: Event, *searches: Recorded[Any], at: datetime = NOON) -> list[Effect]:
    """What a vacancy's event leads to, given what happened to saved searches."""
    index = INDEX.start()
    for each in searches:
        INDEX.fold(index, each)
    return list(MATCH.react(recorded(event, f"vacancy-{VACANCY_ID}", at=at), Known({}, {INDEX.name: index})))


RECORD = Do(SEARCH, str(SEARCH_ID), RecordMatch(vacancy_id=VACANCY_ID, closes_at=NOON + timedelta(days=30)))


def test_a_vacancy_is_recorded_with_the_searches_it_fits() -> None:
    other = recorded(saved(criteria=Criteria(keywords="juriste")), "search-other")
    assert matched(vacancy(), *history(STREAM, saved()), other) == [RECORD]


@pytest.mark.rule("R51")
def test_a_galaxy_vacancy_never_reaches_a_search() -> None:
    assert matched(vacancy(source="galaxy"), *history(STREAM, saved())) == []
    assert matched(VacancyAmended(**vacancy(source="galaxy").model_dump()), *history(STREAM, saved())) == []


def test_a_vacancy_whose_deadline_has_passed_is_not_announced() -> None:
    assert matched(vacancy(), *history(STREAM, saved()), at=NOON + timedelta(days=30)) == []


def test_an_amended_vacancy_can_come_to_fit() -> None:
    assert matched(VacancyAmended(**vacancy().model_dump()), *history(STREAM, saved())) == [RECORD]


@pytest.mark.rule("R49")
def test_expired_and_deleted_searches_are_not_asked_and_renewed_ones_are() -> None:
    expired, deleted = SearchExpired(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA)
    renewed = SearchRenewed(candidate_id=ANNA, expires_at=NOON + VALID)
    assert matched(vacancy(), *history(STREAM, saved(), expired)) == []
    assert matched(vacancy(), *history(STREAM, saved(), expired, renewed)) == [RECORD]
    assert matched(vacancy(), *history(STREAM, saved(), deleted)) == []


def test_many_searches_that_a_vacancy_fits_are_recorded_slice_by_slice_each_once() -> None:
    searches = [recorded(saved(), f"search-{number}") for number in range(SLICE + 1)]
    timers = [effect for effect in matched(vacancy(), *searches) if isinstance(effect, Schedule)]
    assert [len(timer.data["search_ids"]) for timer in timers] == [SLICE, 1]
    assert len({timer.key for timer in timers}) == 2
    assert all(timer.due == NOON for timer in timers)
    fired = [effect for timer in timers for effect in fire(timer)]
    command = RECORD.command
    assert sorted(fired, key=lambda do: int(str(do.key))) == [Do(SEARCH, str(n), command) for n in range(SLICE + 1)]
    assert matched(vacancy(), *searches) == timers, "a replay sets the same timers"


def test_few_searches_are_recorded_at_once() -> None:
    searches = [recorded(saved(), f"search-{number}") for number in range(FEW)]
    assert {type(effect) for effect in matched(vacancy(), *searches)} == {Do}
    one_more = recorded(saved(), f"search-{FEW}")
    assert {type(effect) for effect in matched(vacancy(), *searches, one_more)} == {Schedule}


def fire(timer: Schedule) -> list[Do]:
    """What the timer leads to, after a night in its table."""
    (rule,) = [rule for rule in TIMERS if rule.name == timer.rule]
    due = Timer(timer.key, orjson.loads(orjson.dumps(timer.data)), timer.due)
    return [effect for effect in rule.fire(due, Known({})) if isinstance(effect, Do)]


def documents(*events: Event, over: bool = False, language: str = "fr") -> dict[Need, Any]:
    """The views after these events of the search, with two vacancies and Anna's account."""
    facts: tuple[Event, ...] = (vacancy(), VacancyCancelled()) if over else (vacancy(),)
    return {
        Need(SEARCHES, search_key(ANNA, SEARCH_ID)): document(
            SEARCHES, STREAM, saved(language=language), LINK, *events
        ),
        Need(VACANCIES, str(VACANCY_ID)): document(VACANCIES, f"vacancy-{VACANCY_ID}", *facts),
        Need(VACANCIES, str(OTHER_VACANCY)): document(VACANCIES, f"vacancy-{OTHER_VACANCY}", vacancy(title="Juriste")),
        Need(ACCOUNTS, str(ANNA)): {"email": "account@example.org", "language": "fr"},
    }


@pytest.mark.rule("R47")
@pytest.mark.rule("R48")
def test_an_immediate_alert_is_mailed_to_its_address_with_one_click_unsubscribing() -> None:
    (mail,) = effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), documents())
    assert isinstance(mail, Send)
    assert (mail.to, mail.template, mail.language) == (ADDRESS, "alerts/mail/vacancy", "fr")
    assert [(each["title"], each["stations"]) for each in mail.params["vacancies"]] == [
        ("Économiste principale", ["Genève"])
    ]
    assert f"/alerts/api/unsubscribe/{SEARCH_ID}/secret>" in mail.headers["List-Unsubscribe"]
    assert mail.params["unsubscribe"] == f"/alerts/unsubscribe/{SEARCH_ID}/secret"
    assert mail.headers["List-Id"] == f"<{SEARCH_ID}.alerts.{{host}}>"
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_same_match_is_the_same_mail() -> None:
    first, again = (effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), documents())[0] for _ in range(2))
    assert isinstance(first, Send)
    assert isinstance(again, Send)
    assert first.id == again.id


@pytest.mark.rule("R47")
def test_a_match_of_a_plain_search_is_not_mailed() -> None:
    silent = VacancyMatched(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    assert effects(ANNOUNCE, recorded(silent, STREAM, 3)) == []


def test_a_match_of_a_digest_waits_for_the_morning() -> None:
    morning = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    timer = Schedule(f"digest:{SEARCH_ID}:2026-11-24", morning, "digest", {"search_id": str(SEARCH_ID)})
    assert effects(ANNOUNCE, recorded(DAILY, STREAM, 3)) == [timer]


def test_nothing_is_mailed_once_the_alert_is_off_or_the_vacancy_over() -> None:
    off = documents(AlertDisabled(candidate_id=ANNA, reason="unsubscribed"))
    assert effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 2), off) == []
    assert effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), documents(over=True)) == []
    late = recorded(AT_ONCE, STREAM, 3, at=NOON + timedelta(days=31))
    assert effects(ANNOUNCE, late, documents()) == []


def test_a_view_that_lags_behind_the_switching_on_loses_no_mail() -> None:
    lagging = documents(AlertDisabled(candidate_id=ANNA))
    assert len(effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 5), lagging)) == 1


def test_a_document_that_is_still_to_come_is_waited_for() -> None:
    missing = {**documents(), Need(VACANCIES, str(VACANCY_ID)): None}
    with pytest.raises(LookupError, match="vacancy"):
        effects(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), missing)
    with pytest.raises(LookupError, match="search"):
        effects(
            ANNOUNCE, recorded(AT_ONCE, STREAM, 3), {**documents(), Need(SEARCHES, search_key(ANNA, SEARCH_ID)): None}
        )


def test_a_digest_is_one_mail_about_all_vacancies_that_are_still_open() -> None:
    sent = AlertDigestSent(candidate_id=ANNA, vacancy_ids=(VACANCY_ID, OTHER_VACANCY), email=ADDRESS)
    (both,) = effects(DIGEST, recorded(sent, STREAM, 5), documents())
    (one,) = effects(DIGEST, recorded(sent, STREAM, 5), documents(over=True))
    assert isinstance(both, Send)
    assert isinstance(one, Send)
    assert [each["title"] for each in both.params["vacancies"]] == ["Économiste principale", "Juriste"]
    assert [each["title"] for each in one.params["vacancies"]] == ["Juriste"]
    assert both.to == ADDRESS


def test_a_digest_shows_fifty_vacancies_and_says_how_many_there_are() -> None:
    ids = tuple(UUID(int=number) for number in range(1000, 1060))
    known = {Need(VACANCIES, str(each)): document(VACANCIES, f"vacancy-{each}", vacancy()) for each in ids}
    sent = AlertDigestSent(candidate_id=ANNA, vacancy_ids=ids, email=ADDRESS)
    (mail,) = effects(DIGEST, recorded(sent, STREAM, 5), {**documents(), **known})
    assert isinstance(mail, Send)
    assert (len(mail.params["vacancies"]), mail.params["count"]) == (50, 60)


@pytest.mark.parametrize(("now", "rhythm", "due"), [
    (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), "daily", datetime(2026, 11, 23, 6, tzinfo=UTC)),
    (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), "daily", datetime(2026, 11, 24, 6, tzinfo=UTC)),
    (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), "weekly", datetime(2026, 11, 23, 6, tzinfo=UTC)),
    (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), "weekly", datetime(2026, 11, 30, 6, tzinfo=UTC)),
    (datetime(2026, 11, 25, 1, 0, tzinfo=UTC), "weekly", datetime(2026, 11, 30, 6, tzinfo=UTC)),
    (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "daily", datetime(2027, 1, 1, 6, tzinfo=UTC)),
])  # fmt: skip
def test_digests_go_out_in_the_morning_and_on_monday_morning(now: datetime, rhythm: Any, due: datetime) -> None:
    assert next_digest(now, rhythm) == due


@pytest.mark.rule("R49")
def test_saving_and_renewing_set_the_timers_of_reminder_and_expiry() -> None:
    data = {"search_id": str(SEARCH_ID)}
    for event in (saved(), SearchRenewed(candidate_id=ANNA, expires_at=NOON + VALID)):
        assert effects(KEEP_TIME, recorded(event, STREAM)) == [
            Schedule(f"reminder:{SEARCH_ID}", NOON + VALID - REMINDER, "reminder", data),
            Schedule(f"expiry:{SEARCH_ID}", NOON + VALID, "expiry", data),
        ]


def test_the_timers_of_a_search_that_is_over_are_forgotten() -> None:
    for event in (SearchExpired(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA)):
        assert effects(KEEP_TIME, recorded(event, STREAM)) == [
            Unschedule(f"reminder:{SEARCH_ID}"), Unschedule(f"expiry:{SEARCH_ID}"),
        ]  # fmt: skip


def test_a_changed_rhythm_takes_what_waits_along() -> None:
    weekly = AlertEnabled(candidate_id=ANNA, email=ADDRESS, rhythm="weekly")
    (timer,) = effects(KEEP_TIME, recorded(weekly, STREAM))
    assert isinstance(timer, Schedule)
    assert timer.due == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert effects(KEEP_TIME, recorded(weekly.model_copy(update={"rhythm": "at_once"}), STREAM)) == []


@pytest.mark.parametrize(("rule", "command"), [
    ("reminder", WarnOfExpiry()), ("expiry", ExpireSearch()), ("digest", SendDigest()),
])  # fmt: skip
def test_each_timer_asks_the_search(rule: str, command: Any) -> None:
    (timer_rule,) = (each for each in TIMERS if each.name == rule)
    timer = Timer("any", {"search_id": str(SEARCH_ID)}, NOON)
    assert list(timer_rule.fire(timer, Known({}))) == [Do(SEARCH, str(SEARCH_ID), command)]


@pytest.mark.rule("R49")
def test_the_reminder_goes_to_the_alerts_address_or_else_to_the_accounts() -> None:
    soon = recorded(SearchExpiringSoon(candidate_id=ANNA, expires_at=NOON + VALID), STREAM, 4)
    (to_alert,) = effects(REMIND, soon, documents())
    (to_account,) = effects(REMIND, soon, documents(AlertDisabled(candidate_id=ANNA)))
    assert isinstance(to_alert, Send)
    assert isinstance(to_account, Send)
    assert (to_alert.to, to_account.to) == (ADDRESS, "account@example.org")
    assert to_alert.params == {"id": str(SEARCH_ID), "name": "Économistes", "expires_at": (NOON + VALID).isoformat()}
    assert effects(REMIND, soon, documents(SearchDeleted(candidate_id=ANNA))) == []


def test_a_closed_account_keeps_no_search() -> None:
    assert effects(FORGET, recorded(AccountClosed(), f"account-{ANNA}")) == [Do(QUOTA, str(ANNA), GiveUpPlaces())]
    freed = recorded(PlaceFreed(search_id=SEARCH_ID), f"quota-{ANNA}")
    assert effects(DELETE, freed) == [Do(SEARCH, SEARCH_ID, DeleteSearch(candidate_id=ANNA))]
