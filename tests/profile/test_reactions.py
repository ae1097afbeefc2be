"""How the profile follows the account."""

from datetime import date
from uuid import UUID

import pytest

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.profile.domain import PROFILE, ChangeRegistrationEmail, CloseProfile, OpenProfile
from services.profile.reactions import ALL
from shared.model.reaction import Do, Known
from shared.model.testing import recorded

ANNA = UUID("018f0000-0000-7000-8000-000000000001")
(FOLLOW,) = ALL


@pytest.mark.rule("R14")
def test_a_registration_opens_a_profile_that_knows_what_was_said() -> None:
    registered = CandidateRegistered(
        user_code="ADIAZ",
        email="anna@example.org",
        title="ms",
        given_names="Anna",
        family_name="Díaz",
        birth_date=date(1990, 5, 17),
        language="fr",
        link="none",
    )
    known = {
        "title": "ms",
        "family_name": "Díaz",
        "given_names": "Anna",
        "birth_date": "1990-05-17",
        "preferred_language": "fr",
    }
    command = OpenProfile(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org", known=known)
    assert list(FOLLOW.react(recorded(registered, f"account-{ANNA}"), Known({}))) == [Do(PROFILE, ANNA, command)]


def test_a_verified_address_becomes_the_profiles_registration_address() -> None:
    verified = recorded(EmailVerified(email="new@example.org"), f"account-{ANNA}")
    command = ChangeRegistrationEmail(candidate_id=ANNA, email="new@example.org")
    assert list(FOLLOW.react(verified, Known({}))) == [Do(PROFILE, ANNA, command)]


def test_a_profile_closes_with_its_account() -> None:
    closed = recorded(AccountClosed(), f"account-{ANNA}")
    assert list(FOLLOW.react(closed, Known({}))) == [Do(PROFILE, ANNA, CloseProfile(candidate_id=ANNA))]
