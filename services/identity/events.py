"""What happened to accounts, sessions and addresses. No password, token or code is ever in an event."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.model.message import OWN, Event, Personal, Published, Subject
from shared.vocabulary.words import fold

PERSON: Final = Subject("account", "candidate_id")
"""The account's holder, whose key identity makes and erases."""
CandidateId = Annotated[UUID, Field(description="The candidate: the account's id in identity.")]
Reason = Literal["logout", "expired", "replaced", "ended"]
FactorKind = Literal["totp", "passkey"]

_PEOPLE: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c02")


def person_id(given_names: str, family_name: str, born: date) -> UUID:
    """The same for everybody with this name, accents and case aside, and this birth date."""
    names = (" ".join(fold(name).split()) for name in (given_names, family_name))
    return uuid5(_PEOPLE, "|".join((*names, born.isoformat())))


ACCOUNT: Final = ("account", "profile", "drafts", "searches", "tickets")
"""What goes with an account."""


class CandidateRegistered(Event):
    """An external candidate has registered; the address is not proven yet. `link`: the link with the UN Secretariat."""

    receipt = "Nothing: the address is not proven before EmailVerified."
    whose = OWN

    user_code: str
    """The code that the candidate can log in with and that support asks for."""
    email: Personal[str]
    """The address of the account, not proven yet."""
    title: Personal[str]
    """How to address the candidate: `mr`, `ms`, `dr`, `prof` or `mx`."""
    given_names: Personal[str]
    """Given names; empty for somebody who has one name only."""
    family_name: Personal[str]
    """Family name, or the one name there is."""
    birth_date: Personal[date]
    """The day of birth as given when registering."""
    language: str
    """The language of the account: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    link: str
    """Which link with the UN Secretariat was stated; `none` for external candidates."""


def account_of(account_id: object) -> str:
    """The subject that the holder of this account is."""
    return f"{PERSON.category}-{account_id}"


def person_of(fact: CandidateRegistered) -> UUID | None:
    """Whom the registration names; None once that is erased."""
    return person_id(fact.given_names, fact.family_name, fact.birth_date) if fact.family_name else None


class RegistrationRefused(Event):
    """Somebody who belongs to the Secretariat's staff tried to register (R2); nothing personal is kept."""

    link: str


class EmailVerified(Event):
    """The candidate has shown to receive mail at the address; not `first`: it takes the place of another."""

    receipt = "Use this address of the account from now on."
    whose = OWN

    email: Personal[str]
    """The address that was proven."""
    first: bool = True
    """Whether it is the account's first proven address; if not, it takes the place of another."""


class EmailChanged(Event):
    """The account has another address now, which EmailVerified names; the holder of `before` is told."""

    whose = OWN

    before: Personal[str]


class PossibleDuplicateFlagged(Event):
    """Other accounts hold the same name and birth date (R6); for staff only."""

    others: tuple[UUID, ...]


class RoleGranted(Event):
    role: str


class RoleRevoked(Event):
    role: str


class CredentialReminderSent(Event):
    """The holder asked for the user code or for a new password, and a mail went to the proven address (R4)."""

    kind: Literal["user_code", "password"]


class PasswordReset(Event):
    """A new password was set through a mailed link; all sessions end."""


class PasswordChanged(Event):
    """The holder, logged in and knowing the old one, set a new password; the other sessions end."""


class SecondFactorAdded(Event):
    """From now on a login asks for this beside the password; the holder is told."""

    factor: UUID
    kind: FactorKind


class SecondFactorRemoved(Event):
    """The holder, or an operator for a holder who has lost it, took a second factor away; the holder is told."""

    factor: UUID
    kind: FactorKind


class RecoveryCodesMade(Event):
    """New recovery codes were shown once; those before are void."""


class RecoveryCodeUsed(Event):
    """A recovery code stood in for a second factor; it is void now, and the holder is told."""


class SecondFactorGuessed(Event):
    """Somebody gave the right password and then several wrong codes; the holder is told, since it may be a thief."""

    said_at: datetime


class AccountClosed(Event):
    """The account is closed: by its holder, or because its address was never proven in time."""

    receipt = "Delete what you hold of the account and its profile, and again after a replay; what was submitted stays."

    reason: Literal["candidate", "unverified"] = "candidate"
    """Who closed it: its holder, or nobody who proved the address in time."""


class PersonalDataErased(Event):
    """The key is destroyed under which this was encrypted: nobody can read it any more, in no copy of any event."""

    receipt = (
        "Delete what `goes` names, wherever you have it, and again after a replay. Ids, statuses and dates may stay."
    )
    whose = OWN

    goes: tuple[str, ...] = ()
    """What goes: of an account, `account`, `profile`, `drafts`, `searches` and `tickets`; of an application, `file`:
    all that was submitted; of a request, `ticket`. Empty in older events, which are about an account."""
    candidate_id: UUID | None = None
    """Whose it was: the account's id in identity. Null for a visitor, and on the account's own topic."""
    person: Personal[UUID | None] = None
    """Stays in its service."""


class LoggedIn(Event):
    """A session began; it ends at `ends_at` at the latest (R20)."""

    receipt = "Nothing: it is for the services themselves."

    account_id: UUID
    """The account whose session began."""
    ends_at: datetime
    """When the session is over at the latest."""


class SessionEnded(Event):
    """A session is over; nothing may be done in it any more."""

    receipt = "Take nothing more that is done in this session."

    account_id: UUID
    """The account whose session is over."""
    reason: Reason
    """How it ended."""


class AddressClaimed(Event):
    """An account has proven this address: no other account can have it."""

    account_id: UUID


class AddressReleased(Event):
    """The account is gone; the address can be used again."""

    account_id: UUID


class RegistrationRepeated(Event):
    """Somebody registered with an address that has an account already; its holder is told by mail, nobody else."""

    whose = Subject("account", "account_id")

    email: Personal[str]
    language: str
    said_at: datetime
    about: str = ""
    account_id: UUID | None = None
    """The holder's account; older events do not tell."""


AccountEvent = (
    CandidateRegistered
    | RegistrationRefused
    | EmailVerified
    | EmailChanged
    | PossibleDuplicateFlagged
    | RoleGranted
    | RoleRevoked
    | CredentialReminderSent
    | PasswordReset
    | PasswordChanged
    | AccountClosed
    | PersonalDataErased
)
SecondFactorEvent = SecondFactorAdded | SecondFactorRemoved | RecoveryCodesMade | RecoveryCodeUsed | SecondFactorGuessed
SessionEvent = LoggedIn | SessionEnded
ClaimEvent = AddressClaimed | AddressReleased | RegistrationRepeated

PUBLISHED = Published(
    "identity",
    {
        "account": (CandidateRegistered, EmailVerified, AccountClosed, PersonalDataErased),
        "session": (LoggedIn, SessionEnded),
    },
    redacted=(PersonalDataErased,),
    subjects=("account",),
)
