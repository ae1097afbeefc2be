"""What identity shows of its own events: accounts for mails and staff, who shares a name, who may be here twice."""

from typing import Any, TypedDict, assert_never

from services.identity.events import (
    AccountClosed,
    AddressClaimed,
    AddressReleased,
    CandidateRegistered,
    EmailVerified,
    PersonalDataErased,
    PossibleDuplicateFlagged,
    RoleGranted,
    RoleRevoked,
    person_of,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class AccountDocument(TypedDict):
    """Whom to write to. `state`: pending, live or closed; of a closed account neither name nor address is here."""

    account_id: str
    user_code: str
    email: str
    name: str
    language: str
    roles: list[str]
    state: str


AccountFact = CandidateRegistered | EmailVerified | RoleGranted | RoleRevoked | AccountClosed


def _account(document: AccountDocument | None, event: Recorded[Any]) -> AccountDocument | None:
    fact: AccountFact = event.data
    if isinstance(fact, CandidateRegistered):
        return _new(event.key, fact)
    if document is None:
        return None
    match fact:
        case EmailVerified(email=email):
            return {**document, "email": email, "state": "live"}
        case RoleGranted(role=role):
            return {**document, "roles": sorted({*document["roles"], role})}
        case RoleRevoked(role=role):
            return {**document, "roles": sorted({*document["roles"]} - {role})}
        case AccountClosed():
            return {**document, "email": "", "name": "", "state": "closed"}
        case _:
            assert_never(fact)


def _new(key: str, fact: CandidateRegistered) -> AccountDocument:
    return {
        "account_id": key,
        "user_code": fact.user_code,
        "email": fact.email,
        "name": f"{fact.given_names} {fact.family_name}".strip(),
        "language": fact.language,
        "roles": ["candidate"],
        "state": "pending",
    }


class PersonDocument(TypedDict):
    """The accounts registered under one name and birth date, the oldest first; closed ones are forgotten."""

    accounts: list[str]


def _person_key(event: Recorded[Any]) -> tuple[str, ...]:
    """None for who is erased: a new view never learns of them."""
    fact: CandidateRegistered | PersonalDataErased = event.data
    person = fact.person if isinstance(fact, PersonalDataErased) else person_of(fact)
    return (str(person),) if person else ()


def _person(document: PersonDocument | None, event: Recorded[Any]) -> PersonDocument | None:
    others = [account for account in document["accounts"] if account != event.key] if document else []
    if isinstance(event.data, PersonalDataErased):
        return {"accounts": others} if others else None
    return document if document and event.key in document["accounts"] else {"accounts": [*others, event.key]}


class DuplicateDocument(TypedDict):
    """An account, and others that may be the same person's (R6). For staff only."""

    account_id: str
    others: list[str]
    flagged_at: Any


def _duplicate(document: DuplicateDocument | None, event: Recorded[Any]) -> DuplicateDocument | None:
    flagged: PossibleDuplicateFlagged | PersonalDataErased = event.data
    if isinstance(flagged, PersonalDataErased):
        return None
    known = set(document["others"]) if document else set()
    others = sorted(known | {str(other) for other in flagged.others})
    return {"account_id": event.key, "others": others, "flagged_at": event.at}


class ClaimsDocument(TypedDict):
    """The claims that an account has, the oldest first. An erased one has a document, even if it never had any."""

    claims: list[str]


def _holder(event: Recorded[Any]) -> tuple[str, ...]:
    fact: AddressClaimed | AddressReleased | PersonalDataErased = event.data
    return (event.key,) if isinstance(fact, PersonalDataErased) else (str(fact.account_id),)


def _claims(document: ClaimsDocument | None, event: Recorded[Any]) -> ClaimsDocument:
    fact: AddressClaimed | AddressReleased | PersonalDataErased = event.data
    claims = document["claims"] if document else []
    match fact:
        case AddressClaimed():
            return {"claims": [*claims, event.key]}
        case AddressReleased():
            return {"claims": [claim for claim in claims if claim != event.key]}
        case PersonalDataErased():
            return {"claims": claims}
        case _:
            assert_never(fact)


ACCOUNTS = Projection(
    "accounts", (CandidateRegistered, EmailVerified, RoleGranted, RoleRevoked, AccountClosed), by_key, _account
)
PEOPLE = Projection("people", (CandidateRegistered, PersonalDataErased), _person_key, _person)
DUPLICATES = Projection("duplicates", (PossibleDuplicateFlagged, PersonalDataErased), by_key, _duplicate)
CLAIMS_OF = Projection("claims_of", (AddressClaimed, AddressReleased, PersonalDataErased), _holder, _claims)

ALL = (ACCOUNTS, PEOPLE, DUPLICATES, CLAIMS_OF)
