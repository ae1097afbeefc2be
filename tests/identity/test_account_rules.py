"""The life of an account: what each command does in each state, and that a closed one holds nothing of anybody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.account import (
    ACCOUNT,
    ChangeEmail,
    ChangePassword,
    CloseAccount,
    FlagPossibleDuplicate,
    GrantRole,
    LapseRegistration,
    RequestCredentialReminder,
    ResetPassword,
    RevokeRole,
    VerifyEmail,
)
from services.identity.events import (
    AccountClosed,
    CredentialReminderSent,
    EmailChanged,
    EmailVerified,
    PasswordChanged,
    PasswordReset,
    PersonalDataErased,
    PossibleDuplicateFlagged,
    RegistrationRefused,
    RoleGranted,
    RoleRevoked,
)
from services.identity.projections import ACCOUNTS
from shared.model.errors import Conflict, Invalid, NotFound, Refused
from shared.model.message import Command, Event
from shared.model.testing import NOON, given, recorded
from shared.vocabulary.permissions import ROLES
from tests.identity.values import ERASED, FORM, PROVEN, register, registered, some_id

STATES: dict[str, tuple[Event, ...]] = {
    "none": (),
    "refused": (RegistrationRefused(link="permanent"),),
    "pending": (registered(),),
    "live": (registered(), PROVEN),
    "closed": (registered(), PROVEN, AccountClosed(), ERASED),
    "lapsed": (registered(), AccountClosed(reason="unverified"), ERASED),
}
NEW, OTHER = "anna@example.net", some_id("other")
CLOSING = [AccountClosed(), ERASED]
LAPSING = [AccountClosed(reason="unverified"), ERASED]
MOVING = [EmailChanged(before=FORM["email"]), EmailVerified(email=NEW, first=False)]
FLAGGED = [PossibleDuplicateFlagged(others=(OTHER,))]
REMINDED = [CredentialReminderSent(kind="user_code")]
REMIND = RequestCredentialReminder(kind="user_code")
FLAG = FlagPossibleDuplicate(others=(OTHER,))

Outcome = list[Any] | type[Refused]
TABLE: list[tuple[Command, dict[str, Outcome], Outcome]] = [
    (register(), {"none": [registered()], "refused": [registered()]}, []),
    (register(link="continuing"), {"none": [RegistrationRefused(link="continuing")],
                                   "refused": [RegistrationRefused(link="continuing")]}, []),
    (VerifyEmail(), {"pending": [PROVEN], "live": [], "closed": Conflict, "lapsed": Conflict}, NotFound),
    (LapseRegistration(), {"pending": LAPSING}, []),
    (CloseAccount(), {"live": CLOSING, "closed": [], "lapsed": []}, NotFound),
    (ResetPassword(), {"live": [PasswordReset()]}, NotFound),
    (ChangePassword(), {"live": [PasswordChanged()]}, NotFound),
    (ChangeEmail(email=NEW), {"live": MOVING}, NotFound),
    (ChangeEmail(email=FORM["email"]), {"live": []}, NotFound),
    (REMIND, {"live": REMINDED}, []),
    (FLAG, {"closed": [], "lapsed": []}, FLAGGED),
    (GrantRole(role="hr"), {"live": [RoleGranted(role="hr")]}, NotFound),
    (RevokeRole(role="hr"), {"live": []}, NotFound),
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("command", "there", "elsewhere"), TABLE)
def test_what_each_command_does_in_each_state(
    command: Command, there: dict[str, Outcome], elsewhere: Outcome, state: str
) -> None:
    outcome = given(ACCOUNT, *STATES[state]).when(command)
    expected = there.get(state, elsewhere)
    if isinstance(expected, list):
        outcome.then(*expected)
    else:
        outcome.refused(expected)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_granted_revoked_and_granted_again(role: str) -> None:
    granted, revoked = RoleGranted(role=role), RoleRevoked(role=role)
    live = STATES["live"]
    given(ACCOUNT, *live).when(GrantRole(role=role)).then(granted)
    given(ACCOUNT, *live, granted).when(RevokeRole(role=role)).then(revoked)
    given(ACCOUNT, *live, granted, revoked).when(RevokeRole(role=role)).then()
    given(ACCOUNT, *live, granted, revoked).when(GrantRole(role=role)).then(granted)
    given(ACCOUNT, *live, granted).when(GrantRole(role=next(each for each in ROLES if each != role))).happened(
        RoleGranted
    )


def test_to_be_a_candidate_is_no_role_that_can_be_taken() -> None:
    given(ACCOUNT, *STATES["live"]).when(GrantRole(role="candidate")).then()
    given(ACCOUNT, *STATES["live"]).when(RevokeRole(role="candidate")).refused(NotFound, "role")
    given(ACCOUNT, *STATES["live"]).when(RevokeRole(role="emperor")).then()


@pytest.mark.rule("R6")
@for_all(st.lists(st.lists(st.integers(1, 6).map(lambda number: some_id(str(number))), max_size=4), max_size=6))
def test_each_possible_duplicate_is_flagged_exactly_once(seen: list[list[Any]]) -> None:
    past: list[Event] = [registered(), PROVEN]
    flagged: list[Any] = []
    for others in seen:
        events = given(ACCOUNT, *past).when(FlagPossibleDuplicate(others=tuple(others))).events or ()
        for event in events:
            assert isinstance(event, PossibleDuplicateFlagged)
            assert list(event.others) == sorted(event.others)
            flagged += event.others
        past += events
    assert sorted(flagged) == sorted({other for others in seen for other in others})


@pytest.mark.rule("R14")
def test_an_address_in_another_spelling_is_a_change_and_the_way_back_is_one_too() -> None:
    shouted = FORM["email"].upper()
    there = (EmailChanged(before=FORM["email"]), EmailVerified(email=shouted, first=False))
    back = (EmailChanged(before=shouted), EmailVerified(email=FORM["email"], first=False))
    given(ACCOUNT, *STATES["live"]).when(ChangeEmail(email=shouted)).then(*there)
    given(ACCOUNT, *STATES["live"], *there).when(ChangeEmail(email=FORM["email"])).then(*back)


def test_each_password_that_is_set_is_an_event_of_its_own() -> None:
    given(ACCOUNT, *STATES["live"], PasswordReset()).when(ResetPassword()).then(PasswordReset())
    given(ACCOUNT, *STATES["live"], PasswordChanged()).when(ChangePassword()).then(PasswordChanged())
    given(ACCOUNT, *STATES["live"], *REMINDED).when(REMIND).then(*REMINDED)


@pytest.mark.rule("R2")
def test_each_staff_contract_that_is_claimed_is_refused_once_in_a_row() -> None:
    permanent, fixed = (RegistrationRefused(link=link) for link in ("permanent", "fixed_term"))
    given(ACCOUNT, permanent).when(register(link="fixed_term")).then(fixed)
    given(ACCOUNT, permanent, fixed).when(register(link="fixed_term")).then()
    given(ACCOUNT).when(register(link=" permanent ")).then(permanent)


@pytest.mark.rule("R9")
@pytest.mark.parametrize("name", ["given_names", "family_name"])
def test_a_name_has_up_to_a_hundred_characters_on_one_line(name: str) -> None:
    for taken in ("X", "x" * 100, "Nguyễn Thị", "O’Connor-Díaz", "王"):
        given(ACCOUNT).when(register(**{name: f" {taken}\n"})).then(registered(**{name: taken}))
    for wrong in ("x" * 101, "a\nb", "a\0b", "a\N{RIGHT-TO-LEFT OVERRIDE}b"):
        given(ACCOUNT).when(register(**{name: wrong})).refused(Invalid, name)


@pytest.mark.rule("R9")
@pytest.mark.parametrize("field", ["link", "title", "language"])
@pytest.mark.parametrize("value", ["", "other", "NONE", None, 7])
def test_what_is_chosen_is_in_the_list(field: str, value: object) -> None:
    given(ACCOUNT).when(register(**{field: value})).refused(Invalid, field)


@pytest.mark.rule("R9")
def test_what_is_no_text_is_refused_under_its_own_name() -> None:
    given(ACCOUNT).when(register(given_names=3, birth_date=19901123, email=["anna@example.org"])).refused(
        Invalid, "given_names", "birth_date", "email"
    )


@pytest.mark.rule("R9")
@pytest.mark.parametrize("email", ["anna@ｕｎ.org", "anna@ＵＮ.ｏｒｇ", "anna@un。org", "anna@mail.un｡org"])
def test_an_official_address_is_none_of_ones_own_however_wide_it_is_typed(email: str) -> None:
    refusal = given(ACCOUNT).when(register(email=email)).refused(Invalid, "email")
    assert "official address" in str(refusal)


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("born", "at", "right"),
    [
        ("2012-11-23", NOON, True),  # fourteen today
        ("2012-11-24", NOON, False),
        ("1926-11-23", NOON, True),  # a hundred today
        ("1925-11-24", NOON, True),  # a hundred and one tomorrow
        ("1925-11-23", NOON, False),
        ("2012-02-29", datetime(2026, 2, 28, 12, tzinfo=UTC), False),  # a birthday on the first of March
        ("2012-02-29", datetime(2026, 3, 1, 12, tzinfo=UTC), True),
        ("2012-11-24", datetime(2026, 11, 24, 0, 0, tzinfo=UTC), True),
        ("2012-11-24", datetime(2026, 11, 23, 23, 59, tzinfo=UTC), False),
    ],
)
def test_who_registers_is_from_fourteen_to_a_hundred_years_old(born: str, at: datetime, right: bool) -> None:
    outcome = given(ACCOUNT).when(register(birth_date=born).model_copy(update={"at": at}))
    if right:
        outcome.then(registered(birth_date=born))
    else:
        outcome.refused(Invalid, "birth_date")


def test_a_wrong_age_and_an_official_address_are_named_after_what_is_malformed() -> None:
    given(ACCOUNT).when(register(title="", email="anna@un.org", birth_date="2020-01-01")).refused(
        Invalid, "title", "email", "birth_date"
    )


COMMANDS: list[Any] = [command for command, _, _ in TABLE] + [
    GrantRole(role="support"), RevokeRole(role="support"), register(given_names="Eve"),
    ChangeEmail(email="c@example.org"),
]  # fmt: skip
REPEATABLE = (ResetPassword, ChangePassword, RequestCredentialReminder)
"""What is done anew each time that it is asked for."""


@for_all(st.lists(st.sampled_from(COMMANDS), max_size=20))
def test_in_any_order_the_view_says_what_the_rules_say_and_an_end_is_an_end(commands: list[Command]) -> None:
    past: list[Any] = []
    document: Any = None
    for number, command in enumerate(commands):
        outcome = given(ACCOUNT, *past).when(command)
        for event in outcome.events or ():
            past.append(event)
            if type(event) in ACCOUNTS.on:
                at = NOON + timedelta(minutes=number)
                document = ACCOUNTS.evolve(document, recorded(event, "account-1", len(past), at))
        if not outcome.refusal and not isinstance(command, REPEATABLE):
            given(ACCOUNT, *past).when(command).then()
        account = ACCOUNT.fold(past)
        assert (document["state"] if document else "none") == account.status
        if document:
            assert (document["email"], document["name"]) == (account.email, account.name)
            assert (document["roles"], document["user_code"]) == (sorted(account.roles), account.user_code)
            assert document["language"] == account.language
        if account.status == "closed":
            assert {type(event) for event in past[-2:]} == {AccountClosed, PersonalDataErased}
            assert not any(text in str((account, document)) for text in ("Anna", "Eve", "Müller", "@"))
