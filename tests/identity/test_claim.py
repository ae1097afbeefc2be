"""An address belongs to whoever proved it first, and to nobody before."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.claim import CLAIM, QUIET, ClaimAddress, ReleaseAddress, RepeatRegistration
from services.identity.events import AddressClaimed
from shared.model.errors import Conflict, Refused
from shared.model.message import Event
from shared.model.testing import given
from tests.identity.values import ANNA, CLAIMED, EVE, RELEASED, told

AGAIN = RepeatRegistration(email="anna@example.org", language="en")


def test_a_proven_address_is_claimed() -> None:
    given(CLAIM).when(ClaimAddress(account_id=ANNA)).then(CLAIMED)


def test_claiming_twice_changes_nothing() -> None:
    given(CLAIM, CLAIMED).when(ClaimAddress(account_id=ANNA)).then()


def test_an_address_is_never_claimed_by_two_accounts() -> None:
    given(CLAIM, CLAIMED).when(ClaimAddress(account_id=EVE)).refused(Conflict)


@pytest.mark.rule("R6")
def test_a_released_address_can_be_claimed_again() -> None:
    past = (CLAIMED, RELEASED)
    given(CLAIM, *past).when(ClaimAddress(account_id=EVE)).then(AddressClaimed(account_id=EVE))


def test_only_the_holder_releases() -> None:
    given(CLAIM, CLAIMED).when(ReleaseAddress(account_id=EVE)).then()


def test_the_holder_is_told_that_somebody_registered_with_the_address() -> None:
    given(CLAIM, CLAIMED).when(AGAIN).then(told())


def test_the_quiet_time_is_an_hour() -> None:
    assert timedelta(hours=1) == QUIET


def test_of_a_free_address_nobody_is_told() -> None:
    given(CLAIM).when(AGAIN).then()


@for_all(st.lists(st.tuples(st.sampled_from([ClaimAddress, ReleaseAddress]), st.sampled_from([ANNA, EVE]))))
def test_in_any_order_an_address_has_one_holder_at_a_time(steps: list[tuple[type, object]]) -> None:
    past: list[Event] = []
    holders: set[object] = set()
    for command, account in steps:
        outcome = given(CLAIM, *past).when(command(account_id=account))
        if isinstance(outcome.refusal, Refused):
            assert holders - {account}
            continue
        for event in outcome.events or ():
            holders = holders | {account} if isinstance(event, AddressClaimed) else holders - {account}
            past.append(event)
        assert len(holders) <= 1
