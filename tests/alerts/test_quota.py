"""The five places."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.domain import LIMIT, QUOTA, VALID, FreePlace, GiveUpPlaces, TakePlace
from services.alerts.events import PlaceFreed, PlaceTaken
from shared.model.errors import Conflict
from shared.model.testing import NOON, given

SIX = [UUID(int=n) for n in range(1, 7)]
FULL = [PlaceTaken(search_id=each, expires_at=NOON + VALID) for each in SIX[:5]]


@pytest.mark.rule("R50")
def test_the_fifth_search_is_accepted_and_the_sixth_refused() -> None:
    given(QUOTA, *FULL[:4]).when(TakePlace(search_id=SIX[4])).then(FULL[4])
    refusal = given(QUOTA, *FULL).when(TakePlace(search_id=SIX[5])).refused(Conflict)
    assert "5 saved searches" in str(refusal.problems[0])


@pytest.mark.rule("R50")
def test_deleting_a_search_makes_room() -> None:
    past = (*FULL, PlaceFreed(search_id=SIX[0]))
    given(QUOTA, *past).when(TakePlace(search_id=SIX[5])).happened(PlaceTaken)


@pytest.mark.rule("R49")
@pytest.mark.rule("R50")
def test_an_expired_search_takes_no_place_from_the_second_it_expires() -> None:
    given(QUOTA, *FULL).when(TakePlace(search_id=SIX[5], at=NOON + VALID - timedelta(seconds=1))).refused(Conflict)
    given(QUOTA, *FULL).when(TakePlace(search_id=SIX[5], at=NOON + VALID)).happened(PlaceTaken)


@pytest.mark.rule("R50")
def test_renewing_an_expired_search_needs_a_free_place_and_renewing_a_live_one_does_not() -> None:
    later = NOON + VALID
    others = [PlaceTaken(search_id=UUID(int=n), expires_at=later + VALID) for n in range(11, 16)]
    given(QUOTA, *FULL, *others).when(TakePlace(search_id=SIX[0], at=later)).refused(Conflict)
    given(QUOTA, *FULL, *others[:4]).when(TakePlace(search_id=SIX[0], at=later)).happened(PlaceTaken)
    given(QUOTA, *FULL).when(TakePlace(search_id=SIX[0], at=NOON + timedelta(days=9))).happened(PlaceTaken)


def test_a_deleted_search_does_not_take_its_place_again() -> None:
    given(QUOTA, FULL[0], PlaceFreed(search_id=SIX[0])).when(TakePlace(search_id=SIX[0])).then()


def test_taking_or_freeing_a_place_twice_changes_nothing() -> None:
    given(QUOTA, *FULL).when(TakePlace(search_id=SIX[0])).then()
    given(QUOTA).when(FreePlace(search_id=SIX[0])).then()
    given(QUOTA, *FULL).when(FreePlace(search_id=SIX[0])).then(PlaceFreed(search_id=SIX[0]))


def test_a_closed_account_gives_up_all_places() -> None:
    given(QUOTA, *FULL[:2]).when(GiveUpPlaces()).then(PlaceFreed(search_id=SIX[0]), PlaceFreed(search_id=SIX[1]))


@pytest.mark.rule("R50")
@forall(st.lists(st.tuples(st.sampled_from(SIX), st.sampled_from(["take", "free"]), st.integers(0, 200)), max_size=40))
def test_never_more_than_five_are_live(wishes: list[tuple[UUID, str, int]]) -> None:
    past: list[Any] = []
    now = NOON
    for search_id, wish, days in wishes:
        now += timedelta(days=days)
        command = TakePlace(search_id=search_id, at=now) if wish == "take" else FreePlace(search_id=search_id, at=now)
        past += given(QUOTA, *past).when(command).events or ()
        ends = QUOTA.fold(past).places.values()
        assert len([end for end in ends if end > now]) <= LIMIT
