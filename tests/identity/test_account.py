"""An account's rules: who registers, what proves the address, which roles it has."""

import pytest

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
from services.identity.domain.registration import LINKS, STAFF_LINKS
from services.identity.events import (
    PUBLISHED,
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
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.message import personal_fields
from shared.model.testing import given
from shared.ops.logs import redact
from tests.identity.values import ERASED, FORM, PROVEN, form, register, registered, some_id

ALLOWED = [link.value for link in LINKS if link.value not in STAFF_LINKS]


@pytest.mark.rule("R9")
def test_a_complete_form_registers() -> None:
    given(ACCOUNT).when(register()).then(registered())


def test_spaces_around_what_was_typed_do_not_count() -> None:
    given(ACCOUNT).when(register(email=" Anna.Muller@example.org ", family_name="Müller ")).then(registered())


@pytest.mark.rule("R2")
@pytest.mark.parametrize("link", STAFF_LINKS)
def test_staff_of_the_secretariat_are_refused_and_nothing_personal_is_kept(link: str) -> None:
    (refused,) = given(ACCOUNT).when(register(link=link)).happened(RegistrationRefused)
    assert refused.model_dump() == {"link": link}


@pytest.mark.rule("R2")
def test_staff_are_refused_before_they_fill_in_the_rest() -> None:
    command = register(link="permanent", given_names="", email="", birth_date="")
    given(ACCOUNT).when(command).then(RegistrationRefused(link="permanent"))


@pytest.mark.rule("R2")
def test_the_same_refusal_is_recorded_once() -> None:
    given(ACCOUNT, RegistrationRefused(link="permanent")).when(register(link="permanent")).then()


def test_after_a_wrong_answer_about_staff_the_form_can_be_corrected() -> None:
    given(ACCOUNT, RegistrationRefused(link="permanent")).when(register()).then(registered())


@pytest.mark.rule("R3")
@pytest.mark.parametrize("link", ALLOWED)
def test_the_other_groups_register_as_external_candidates(link: str) -> None:
    given(ACCOUNT).when(register(link=link)).then(registered(link=link))


@pytest.mark.rule("R3")
def test_every_group_the_guide_names_is_in_the_form() -> None:
    named = {"un_volunteer", "temporary", "associate_expert", "consultant", "intern", "police_military"}
    assert named <= set(ALLOWED)


@pytest.mark.rule("R9")
@pytest.mark.parametrize("field", FORM)
def test_every_field_is_needed(field: str) -> None:
    given(ACCOUNT).when(register(**{field: ""})).refused(Invalid, field)


def test_all_problems_are_named_at_once() -> None:
    given(ACCOUNT).when(register(email="anna", birth_date="1990-13-01", title="")).refused(
        Invalid, "title", "birth_date", "email"
    )


def test_registering_twice_under_one_id_changes_nothing() -> None:
    given(ACCOUNT, registered()).when(register(family_name="Other")).then()


def test_the_code_from_the_mail_proves_the_address() -> None:
    given(ACCOUNT, registered()).when(VerifyEmail()).then(PROVEN)


def test_proving_twice_changes_nothing() -> None:
    given(ACCOUNT, registered(), PROVEN).when(VerifyEmail()).then()


def test_what_was_never_registered_cannot_be_proven() -> None:
    given(ACCOUNT).when(VerifyEmail()).refused(NotFound)


def test_a_refused_registration_cannot_be_proven() -> None:
    given(ACCOUNT, RegistrationRefused(link="permanent")).when(VerifyEmail()).refused(NotFound)


def test_an_unproven_registration_lapses() -> None:
    given(ACCOUNT, registered()).when(LapseRegistration()).then(AccountClosed(reason="unverified"), ERASED)


def test_a_lapsed_registration_cannot_be_proven_any_more() -> None:
    given(ACCOUNT, registered(), AccountClosed(reason="unverified")).when(VerifyEmail()).refused(Conflict)


def test_a_proven_account_does_not_lapse() -> None:
    given(ACCOUNT, registered(), PROVEN).when(LapseRegistration()).then()


@pytest.mark.rule("R6")
def test_a_possible_duplicate_is_flagged_once() -> None:
    other = some_id("other")
    flagged = PossibleDuplicateFlagged(others=(other,))
    given(ACCOUNT, registered()).when(FlagPossibleDuplicate(others=(other,))).then(flagged)
    given(ACCOUNT, registered(), flagged).when(FlagPossibleDuplicate(others=(other,))).then()


@pytest.mark.rule("R4")
@pytest.mark.parametrize("kind", ["user_code", "password"])
def test_only_the_holder_of_a_live_account_is_reminded(kind: str) -> None:
    command = RequestCredentialReminder.model_validate({"kind": kind})
    given(ACCOUNT, registered(), PROVEN).when(command).happened(CredentialReminderSent)
    given(ACCOUNT, registered()).when(command).then()
    given(ACCOUNT).when(command).then()


@pytest.mark.rule("R4")
def test_a_password_is_reset_for_a_live_account_only() -> None:
    given(ACCOUNT, registered(), PROVEN).when(ResetPassword()).then(PasswordReset())
    given(ACCOUNT, registered()).when(ResetPassword()).refused(NotFound)


def test_a_password_is_changed_by_the_holder_of_a_live_account_only() -> None:
    given(ACCOUNT, registered(), PROVEN).when(ChangePassword()).then(PasswordChanged())
    given(ACCOUNT, registered()).when(ChangePassword()).refused(NotFound)


@pytest.mark.rule("R14")
def test_a_new_address_takes_the_place_of_the_old_one_once() -> None:
    new = "anna@example.net"
    moved = (EmailChanged(before="Anna.Muller@example.org"), EmailVerified(email=new, first=False))
    given(ACCOUNT, registered(), PROVEN).when(ChangeEmail(email=new)).then(*moved)
    given(ACCOUNT, registered(), PROVEN, *moved).when(ChangeEmail(email=new)).then()
    given(ACCOUNT, registered()).when(ChangeEmail(email=new)).refused(NotFound)
    assert ACCOUNT.fold([registered(), PROVEN, *moved]).email == new


def test_an_account_is_closed_once_and_nothing_more_happens_to_it() -> None:
    closed = AccountClosed(reason="candidate")
    given(ACCOUNT, registered(), PROVEN).when(CloseAccount()).then(closed, ERASED)
    given(ACCOUNT, registered(), PROVEN, closed).when(CloseAccount()).then()
    given(ACCOUNT, registered(), PROVEN, closed).when(ChangePassword()).refused(NotFound)
    given(ACCOUNT, registered(), PROVEN, closed).when(GrantRole(role="hr")).refused(NotFound)
    given(ACCOUNT).when(CloseAccount()).refused(NotFound)


def test_a_closed_account_says_nothing_of_its_holder_and_is_nobodys_duplicate() -> None:
    past = (registered(), PROVEN, AccountClosed(), ERASED)
    account = ACCOUNT.fold(past)
    assert (account.email, account.name, account.person) == ("", "", None)
    assert account.user_code
    given(ACCOUNT, *past).when(FlagPossibleDuplicate(others=(some_id("other"),))).then()


def test_who_it_was_is_personal_and_stays_inside() -> None:
    assert personal_fields(PersonalDataErased) == {"person"}
    assert PersonalDataErased in PUBLISHED.redacted


def test_an_address_that_was_proven_before_there_were_changes_was_the_first() -> None:
    assert EmailVerified.model_validate({"email": "anna@example.org"}).first


def test_roles_are_granted_and_revoked_once() -> None:
    granted = RoleGranted(role="support")
    given(ACCOUNT, registered(), PROVEN).when(GrantRole(role="support")).then(granted)
    given(ACCOUNT, registered(), PROVEN, granted).when(GrantRole(role="support")).then()
    given(ACCOUNT, registered(), PROVEN, granted).when(RevokeRole(role="support")).then(RoleRevoked(role="support"))
    given(ACCOUNT, registered(), PROVEN).when(RevokeRole(role="support")).then()


def test_a_role_that_does_not_exist_is_refused() -> None:
    given(ACCOUNT, registered(), PROVEN).when(GrantRole(role="emperor")).refused(NotFound, "role")


def test_an_unproven_account_gets_no_role() -> None:
    given(ACCOUNT, registered()).when(GrantRole(role="support")).refused(NotFound)


def test_a_registered_person_is_a_candidate() -> None:
    assert ACCOUNT.fold([registered(), PROVEN]).roles == {"candidate"}


def test_nothing_personal_of_a_registration_reaches_the_logs() -> None:
    logged = str(redact(None, "", {"event": "registered", "fact": registered()}))
    assert not [value for field, value in form().items() if field not in ("link", "language") and value in logged]
