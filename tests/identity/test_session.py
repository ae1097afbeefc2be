"""A session begins once, ends once, and not later than its time."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.session import SESSION, EndSession, LogIn, expires_at
from services.identity.events import LoggedIn, SessionEnded
from shared.testing import NOON, given
from tests.identity.values import some_id

ANNA = some_id("anna")
HALF_A_DAY = timedelta(hours=12)
BEGUN = LoggedIn(account_id=ANNA, ends_at=NOON + HALF_A_DAY)


@pytest.mark.rule("R20")
def test_logging_in_begins_a_session_with_a_last_end() -> None:
    given(SESSION).when(LogIn(account_id=ANNA, lasts=HALF_A_DAY)).then(BEGUN)


def test_a_session_begins_once() -> None:
    given(SESSION, BEGUN).when(LogIn(account_id=ANNA, lasts=HALF_A_DAY)).then()


@pytest.mark.parametrize("reason", ["logout", "expired", "replaced", "ended"])
def test_a_session_ends_with_its_reason(reason: str) -> None:
    ended = SessionEnded.model_validate({"account_id": ANNA, "reason": reason})
    given(SESSION, BEGUN).when(EndSession.model_validate({"reason": reason})).then(ended)


def test_a_session_ends_once() -> None:
    given(SESSION, BEGUN, SessionEnded(account_id=ANNA, reason="logout")).when(EndSession(reason="expired")).then()


def test_what_never_began_does_not_end() -> None:
    given(SESSION).when(EndSession(reason="logout")).then()


def test_an_ended_session_does_not_begin_again() -> None:
    over = SessionEnded(account_id=ANNA, reason="logout")
    given(SESSION, BEGUN, over).when(LogIn(account_id=ANNA, lasts=HALF_A_DAY)).then()


@pytest.mark.rule("R20")
@for_all(st.timedeltas(timedelta(0), HALF_A_DAY), st.timedeltas(timedelta(minutes=1), timedelta(hours=2)))
def test_a_session_ends_after_idling_but_never_after_its_last_end(used: timedelta, idle: timedelta) -> None:
    end = expires_at(NOON + used, NOON + HALF_A_DAY, idle)
    assert end <= NOON + HALF_A_DAY
    assert end in (NOON + used + idle, NOON + HALF_A_DAY)
