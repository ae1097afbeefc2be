"""Searches and their places together: who is live holds a place until the same end, and never are there six (R50)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.alerts.domain import (
    LIMIT,
    QUOTA,
    SEARCH,
    VALID,
    DeleteSearch,
    ExpireSearch,
    FreePlace,
    GiveUpPlaces,
    RenewSearch,
    SaveSearch,
    TakePlace,
    deleting,
    renewing,
    saving,
)
from services.alerts.events import PlaceFreed, PlaceTaken
from services.alerts.reactions.searches import DELETE, FORGET
from services.identity.events import AccountClosed
from shared.model.errors import Conflict, Refused
from shared.model.message import Event
from shared.model.reaction import Do, Known
from shared.model.testing import NOON, given, recorded
from shared.vocabulary.search import Criteria
from tests.alerts.values import ANNA

DAY = timedelta(days=1)
IDS = [UUID(int=number) for number in range(101, 109)]
FULL = [PlaceTaken(search_id=each, expires_at=NOON + VALID) for each in IDS[:5]]
ids = st.sampled_from(IDS)


def saving_of(search_id: UUID) -> tuple[Do, ...]:
    return saving(search_id, SaveSearch(candidate_id=ANNA, name="Any", criteria=Criteria(), token=str(search_id)))


@pytest.mark.rule("R50")
@pytest.mark.parametrize("live", range(LIMIT + 1))
def test_up_to_five_places_are_given(live: int) -> None:
    outcome = given(QUOTA, *FULL[:live]).when(TakePlace(search_id=IDS[7]))
    if live < 5:
        outcome.then(PlaceTaken(search_id=IDS[7], expires_at=NOON + VALID))
    else:
        assert outcome.refused(Conflict).problems[0].params == {"limit": 5}


@pytest.mark.rule("R50")
@pytest.mark.parametrize("again", IDS[:5])
def test_whoever_holds_one_of_the_five_renews_it_after_a_day_and_not_before(again: UUID) -> None:
    early = TakePlace(search_id=again, at=NOON + DAY - timedelta(seconds=1))
    given(QUOTA, *FULL).when(early).then()
    given(QUOTA, *FULL).when(TakePlace(search_id=again, at=NOON + DAY)).then(
        PlaceTaken(search_id=again, expires_at=NOON + DAY + VALID)
    )


def test_a_place_that_was_given_up_is_neither_freed_nor_taken_again_and_another_may_have_it() -> None:
    past = [*FULL, PlaceFreed(search_id=IDS[0])]
    given(QUOTA, *past).when(FreePlace(search_id=IDS[0])).then()
    given(QUOTA, *past).when(TakePlace(search_id=IDS[0], at=NOON + 3 * VALID)).then()
    taken = given(QUOTA, *past).when(TakePlace(search_id=IDS[6])).happened(PlaceTaken)
    given(QUOTA, *past, *taken).when(TakePlace(search_id=IDS[7])).refused(Conflict)


def test_an_expired_place_is_freed_like_any_other_and_giving_all_up_twice_frees_none() -> None:
    late = FreePlace(search_id=IDS[0], at=NOON + 2 * VALID)
    given(QUOTA, *FULL).when(late).then(PlaceFreed(search_id=IDS[0]))
    freed = given(QUOTA, *FULL).when(GiveUpPlaces(at=NOON + 2 * VALID)).events or ()
    assert freed == [PlaceFreed(search_id=each) for each in IDS[:5]]
    given(QUOTA, *FULL, *freed).when(GiveUpPlaces()).then()
    given(QUOTA).when(GiveUpPlaces()).then()


def test_saving_and_renewing_take_a_place_first_and_deleting_frees_it_last() -> None:
    first, second = saving_of(IDS[0])
    assert first == Do(QUOTA, ANNA, TakePlace(search_id=IDS[0], new=True))
    assert (second.decider, second.key) == (SEARCH, IDS[0])
    first, second = renewing(IDS[0], RenewSearch(candidate_id=ANNA))
    assert (first, second) == (
        Do(QUOTA, ANNA, TakePlace(search_id=IDS[0])), Do(SEARCH, IDS[0], RenewSearch(candidate_id=ANNA)),
    )  # fmt: skip
    first, second = deleting(IDS[0], DeleteSearch(candidate_id=ANNA))
    assert (first, second) == (
        Do(SEARCH, IDS[0], DeleteSearch(candidate_id=ANNA)), Do(QUOTA, ANNA, FreePlace(search_id=IDS[0])),
    )  # fmt: skip


def test_saving_again_what_was_saved_does_not_prolong_its_place() -> None:
    """Else the place of a search that has expired would be held for nobody."""
    for later in (2 * DAY, 2 * VALID):
        given(QUOTA, *FULL).when(TakePlace(search_id=IDS[0], new=True, at=NOON + later)).then()


class OneCandidate(RuleBasedStateMachine):
    """Searches are saved, renewed, deleted and expire; what is asked of two streams happens to both or to neither."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.streams: dict[UUID, list[Any]] = {}

    def decided(self, do: Do) -> list[Event]:
        past = self.streams.get(UUID(str(do.key)), [])
        return list(do.decider.decide(do.command.model_copy(update={"at": self.now}), do.decider.fold(past)))

    def carry_out(self, *steps: Do) -> bool:
        try:
            happened = [(UUID(str(step.key)), self.decided(step)) for step in steps]
        except Refused:
            return False
        for key, events in happened:
            self.streams.setdefault(key, []).extend(events)
        assert [self.decided(step) for step in steps] == [[] for _ in steps], "doing it again changes nothing"
        return True

    def live(self) -> set[UUID]:
        return {each for each in IDS if SEARCH.fold(self.streams.get(each, [])).live(self.now)}

    @initialize(number=st.sampled_from([0, LIMIT - 1, LIMIT]))
    def some_are_saved(self, number: int) -> None:
        for search_id in IDS[:number]:
            self.save(search_id)

    @rule(search_id=ids)
    def save(self, search_id: UUID) -> None:
        known, others = bool(self.streams.get(search_id)), len(self.live() - {search_id})
        assert self.carry_out(*saving_of(search_id)) == (known or others < LIMIT)

    @rule(search_id=ids)
    def renew(self, search_id: UUID) -> None:
        kept = SEARCH.fold(self.streams.get(search_id, [])).kept
        others = len(self.live() - {search_id})
        done = self.carry_out(*renewing(search_id, RenewSearch(candidate_id=ANNA)))
        assert done == (kept and others < LIMIT)

    @rule(search_id=ids)
    def delete(self, search_id: UUID) -> None:
        known = bool(self.streams.get(search_id))
        assert self.carry_out(*deleting(search_id, DeleteSearch(candidate_id=ANNA))) == known
        assert search_id not in self.live()

    @rule(days=st.sampled_from([1, 30, 200, 365]), timers=st.booleans())
    def time_passes(self, days: int, timers: bool) -> None:
        self.now += timedelta(days=days)
        for search_id in IDS if timers else ():
            assert self.carry_out(Do(SEARCH, search_id, ExpireSearch()))

    @rule()
    def the_account_is_closed(self) -> None:
        [forget] = FORGET.react(recorded(AccountClosed(), f"account-{ANNA}"), Known({}))
        assert isinstance(forget, Do)
        assert forget.key == str(ANNA)
        for freed in self.decided(Do(forget.decider, ANNA, forget.command)):
            self.streams[ANNA].append(freed)
            [delete] = DELETE.react(recorded(freed, f"quota-{ANNA}"), Known({}))
            assert isinstance(delete, Do)
            assert self.carry_out(delete)
        assert self.live() == set()

    @invariant()
    def never_six(self) -> None:
        assert len(self.live()) <= LIMIT

    @invariant()
    def a_live_search_holds_a_place_until_its_end_and_nothing_else_does(self) -> None:
        places = QUOTA.fold(self.streams.get(ANNA, [])).places
        ends = {each: SEARCH.fold(self.streams.get(each, [])).expires_at for each in self.live()}
        assert {holder: end for holder, end in places.items() if end > self.now} == ends


OneCandidate.TestCase.settings = settings(OneCandidate.TestCase.settings, max_examples=50, stateful_step_count=25)
TestOneCandidate = OneCandidate.TestCase
