"""The rules of a saved search at their bounds: 365 days, fourteen days, a day between renewals, whose it is."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as forall
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.alerts.domain import (
    SEARCH,
    VALID,
    ConfirmAlert,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    ExpireSearch,
    RecordMatch,
    RenameSearch,
    RenewSearch,
    SavedSearch,
    SearchIndex,
    SendDigest,
    Unsubscribe,
    WarnOfExpiry,
    check_link,
    proposed_name,
)
from services.alerts.events import (
    SEARCH_EVENTS,
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
    UnsubscribeLinkMade,
    VacancyMatched,
)
from services.alerts.projections import SEARCHES, awaits, days_left, live
from services.alerts.reactions.searches import INDEX
from services.vacancies.events import notice_of
from shared.model.errors import Conflict, Invalid, NotFound, Refused
from shared.model.message import Command, Event
from shared.model.testing import NOON, given, recorded
from shared.vocabulary.search import Criteria
from tests.alerts.values import (
    ADDRESS,
    ANNA,
    BORIS,
    DAILY,
    FRESH,
    LINK,
    MOVED,
    OTHER_VACANCY,
    PLAIN,
    SEARCH_ID,
    VACANCY_ID,
    fits,
    save,
    saved,
    vacancy,
)

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
END = NOON + VALID
SOON = SearchExpiringSoon(candidate_id=ANNA, expires_at=END)
EXPIRED, DELETED = SearchExpired(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA)
OFF = AlertDisabled(candidate_id=ANNA)


@pytest.mark.rule("R46")
@pytest.mark.parametrize("length", [1, 100])
def test_a_name_of_up_to_a_hundred_characters_is_taken_and_one_more_is_not(length: int) -> None:
    (first, _) = given(SEARCH).when(save(name=f"  {'x' * length}\n")).happened(SearchSaved, UnsubscribeLinkMade)
    assert first.name == "x" * length
    rename = RenameSearch(candidate_id=ANNA, name="x" * length)
    given(SEARCH, saved()).when(rename).then(SearchRenamed(candidate_id=ANNA, name="x" * length))
    given(SEARCH, saved()).when(RenameSearch(candidate_id=ANNA, name="x" * 101)).refused(Invalid, "name")


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_a_name_stands_on_one_line_and_reads_as_it_is_written(name: str) -> None:
    given(SEARCH).when(save(name=name)).refused(Invalid, "name")
    given(SEARCH, saved()).when(RenameSearch(candidate_id=ANNA, name=name)).refused(Invalid, "name")


def test_everything_wrong_with_a_search_is_named_at_once() -> None:
    given(SEARCH).when(save(name="", email="anna")).refused(Invalid, "name", "email")
    given(SEARCH).when(save(name="", email="anna", alert=False)).refused(Invalid, "name")


@pytest.mark.rule("R47")
@pytest.mark.parametrize("rhythm", ["at_once", "daily", "weekly"])
def test_a_search_keeps_its_rhythm_whether_it_is_an_alert_or_not(rhythm: Any) -> None:
    for alert in (True, False):
        (search, link) = given(SEARCH).when(save(rhythm=rhythm, alert=alert)).happened(SearchSaved, UnsubscribeLinkMade)
        assert (search.rhythm, search.email) == (rhythm, ADDRESS if alert else None)
        assert link == LINK


@pytest.mark.rule("R49")
@pytest.mark.parametrize(
    ("days", "seconds", "warned", "expired"),
    [
        (351, -1, False, False), (351, 0, True, False), (364, 86_399, True, False), (365, 0, False, True),
        (900, 0, False, True),
    ],
)  # fmt: skip
def test_the_reminder_has_fourteen_days_and_the_expiry_begins_where_they_end(
    days: int, seconds: int, warned: bool, expired: bool
) -> None:
    now = NOON + timedelta(days=days, seconds=seconds)
    given(SEARCH, saved()).when(WarnOfExpiry(at=now)).then(*([SOON] if warned else []))
    given(SEARCH, saved()).when(ExpireSearch(at=now)).then(*([EXPIRED] if expired else []))
    given(SEARCH, PLAIN).when(WarnOfExpiry(at=now)).then(*([SOON] if warned else []))


@pytest.mark.rule("R49")
@pytest.mark.parametrize("gone", [(EXPIRED,), (DELETED,), (SOON, EXPIRED)])
def test_what_is_over_is_neither_warned_of_nor_matched_nor_sent(gone: tuple[Event, ...]) -> None:
    past = given(SEARCH, saved(), DAILY, *gone)
    past.when(WarnOfExpiry(at=END - DAY)).then()
    past.when(fits(OTHER_VACANCY)).then()
    past.when(SendDigest()).then()


@pytest.mark.rule("R49")
@pytest.mark.parametrize(("later", "renewed"), [(DAY - SECOND, False), (DAY, True), (VALID, True), (5 * VALID, True)])
def test_a_renewal_counts_from_the_day_after_the_last(later: timedelta, renewed: bool) -> None:
    now = NOON + later
    event = SearchRenewed(candidate_id=ANNA, expires_at=now + VALID)
    given(SEARCH, saved()).when(RenewSearch(candidate_id=ANNA, at=now)).then(*([event] if renewed else []))


@pytest.mark.rule("R49")
def test_a_renewed_search_is_warned_of_and_expires_at_its_new_end_only() -> None:
    later = SearchRenewed(candidate_id=ANNA, expires_at=END + DAY)
    past = given(SEARCH, saved(), SOON, EXPIRED, later)
    past.when(ExpireSearch(at=END)).then()
    past.when(ExpireSearch(at=END + DAY)).then(EXPIRED)
    past.when(WarnOfExpiry(at=END)).then(SOON.model_copy(update={"expires_at": END + DAY}))
    on = EnableAlert(candidate_id=ANNA, email="b@example.org", rhythm="daily", token=FRESH, at=END)
    past.when(on).happened(AlertEnabled, UnsubscribeLinkMade)


@pytest.mark.rule("R48")
def test_an_alert_can_be_switched_on_until_the_last_second_and_renamed_after_it() -> None:
    on = EnableAlert(candidate_id=ANNA, email=f" {ADDRESS} ", rhythm="weekly", token=FRESH, proven=True)
    given(SEARCH, PLAIN).when(on.model_copy(update={"at": END - SECOND})).then(
        AlertEnabled(candidate_id=ANNA, email=ADDRESS, rhythm="weekly"), MOVED
    )
    given(SEARCH, PLAIN).when(on.model_copy(update={"at": END})).refused(Conflict)
    given(SEARCH, PLAIN, EXPIRED).when(on).refused(Conflict)
    given(SEARCH, saved(), EXPIRED).when(RenameSearch(candidate_id=ANNA, name="Old")).happened(SearchRenamed)
    given(SEARCH, saved(), EXPIRED).when(DisableAlert(candidate_id=ANNA)).then(OFF)


@pytest.mark.parametrize(("email", "rhythm"), [("new@example.org", "daily"), (ADDRESS, "weekly"), (ADDRESS, "at_once")])
def test_an_alert_changes_if_its_address_or_its_rhythm_does(email: str, rhythm: Any) -> None:
    change = EnableAlert(candidate_id=ANNA, email=email, rhythm=rhythm, token=FRESH, proven=True)
    changed = AlertEnabled(candidate_id=ANNA, email=email, rhythm=rhythm)
    moved = [MOVED] if email != ADDRESS else []
    given(SEARCH, saved()).when(change).then(changed, *moved)
    given(SEARCH, saved()).when(EnableAlert(candidate_id=ANNA, email=f" {ADDRESS}", rhythm="daily", token=FRESH)).then()
    given(SEARCH, saved(), changed, OFF).when(change).then(changed)


@pytest.mark.rule("R48")
def test_what_matches_after_a_change_goes_to_the_new_address_in_the_new_rhythm() -> None:
    moved = AlertEnabled(candidate_id=ANNA, email="new@example.org", rhythm="weekly")
    (match,) = given(SEARCH, saved(), moved).when(fits()).happened(VacancyMatched)
    assert (match.email, match.rhythm) == ("new@example.org", "weekly")
    (digest,) = given(SEARCH, saved(), DAILY, moved).when(SendDigest()).happened(AlertDigestSent)
    assert (digest.email, digest.vacancy_ids) == ("new@example.org", (VACANCY_ID,))
    (silent,) = given(SEARCH, saved(), moved, OFF).when(fits()).happened(VacancyMatched)
    assert (silent.email, silent.rhythm) == (None, None)


@pytest.mark.parametrize("ending", [OFF, EXPIRED])
def test_what_waited_when_an_alert_ended_is_announced_neither_then_nor_later(ending: Event) -> None:
    again = [SearchRenewed(candidate_id=ANNA, expires_at=END + DAY), AlertEnabled(
        candidate_id=ANNA, email=ADDRESS, rhythm="daily")]  # fmt: skip
    given(SEARCH, saved(), DAILY, ending, *again).when(SendDigest()).then()
    given(SEARCH, saved(), DAILY, ending, *again).when(fits()).then()


def test_a_vacancy_is_recorded_until_the_second_before_it_closes() -> None:
    closing = RecordMatch(vacancy_id=VACANCY_ID, closes_at=NOON + SECOND)
    given(SEARCH, saved()).when(closing).then(DAILY)
    given(SEARCH, saved()).when(closing.model_copy(update={"at": NOON + SECOND})).then()


@pytest.mark.parametrize("command", [RenewSearch, DisableAlert, DeleteSearch])
def test_nobody_else_and_nobody_after_its_deletion_finds_a_search(command: type[Any]) -> None:
    given(SEARCH, saved()).when(command(candidate_id=BORIS)).refused(NotFound)
    given(SEARCH, saved(), DELETED).when(command(candidate_id=BORIS)).refused(NotFound)
    if command is not DeleteSearch:
        given(SEARCH, saved(), DELETED).when(command(candidate_id=ANNA)).refused(NotFound)


def test_an_expired_search_can_be_deleted_and_saving_never_brings_one_back() -> None:
    given(SEARCH, saved(), EXPIRED).when(DeleteSearch(candidate_id=ANNA)).then(DELETED)
    given(SEARCH, saved(), LINK, DELETED).when(save(name="")).then()
    given(SEARCH, saved(), LINK, DELETED).when(save(candidate_id=BORIS)).refused(Conflict)


@pytest.mark.parametrize("events", [(), (saved(),)])
def test_no_link_is_valid_where_none_was_made(events: tuple[Event, ...]) -> None:
    for token in ("", "secret"):
        given(SEARCH, *events).when(Unsubscribe(token=token)).refused(NotFound)


def test_a_link_stays_valid_after_the_alert_is_off_and_switches_it_off_again() -> None:
    on = AlertEnabled(candidate_id=ANNA, email=ADDRESS, rhythm="daily")
    given(SEARCH, saved(), LINK, OFF, on).when(Unsubscribe(token="secret")).then(
        AlertDisabled(candidate_id=ANNA, reason="unsubscribed")
    )
    given(SEARCH, PLAIN, LINK).when(Unsubscribe(token="secret")).then()
    state = SEARCH.fold([saved(), LINK, DELETED])
    check_link("secret", state)
    with pytest.raises(NotFound):
        check_link("Secret", state)


@example(Criteria(keywords="x" * 101))
@example(Criteria(keywords="x" * 200))
@forall(st.builds(Criteria, keywords=st.text(max_size=200), levels=st.lists(st.sampled_from(["P-3", "P-4"]))))
def test_a_proposed_name_is_always_one_that_can_be_saved(criteria: Criteria) -> None:
    name = proposed_name(criteria, "en", str)
    outcome = given(SEARCH).when(save(name=name, criteria=criteria))
    assert outcome.refusal is None, name


ASKED: list[Command] = [
    save(), save(alert=False), EnableAlert(candidate_id=ANNA, email="b@example.org", rhythm="weekly", token=FRESH),
    ConfirmAlert(email="b@example.org"),
    DisableAlert(candidate_id=ANNA), Unsubscribe(token="secret"), RenameSearch(candidate_id=ANNA, name="Other"),
    RenewSearch(candidate_id=ANNA), DeleteSearch(candidate_id=ANNA), WarnOfExpiry(), ExpireSearch(),
    RecordMatch(vacancy_id=VACANCY_ID, closes_at=NOON + 9 * VALID), SendDigest(),
]  # fmt: skip


class OneSearch(RuleBasedStateMachine):
    """Whatever is asked of a search: rules, view and index tell the same, and nothing happens twice."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.events = NOON, list[Any]()
        self.shown: Any = None
        self.index: SearchIndex = INDEX.start()

    def state(self) -> SavedSearch:
        return SEARCH.fold(self.events)

    @rule(command=st.sampled_from(ASKED))
    def ask(self, command: Command) -> None:
        command = command.model_copy(update={"at": self.now})
        try:
            happened = SEARCH.decide(command, self.state())  # type: ignore[arg-type]
        except Refused:
            return
        for data in happened:
            self.events.append(data)
            event = recorded(data, f"search-{SEARCH_ID}", len(self.events), self.now)
            self.shown = SEARCHES.evolve(self.shown, event) if type(data) in SEARCHES.on else self.shown
            if type(data) in INDEX.on:
                INDEX.fold(self.index, event)
        assert list(SEARCH.decide(command, self.state())) == []  # type: ignore[arg-type]

    @rule(days=st.sampled_from([1, 14, 100, 365]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def view_and_index_say_what_the_rules_say(self) -> None:
        state = self.state()
        if state.kept:
            assert (self.shown["name"], self.shown["alert"], self.shown["rhythm"]) == (
                state.name, state.alert, state.rhythm,
            )  # fmt: skip
            assert (self.shown["expired"], self.shown["token"]) == (state.expired, state.token)
            assert (awaits(self.shown), self.shown["alert"] and not awaits(self.shown)) == (state.awaits, state.mailing)
        assert bool(self.shown and live(self.shown, self.now)) == state.live(self.now)
        assert bool(self.shown and days_left(self.shown, self.now)) == state.live(self.now)
        assert bool(self.index.match(notice_of(vacancy()))) == (state.kept and not state.expired)

    @invariant()
    def a_vacancy_is_matched_once_and_waits_only_for_an_alert(self) -> None:
        matches = [event for event in self.events if isinstance(event, VacancyMatched)]
        assert len(matches) <= 1
        assert self.state().alert or not self.state().pending
        assert {type(event) for event in self.events} <= {*SEARCH_EVENTS, UnsubscribeLinkMade}


OneSearch.TestCase.settings = settings(OneSearch.TestCase.settings, max_examples=60, stateful_step_count=25)
TestOneSearch = OneSearch.TestCase
