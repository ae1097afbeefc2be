"""Mails and timers of alerts at their bounds: a vacancy's last second, the version of a silence, the next morning."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.domain import SEARCH, VALID, RecordMatch
from services.alerts.events import (
    SEARCH_EVENTS,
    AlertAddressConfirmed,
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenamed,
    SearchRenewed,
    UnsubscribeLinkMade,
)
from services.alerts.projections import ACCOUNTS, SEARCHES, VACANCIES, days_left, search_key
from services.alerts.reactions.searches import (
    ANNOUNCE,
    DIGEST,
    INDEX,
    KEEP_TIME,
    MATCH,
    REMIND,
    TIMERS,
    next_digest,
    unsubscribe_path,
)
from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.vacancies.events import DeadlineExtended, VacancyAmended, VacancyCancelled, VacancyClosed, notice_of
from shared.model.message import Event, Recorded
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Send, Timer, Unschedule
from shared.model.testing import NOON, history, recorded
from shared.vocabulary.search import Criteria, matches
from tests.alerts.test_projections import document
from tests.alerts.values import ADDRESS, ANNA, AT_ONCE, LINK, SEARCH_ID, STREAM, VACANCY_ID, saved, vacancy

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
VACANCY = f"vacancy-{VACANCY_ID}"
CLOSES = NOON + timedelta(days=30)
SEARCH_NEED = Need(SEARCHES, search_key(ANNA, SEARCH_ID))
VACANCY_NEED = Need(VACANCIES, str(VACANCY_ID))
ACCOUNT_NEED = Need(ACCOUNTS, str(ANNA))
SENT = AlertDigestSent(candidate_id=ANNA, vacancy_ids=(VACANCY_ID,), email=ADDRESS)
AWAITING = AlertEnabled(candidate_id=ANNA, email="b@example.org", rhythm="daily", awaits=True)
SOON = SearchExpiringSoon(candidate_id=ANNA, expires_at=NOON + VALID)


def effects(reaction: Reaction, event: Recorded[Any], documents: dict[Need, Any]) -> list[Effect]:
    assert set(reaction.needs(event)) == documents.keys(), "exactly what is looked at is asked for"
    return list(reaction.react(event, Known(documents)))


def mails(reaction: Reaction, event: Recorded[Any], documents: dict[Need, Any]) -> list[Send]:
    return [effect for effect in effects(reaction, event, documents) if isinstance(effect, Send)]


def known(*vacancy_facts: Event, search: tuple[Event, ...] = (), language: str = "fr") -> dict[Need, Any]:
    """The views after these events of the search and of the vacancy."""
    return {
        SEARCH_NEED: document(SEARCHES, STREAM, saved(language=language), LINK, *search),
        VACANCY_NEED: document(VACANCIES, VACANCY, *(vacancy_facts or (vacancy(),))),
    }


@pytest.mark.rule("R45")
@pytest.mark.parametrize(("fact", "reaction"), [(AT_ONCE, ANNOUNCE), (SENT, DIGEST)])
def test_a_vacancy_is_announced_until_the_second_before_it_closes(fact: Event, reaction: Reaction) -> None:
    in_time, late = (recorded(fact, STREAM, 5, at) for at in (CLOSES - SECOND, CLOSES))
    assert len(mails(reaction, in_time, known())) == 1
    assert mails(reaction, late, known()) == []
    longer = known(vacancy(), DeadlineExtended(closes_at=CLOSES + DAY))
    assert len(mails(reaction, late, longer)) == 1


@pytest.mark.parametrize("end", [VacancyClosed(), VacancyCancelled()])
@pytest.mark.parametrize(("fact", "reaction"), [(AT_ONCE, ANNOUNCE), (SENT, DIGEST)])
def test_a_vacancy_that_is_over_is_announced_by_nothing(fact: Event, reaction: Reaction, end: Event) -> None:
    assert mails(reaction, recorded(fact, STREAM, 5), known(vacancy(), end)) == []


@pytest.mark.parametrize(("fact", "reaction"), [(AT_ONCE, ANNOUNCE), (SENT, DIGEST)])
@pytest.mark.parametrize("silence", [AlertDisabled(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA)])
def test_a_silence_stops_what_was_recorded_before_it_and_nothing_after(
    fact: Event, reaction: Reaction, silence: Event
) -> None:
    """The silence is the third event of the search's stream."""
    assert mails(reaction, recorded(fact, STREAM, 2), known(search=(silence,))) == []
    assert len(mails(reaction, recorded(fact, STREAM, 4), known(search=(silence,)))) == 1


