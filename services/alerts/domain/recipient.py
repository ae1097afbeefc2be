"""Whoever reads mail at an address that is not an account's own: whose alerts they said yes to, or that they want none.

The key is derived from the address, so that no address is kept; the address unsubscribes, whoever asked for the alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never
from uuid import UUID

from services.alerts.events import AddressConfirmed, MailRefused
from shared.model.decider import Decider
from shared.model.message import Command


class ConfirmAddress(Command):
    """Yes to this candidate's alerts."""

    candidate_id: UUID


class RefuseMail(Command):
    """No more, and no more questions either."""


@dataclass(frozen=True)
class Recipient:
    """`confirmed`: the candidates whose alerts may go there. `refused`: nobody's question may."""

    confirmed: frozenset[UUID] = frozenset()
    refused: bool = False


RecipientCommand = ConfirmAddress | RefuseMail
RecipientEvent = AddressConfirmed | MailRefused


def decide(command: RecipientCommand, state: Recipient) -> Sequence[RecipientEvent]:
    match command:
        case ConfirmAddress(candidate_id=candidate_id):
            return [] if candidate_id in state.confirmed else [AddressConfirmed(candidate_id=candidate_id)]
        case RefuseMail():
            return [] if state.refused else [MailRefused()]
        case _:
            assert_never(command)


def evolve(state: Recipient, event: RecipientEvent) -> Recipient:
    match event:
        case AddressConfirmed(candidate_id=candidate_id):
            return Recipient(state.confirmed | {candidate_id})
        case MailRefused():
            return Recipient(refused=True)
        case _:
            assert_never(event)


RECIPIENT: Final[Decider[RecipientCommand, Recipient, RecipientEvent]] = Decider(
    "recipient", Recipient(), decide, evolve, (AddressConfirmed, MailRefused)
)
