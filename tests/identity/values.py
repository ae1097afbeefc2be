"""A registration form as Anna fills it in, and ids that are the same in every run."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from services.identity.domain.account import RegisterExternalCandidate
from services.identity.events import (
    ACCOUNT,
    AddressClaimed,
    AddressReleased,
    CandidateRegistered,
    EmailVerified,
    PersonalDataErased,
    RegistrationRepeated,
    person_id,
)
from shared.model.testing import NOON

FORM: dict[str, Any] = {
    "link": "none",
    "title": "ms",
    "given_names": "Anna Maria",
    "family_name": "Müller",
    "birth_date": "1990-11-23",
    "email": "Anna.Muller@example.org",
    "language": "fr",
}


def some_id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def form(**changes: Any) -> dict[str, Any]:
    return {**FORM, **changes}


def register(**changes: Any) -> RegisterExternalCandidate:
    return RegisterExternalCandidate(values=form(**changes), user_code="P7K4-2QXM")


def registered(**changes: Any) -> CandidateRegistered:
    facts = {**FORM, "user_code": "P7K4-2QXM", **changes}
    return CandidateRegistered.model_validate(facts)


ANNA, EVE = some_id("anna"), some_id("eve")
PROVEN = EmailVerified(email=FORM["email"])
PERSON = person_id(registered().given_names, registered().family_name, registered().birth_date)
ERASED = PersonalDataErased(goes=ACCOUNT, person=PERSON)
CLAIMED, RELEASED = AddressClaimed(account_id=ANNA), AddressReleased(account_id=ANNA)


def told(after: timedelta = timedelta(0), language: str = "en", holder: UUID = ANNA) -> RegistrationRepeated:
    """Whoever has the address was told, this long after NOON, that somebody registered with it again."""
    return RegistrationRepeated(email="anna@example.org", language=language, said_at=NOON + after, account_id=holder)