@pytest.mark.parametrize(("fact", "reaction"), [(AT_ONCE, ANNOUNCE), (SENT, DIGEST)])
@pytest.mark.parametrize(("language", "place"), [("fr", "Genève"), ("en", "Geneva")])
def test_a_mail_is_written_in_the_language_of_the_search(
    fact: Event, reaction: Reaction, language: str, place: str
) -> None:
    [mail] = mails(reaction, recorded(fact, STREAM, 5), known(language=language))
    assert (mail.language, mail.params["vacancies"][0]["stations"]) == (language, [place])
    assert (mail.params["name"], mail.params["count"]) == ("Économistes", 1)
    assert mail.params["results"] == "keywords=%C3%A9conomiste&duty_stations=GENEVA"
    assert mail.params["unsubscribe"] == unsubscribe_path(str(SEARCH_ID), "secret")


def test_a_match_and_a_digest_are_different_mails_and_a_replay_sends_neither_again() -> None:
    first, again = (
        [mails(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), known()), mails(DIGEST, recorded(SENT, STREAM, 4), known())]
        for _ in range(2)
    )
    assert first == again
    assert len({mail.id for found in first for mail in found}) == 2


def test_a_mail_goes_to_the_address_of_the_match_even_if_the_alert_has_moved_since() -> None:
    moved = AlertEnabled(candidate_id=ANNA, email="new@example.org", rhythm="at_once")
    link = UnsubscribeLinkMade(candidate_id=ANNA, token="of-the-new-address")
    [mail] = mails(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), known(search=(moved, link)))
    assert (mail.to, mail.params["unsubscribe"]) == (ADDRESS, unsubscribe_path(str(SEARCH_ID), LINK.token))
    assert "of-the-new-address" not in str(mail)


def test_an_amended_vacancy_is_announced_as_it_now_is_and_stays_over() -> None:
    amended = VacancyAmended(**{**vacancy().model_dump(), "title": "Cheffe économiste", "version": 2})
    [mail] = mails(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), known(vacancy(), amended))
    assert [each["title"] for each in mail.params["vacancies"]] == ["Cheffe économiste"]
    assert mails(ANNOUNCE, recorded(AT_ONCE, STREAM, 3), known(vacancy(), VacancyCancelled(), amended)) == []


@pytest.mark.rule("R45")
def test_a_mail_names_the_day_in_new_york_at_whose_end_a_vacancy_closes() -> None:
    night = datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)
    shown = document(VACANCIES, VACANCY, vacancy(closes_at=night))
    assert (shown["closes_on"], shown["closes_at"]) == ("2026-11-01", night.isoformat())
    later = document(VACANCIES, VACANCY, vacancy(), DeadlineExtended(closes_at=night + DAY))
    assert later["closes_on"] == "2026-11-02"


@pytest.mark.parametrize("news", [DeadlineExtended(closes_at=CLOSES), VacancyClosed(), VacancyCancelled()])
def test_news_of_an_unknown_vacancy_or_search_leaves_nothing(news: Event) -> None:
    assert document(VACANCIES, VACANCY, news) is None
    assert document(SEARCHES, STREAM, SearchRenamed(candidate_id=ANNA, name="x"), LINK) is None


@pytest.mark.parametrize("source", ["inspira", "galaxy"])
@pytest.mark.parametrize("kind", [None, VacancyAmended])
@pytest.mark.rule("R51")
def test_only_our_own_open_vacancies_are_matched_until_their_last_second(source: Any, kind: Any) -> None:
    fact = vacancy(source=source) if kind is None else kind(**vacancy(source=source).model_dump())
    index = INDEX.start()
    INDEX.fold(index, recorded(saved(), STREAM))
    for at, expected in ((CLOSES - SECOND, source == "inspira"), (CLOSES, False)):
        found = list(MATCH.react(recorded(fact, VACANCY, at=at), Known({}, {INDEX.name: index})))
        match = RecordMatch(vacancy_id=VACANCY_ID, closes_at=CLOSES)
        assert found == ([Do(SEARCH, str(SEARCH_ID), match)] if expected else [])


