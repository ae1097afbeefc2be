"""Whose address it is: at most one live account an address. Only a proven address is claimed.

Anybody can type a stranger's address, so an unproven registration holds nothing: whoever shows the code first has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from services.identity.events import AddressClaimed, AddressReleased, ClaimEvent, RegistrationRepeated
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict
from shared.model.message import Command
from shared.model.reasons import Reason

QUIET: Final = timedelta(hours=1)
"""The holder of an address is told at most once in this time that somebody registered with it."""


class ClaimAddress(Command):
    account_id: UUID


class ReleaseAddress(Command):
    account_id: UUID


class RepeatRegistration(Command):
    """Somebody registered with this address, in this language. `about`: whose page waits for the mail."""

    email: str
    language: str
    about: str = ""


ClaimCommand = ClaimAddress | ReleaseAddress | RepeatRegistration


@dataclass(frozen=True)
class Claim:
    holder: UUID | None = None
    told_at: datetime | None = None


def decide(command: ClaimCommand, state: Claim) -> Sequence[ClaimEvent]:
    match command:
        case ClaimAddress(account_id=account_id):
            if state.holder not in (None, account_id):
                message = N_("This address has an account already. Log in with it")
                raise Conflict.because(message, reason=Reason.ALREADY_THERE)
            return [] if state.holder else [AddressClaimed(account_id=account_id)]
        case ReleaseAddress(account_id=account_id):
            return [AddressReleased(account_id=account_id)] if state.holder == account_id else []
        case RepeatRegistration(email=email, language=language, about=about):
            told = state.told_at is not None and command.at - state.told_at < QUIET
            if state.holder is None or told:
                return []
            return [
                RegistrationRepeated(
                    email=email, language=language, said_at=command.at, about=about, account_id=state.holder
                )
            ]
        case _:
            assert_never(command)


def evolve(state: Claim, event: ClaimEvent) -> Claim:
    match event:
        case AddressClaimed(account_id=account_id):
            return replace(state, holder=account_id)
        case AddressReleased():
            return replace(state, holder=None)
        case RegistrationRepeated(said_at=said_at):
            return replace(state, told_at=said_at)
        case _:
            assert_never(event)


CLAIM: Decider[ClaimCommand, Claim, ClaimEvent] = Decider(
    category="claim",
    initial=Claim(),
    decide=decide,
    evolve=evolve,
    events=(AddressClaimed, AddressReleased, RegistrationRepeated),
)
