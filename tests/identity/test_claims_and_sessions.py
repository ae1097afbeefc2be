"""An address has one holder, a session one life: bounds of time, and what holds in any order of commands."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.claim import CLAIM, QUIET, ClaimAddress, ReleaseAddress, RepeatRegistration
from services.identity.domain.registration import address_id, address_problems
from services.identity.domain.session import SESSION, EndSession, LogIn, expires_at
from services.identity.events import AddressClaimed, LoggedIn, RegistrationRepeated, SessionEnded
from services.identity.reactions import ALL
from shared.model.errors import Conflict
from shared.model.message import Command
from shared.model.reaction import Known, Schedule
from shared.model.testing import NOON, given, recorded
from tests.identity.values import ANNA, CLAIMED, EVE, RELEASED, told

SECOND = timedelta(seconds=1)


def again(after: timedelta = timedelta(0), language: str = "en") -> RepeatRegistration:
    return RepeatRegistration(email="anna@example.org", language=language, at=NOON + after)


@pytest.mark.rule("R6")
def test_a_claim_is_given_back_by_its_holder_only_and_once() -> None:
    given(CLAIM, CLAIMED).when(ReleaseAddress(account_id=ANNA)).then(RELEASED)
    given(CLAIM, CLAIMED, RELEASED).when(ReleaseAddress(account_id=ANNA)).then()
    given(CLAIM).when(ReleaseAddress(account_id=ANNA)).then()
    given(CLAIM, CLAIMED, RELEASED, AddressClaimed(account_id=EVE)).when(ReleaseAddress(account_id=ANNA)).then()


def test_whoever_comes_second_is_refused_without_learning_who_was_first() -> None:
    refusal = given(CLAIM, CLAIMED).when(ClaimAddress(account_id=EVE)).refused(Conflict)
    assert str(ANNA) not in str(refusal)
    given(CLAIM, CLAIMED, RELEASED).when(ClaimAddress(account_id=ANNA)).then(CLAIMED)


@pytest.mark.parametrize(("after", "mailed"), [(timedelta(0), False), (QUIET - SECOND, False), (QUIET, True)])
def test_a_holder_who_was_told_is_left_in_peace_for_an_hour(after: timedelta, mailed: bool) -> None:
    outcome = given(CLAIM, CLAIMED, told()).when(again(after, "fr"))
    outcome.then(*([told(after, "fr")] if mailed else []))


def test_the_hour_counts_from_the_last_mail_and_not_from_the_last_try() -> None:
    past = [CLAIMED, told(), told(QUIET)]
    given(CLAIM, *past).when(again(2 * QUIET - SECOND)).then()
    given(CLAIM, *past).when(again(2 * QUIET)).then(told(2 * QUIET))


def test_of_an_address_that_was_given_back_nobody_is_told() -> None:
    given(CLAIM, CLAIMED, RELEASED).when(again()).then()


def test_the_hour_goes_on_when_the_address_passes_to_somebody_else() -> None:
    past = [CLAIMED, told(), RELEASED, AddressClaimed(account_id=EVE)]
    given(CLAIM, *past).when(again(QUIET - SECOND)).then()
    given(CLAIM, *past).when(again(QUIET)).then(told(QUIET, holder=EVE))


wishes = st.one_of(
    st.builds(ClaimAddress, account_id=st.sampled_from([ANNA, EVE])),
    st.builds(ReleaseAddress, account_id=st.sampled_from([ANNA, EVE])),
    st.just(again()),
)


@for_all(st.lists(st.tuples(wishes, st.integers(0, 50)), max_size=25))
def test_mails_about_one_address_are_never_less_than_an_hour_apart(steps: list[tuple[Command, int]]) -> None:
    past: list[Any] = []
    now, mails = NOON, []
    for wish, minutes in steps:
        now += timedelta(minutes=minutes)
        command = wish.model_copy(update={"at": now})
        outcome = given(CLAIM, *past).when(command)
        past += outcome.events or ()
        mails += [event.said_at for event in outcome.events or () if isinstance(event, RegistrationRepeated)]
        if not outcome.refusal:
            given(CLAIM, *past).when(command).then()
    assert all(later - earlier >= QUIET for earlier, later in pairwise(mails))


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("email", "problems"),
    [("anna@example.org", 0), ("", 1), ("   ", 1), ("anna", 1), ("anna@un.org", 1), ("anna@ｕｎ.org", 1)],
)
def test_an_address_that_is_asked_for_alone_has_one_problem_at_most(email: str, problems: int) -> None:
    found = address_problems(email)
    assert [problem.field for problem in found] == ["email"] * problems


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Anna@Example.ORG", "anna@example.org", True),
        ("anna@example.org\n", "anna@example.org", True),
        ("straße@example.org", "STRASSE@example.org", True),
        ("anna@example.org", "anna@example.net", False),
        ("anna+un@example.org", "anna@example.org", False),
        ("a.nna@example.org", "anna@example.org", False),
    ],
)
def test_case_and_spaces_make_no_other_address_and_everything_else_does(one: str, other: str, same: bool) -> None:
    assert (address_id(one) == address_id(other)) is same


LASTS, IDLE = timedelta(hours=12), timedelta(minutes=60)
BEGUN = LoggedIn(account_id=ANNA, ends_at=NOON + LASTS)


@pytest.mark.rule("R20")
@pytest.mark.parametrize(
    ("used", "end"),
    [
        (timedelta(0), IDLE),
        (LASTS - IDLE - SECOND, LASTS - SECOND),
        (LASTS - IDLE, LASTS),
        (LASTS - IDLE + SECOND, LASTS),
        (LASTS, LASTS),
    ],
)
def test_an_hour_without_use_ends_a_session_but_the_twelfth_hour_ends_it_anyway(
    used: timedelta, end: timedelta
) -> None:
    assert expires_at(NOON + used, NOON + LASTS, IDLE) == NOON + end


@pytest.mark.rule("R20")
def test_the_last_end_counts_from_the_moment_of_logging_in() -> None:
    later = NOON + timedelta(days=3)
    given(SESSION).when(LogIn(account_id=ANNA, lasts=LASTS, at=later)).then(
        LoggedIn(account_id=ANNA, ends_at=later + LASTS)
    )
    (until_over,) = [reaction for reaction in ALL if LoggedIn in reaction.on]
    (timer,) = until_over.react(recorded(BEGUN, "session-7", at=later), Known({}))
    assert isinstance(timer, Schedule)
    assert (timer.due, timer.data) == (BEGUN.ends_at, {"session_id": "7"}), "whenever the reaction comes to it"


@for_all(
    st.lists(
        st.one_of(
            st.builds(LogIn, account_id=st.sampled_from([ANNA, EVE]), lasts=st.just(LASTS)),
            st.builds(EndSession, reason=st.sampled_from(["logout", "expired", "replaced", "ended"])),
        ),
        max_size=12,
    )
)
def test_a_session_has_one_holder_one_beginning_and_one_end(commands: list[Command]) -> None:
    past: list[Any] = []
    for command in commands:
        past += given(SESSION, *past).when(command).events or ()
        given(SESSION, *past).when(command).then()
    assert [type(event) for event in past] in ([], [LoggedIn], [LoggedIn, SessionEnded])
    assert len({event.account_id for event in past}) <= 1