asked = st.sampled_from(
    [Criteria(), Criteria(keywords="juriste"), Criteria(keywords="économiste"), Criteria(duty_stations=("ROME",)),
     Criteria(levels=("P-4",)), Criteria(posted_since=NOON.date()), Criteria(posted_since=NOON.date() + DAY)]
)  # fmt: skip
facts = st.sampled_from([SearchExpired(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA),
                         SearchRenewed(candidate_id=ANNA, expires_at=NOON + VALID)])  # fmt: skip


@forall(st.lists(st.tuples(asked, st.lists(facts, max_size=4)), max_size=8))
def test_exactly_the_live_searches_that_the_vacancy_fits_are_told(searches: list[tuple[Criteria, list[Event]]]) -> None:
    index, expected = INDEX.start(), set()
    for number, (criteria, later) in enumerate(searches):
        kept = SEARCH.fold([saved(criteria=criteria), *later])  # type: ignore[list-item]
        for event in history(f"search-{UUID(int=number)}", saved(criteria=criteria), *later):
            INDEX.fold(index, event)
        if kept.kept and not kept.expired and matches(criteria, notice_of(vacancy())):
            expected.add(str(UUID(int=number)))
    found = list(MATCH.react(recorded(vacancy(), VACANCY), Known({}, {INDEX.name: index})))
    assert len(found) == len(expected)
    assert {str(effect.key) for effect in found if isinstance(effect, Do)} == expected


@forall(st.integers(0, 60 * 24 * 400), st.sampled_from(["daily", "weekly"]))
def test_the_next_digest_is_the_first_morning_that_still_lies_ahead(minutes: int, rhythm: Any) -> None:
    now = NOON + timedelta(minutes=minutes)
    due = next_digest(now, rhythm)
    step = timedelta(days=7 if rhythm == "weekly" else 1)
    assert now < due <= now + step
    assert (due.hour, due.minute, due.second, due.microsecond) == (6, 0, 0, 0)
    assert rhythm == "daily" or due.weekday() == 0
    assert next_digest(due - SECOND, rhythm) == due
    assert next_digest(due, rhythm) == due + step


@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
def test_matches_of_one_day_wait_for_one_digest_and_the_next_days_for_another(rhythm: Any) -> None:
    match = AT_ONCE.model_copy(update={"rhythm": rhythm})
    step = timedelta(days=7 if rhythm == "weekly" else 1)
    times = (NOON, NOON + timedelta(hours=3), NOON + step)
    timers = [effect for at in times for effect in effects(ANNOUNCE, recorded(match, STREAM, 3, at), {})]
    assert all(isinstance(timer, Schedule) and timer.rule == "digest" for timer in timers)
    first, same, other = timers
    assert first == same
    assert isinstance(first, Schedule)
    assert isinstance(other, Schedule)
    assert (other.due - first.due, other.key == first.key) == (step, False)


@pytest.mark.rule("R49")
@pytest.mark.parametrize(
    ("search", "account", "to"),
    [
        ((), "account@example.org", ADDRESS),
        ((), "", ADDRESS),  # the account is closed, the search not yet deleted
        ((AlertDisabled(candidate_id=ANNA),), "account@example.org", "account@example.org"),
        ((AlertDisabled(candidate_id=ANNA),), "", None),
        ((AWAITING,), "account@example.org", "account@example.org"),
        ((AWAITING, AlertAddressConfirmed(candidate_id=ANNA, rhythm="daily")), "account@example.org", "b@example.org"),
        ((SearchDeleted(candidate_id=ANNA),), "account@example.org", None),
    ],
)
def test_the_reminder_goes_where_somebody_can_be_reached(
    search: tuple[Event, ...], account: str, to: str | None
) -> None:
    documents = {
        SEARCH_NEED: known(search=search)[SEARCH_NEED], ACCOUNT_NEED: {"email": account, "language": "en"},
    }  # fmt: skip
    found = mails(REMIND, recorded(SOON, STREAM, 4), documents)
    assert [mail.to for mail in found] == ([to] if to else [])
    assert all((mail.template, mail.language) == ("alerts/mail/reminder", "fr") for mail in found)
    assert [mail.id for mail in found] == [mail.id for mail in mails(REMIND, recorded(SOON, STREAM, 4), documents)]


