"""An account: registered, proven by its address, given roles, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, assert_never
from uuid import UUID

from services.identity.domain import registration
from services.identity.events import ACCOUNT as HOLDINGS
from services.identity.events import (
    AccountClosed,
    AccountEvent,
    CandidateRegistered,
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
    person_of,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, NotFound, refuse_if
from shared.model.message import Command
from shared.vocabulary.permissions import ROLES

Status = Literal["none", "pending", "live", "closed"]


class RegisterExternalCandidate(Command):
    """The form as it was filled in, and the user code drawn for the account."""

    values: dict[str, Any]
    user_code: str


class VerifyEmail(Command):
    """The code from the mail was given."""


class FlagPossibleDuplicate(Command):
    others: tuple[UUID, ...]


class GrantRole(Command):
    role: str


class RevokeRole(Command):
    role: str


class RequestCredentialReminder(Command):
    kind: Literal["user_code", "password"]


class ResetPassword(Command):
    """The mailed link was used."""


class ChangePassword(Command):
    """The holder is logged in and has given the old one."""


class ChangeEmail(Command):
    """The code that was mailed to the new address was given."""

    email: str


class CloseAccount(Command):
    """The holder is logged in and has given the password."""


class EraseAccount(Command):
    """Whoever held it is forgotten, however far this store knows of it: it may be an older copy."""


class LapseRegistration(Command):
    """The time to prove the address is over."""


AccountCommand = (
    RegisterExternalCandidate
    | VerifyEmail
    | FlagPossibleDuplicate
    | GrantRole
    | RevokeRole
    | RequestCredentialReminder
    | ResetPassword
    | ChangePassword
    | ChangeEmail
    | CloseAccount
    | EraseAccount
    | LapseRegistration
)


@dataclass(frozen=True)
class Account:
    """What is known of an account. `refused`: the link for which a registration under this id was refused."""

    status: Status = "none"
    user_code: str = ""
    email: str = ""
    name: str = ""
    language: str = "en"
    roles: frozenset[str] = frozenset()
    others: frozenset[UUID] = frozenset()
    refused: str = ""
    person: UUID | None = None
    erased: bool = False


def decide(command: AccountCommand, state: Account) -> Sequence[AccountEvent]:  # noqa: C901, PLR0911, PLR0912 - a case a command
    match command:
        case RegisterExternalCandidate():
            return _register(command, state)
        case VerifyEmail():
            return _verify(state)
        case FlagPossibleDuplicate(others=others):
            new = tuple(sorted(set(others) - state.others))
            return [PossibleDuplicateFlagged(others=new)] if new and state.status != "closed" else []
        case GrantRole(role=role):
            return [] if role in _live(state).roles else [RoleGranted(role=_known(role))]
        case RevokeRole(role=role):
            return [RoleRevoked(role=_known(role))] if role in _live(state).roles else []
        case RequestCredentialReminder(kind=kind):
            return [CredentialReminderSent(kind=kind)] if state.status == "live" else []
        case ResetPassword():
            _live(state)
            return [PasswordReset()]
        case ChangePassword():
            _live(state)
            return [PasswordChanged()]
        case ChangeEmail(email=email):
            return _change_email(_live(state), email)
        case CloseAccount():
            return _close(state)
        case EraseAccount():
            return _erase(state)
        case LapseRegistration():
            return _closed(state, "unverified") if state.status == "pending" else []
        case _:
            assert_never(command)


def _register(command: RegisterExternalCandidate, state: Account) -> Sequence[AccountEvent]:
    if state.status != "none":
        return []
    values = {name: value.strip() if isinstance(value, str) else value for name, value in command.values.items()}
    if registration.is_staff(values):
        return [] if state.refused == values["link"] else [RegistrationRefused(link=values["link"])]
    refuse_if(registration.problems(values, command.at.date()))
    return [_registered(values, command.user_code)]


def _registered(values: Mapping[str, str], user_code: str) -> CandidateRegistered:
    return CandidateRegistered(
        user_code=user_code,
        email=values["email"],
        title=values["title"],
        given_names="" if values.get("only_name") == "yes" else values["given_names"],
        family_name=values["family_name"],
        birth_date=date.fromisoformat(values["birth_date"]),
        language=values["language"],
        link=values["link"],
    )


def _verify(state: Account) -> Sequence[AccountEvent]:
    match state.status:
        case "pending":
            return [EmailVerified(email=state.email)]
        case "live":
            return []
        case "closed":
            raise Conflict.because(N_("This registration has expired. Register again"))
        case "none":
            raise NotFound.because(N_("There is no such registration"))


def _change_email(state: Account, email: str) -> Sequence[AccountEvent]:
    if email == state.email:
        return []
    return [EmailChanged(before=state.email), EmailVerified(email=email, first=False)]


def _close(state: Account) -> Sequence[AccountEvent]:
    if state.status == "closed":
        return []
    return _closed(_live(state), "candidate")


def _closed(state: Account, reason: Literal["candidate", "unverified"]) -> Sequence[AccountEvent]:
    return [AccountClosed(reason=reason), PersonalDataErased(goes=HOLDINGS, person=state.person)]


def _erase(state: Account) -> Sequence[AccountEvent]:
    if state.status == "none" or state.erased:
        return []
    closed, erased = _closed(state, "unverified" if state.status == "pending" else "candidate")
    return [erased] if state.status == "closed" else [closed, erased]


def _live(state: Account) -> Account:
    if state.status != "live":
        raise NotFound.because(N_("There is no such account"))
    return state


def _known(role: str) -> str:
    if role not in ROLES:
        raise NotFound.because(N_("There is no role “%(role)s”"), "role", role=role)
    return role


def evolve(state: Account, event: AccountEvent) -> Account:  # noqa: PLR0911 - a case an event
    match event:
        case CandidateRegistered():
            return replace(
                state,
                status="pending",
                user_code=event.user_code,
                email=event.email,
                name=f"{event.given_names} {event.family_name}".strip(),
                language=event.language,
                roles=frozenset({"candidate"}),
                person=person_of(event),
            )
        case RegistrationRefused(link=link):
            return replace(state, refused=link)
        case EmailVerified(email=email):
            return replace(state, status="live", email=email)
        case PossibleDuplicateFlagged(others=others):
            return replace(state, others=state.others.union(others))
        case RoleGranted(role=role):
            return replace(state, roles=state.roles | {role})
        case RoleRevoked(role=role):
            return replace(state, roles=state.roles - {role})
        case AccountClosed():
            return replace(state, status="closed")
        case PersonalDataErased():
            return replace(state, email="", name="", person=None, erased=True)
        case EmailChanged() | CredentialReminderSent() | PasswordReset() | PasswordChanged():
            return state
        case _:
            assert_never(event)


ACCOUNT: Decider[AccountCommand, Account, AccountEvent] = Decider(
    category="account",
    initial=Account(),
    decide=decide,
    evolve=evolve,
    events=(
        CandidateRegistered,
        RegistrationRefused,
        EmailVerified,
        EmailChanged,
        PossibleDuplicateFlagged,
        RoleGranted,
        RoleRevoked,
        CredentialReminderSent,
        PasswordReset,
        PasswordChanged,
        AccountClosed,
        PersonalDataErased,
    ),
)
