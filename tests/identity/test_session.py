"""A session begins once, ends once, and not later than its time."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.session import SESSION, EndSession, LogIn, browser_family, expires_at
from services.identity.events import LoggedIn, SessionEnded
from shared.model.testing import NOON, given
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


AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0": "Firefox",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36": "Chrome",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": "Microsoft Edge",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/139.0 Safari/537.36 OPR/122.0": "Opera",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15": "Safari",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1": "Chrome",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 FxiOS/141.0 Mobile/15E148 Safari/604.1": "Firefox",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/18.0 EdgiOS/140.0 Mobile/15E148 Safari/604.1": "Microsoft Edge",
    "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36": "Samsung Internet",
    "curl/8.14.1": "",
    "": "",
}


@pytest.mark.parametrize(("agent", "family"), AGENTS.items())
def test_of_where_a_session_is_only_the_browser_s_name_is_kept(agent: str, family: str) -> None:
    assert browser_family(agent) == family