@pytest.mark.parametrize("missing", [SEARCH_NEED, ACCOUNT_NEED])
def test_the_reminder_waits_for_views_that_are_behind(missing: Need) -> None:
    documents = {SEARCH_NEED: known()[SEARCH_NEED], ACCOUNT_NEED: {"email": ADDRESS, "language": "en"}, missing: None}
    with pytest.raises(LookupError):
        mails(REMIND, recorded(SOON, STREAM, 4), documents)


@pytest.mark.parametrize(("lived", "left"), [(0, 365), (1, 365), (24 * 60, 364), (24 * 60 * 365 - 1, 1),
    (24 * 60 * 365, 0), (24 * 60 * 400, 0)])  # fmt: skip
@pytest.mark.rule("R49")
def test_the_days_left_are_counted_with_the_one_that_has_begun(lived: int, left: int) -> None:
    shown = document(SEARCHES, STREAM, saved())
    assert days_left(shown, NOON + timedelta(minutes=lived)) == left
    assert days_left(document(SEARCHES, STREAM, saved(), SearchExpired(candidate_id=ANNA)), NOON) == 0


def test_each_timer_that_is_set_has_a_rule_that_knows_its_search() -> None:
    later = SearchRenewed(candidate_id=ANNA, expires_at=NOON + 2 * VALID)
    timers = [effect for fact in (saved(), later) for effect in effects(KEEP_TIME, recorded(fact, STREAM), {})]
    keys = {timer.key for timer in timers if isinstance(timer, Schedule)}
    forgotten = {e.key for e in effects(KEEP_TIME, recorded(SearchExpired(candidate_id=ANNA), STREAM), {})
                 if isinstance(e, Unschedule)}  # fmt: skip
    assert keys == forgotten == {f"reminder:{SEARCH_ID}", f"expiry:{SEARCH_ID}"}, (
        "a renewal moves the timers of before, and the end forgets them"
    )
    rules = {rule.name: rule for rule in TIMERS}
    for timer in timers:
        assert isinstance(timer, Schedule)
        [do] = rules[timer.rule].fire(Timer(timer.key, timer.data, timer.due), Known({}))
        assert isinstance(do, Do)
        assert do.key == str(SEARCH_ID)


@pytest.mark.parametrize("fact", [event for event in SEARCH_EVENTS if event not in KEEP_TIME.on])
def test_what_sets_no_timer_and_is_in_no_index_is_not_taken_for_something_else(fact: type[Event]) -> None:
    event = recorded(fact.model_construct(), STREAM)
    with pytest.raises(TypeError):
        list(KEEP_TIME.react(event, Known({})))
    with pytest.raises(TypeError):
        INDEX.fold(INDEX.start(), event)


def test_the_account_of_a_candidate_keeps_its_language_and_loses_its_address() -> None:
    registered = CandidateRegistered(
        user_code="ADIAZ", email="a@example.org", title="ms", given_names="Anna", family_name="Díaz",
        birth_date=date(1990, 5, 17), language="fr", link="none",
    )  # fmt: skip
    stream, proven = f"account-{ANNA}", EmailVerified(email="b@example.org")
    assert document(ACCOUNTS, stream, registered) == {"email": "a@example.org", "language": "fr"}
    assert document(ACCOUNTS, stream, registered, proven) == {"email": "b@example.org", "language": "fr"}
    assert document(ACCOUNTS, stream, registered, proven, AccountClosed()) == {"email": "", "language": "fr"}
    assert document(ACCOUNTS, stream, AccountClosed()) == {"email": "", "language": "en"}
