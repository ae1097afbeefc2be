"""The second factors of an account: added, removed, and stood in for by recovery codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from services.identity.events import (
    FactorKind,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorEvent,
    SecondFactorGuessed,
    SecondFactorRemoved,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Invalid
from shared.model.message import Command

MOST: Final = 10
"""How many second factors an account may have."""

QUIET: Final = timedelta(hours=1)
"""The holder is told at most once in this time that somebody tries codes."""


class AddSecondFactor(Command):
    """The holder, who has given the password, has shown to have it; those of `instead` go."""

    factor: UUID
    kind: FactorKind
    instead: tuple[UUID, ...] = ()


class RemoveSecondFactor(Command):
    """By its holder, who has given the password, or by an operator."""

    factor: UUID


class MakeRecoveryCodes(Command):
    """The holder has given the password."""


class UseRecoveryCode(Command):
    """One of those that were shown stood in for a second factor."""


class ReportGuessing(Command):
    """After the right password wrong codes came, more than slips of the finger."""


SecondFactorCommand = AddSecondFactor | RemoveSecondFactor | MakeRecoveryCodes | UseRecoveryCode | ReportGuessing


@dataclass(frozen=True)
class SecondFactors:
    """What an account is entered with beside its password, and when its holder was told of wrong codes."""

    factors: Mapping[UUID, FactorKind] = field(default_factory=dict)
    told_at: datetime | None = None


def decide(command: SecondFactorCommand, state: SecondFactors) -> Sequence[SecondFactorEvent]:
    match command:
        case AddSecondFactor():
            return _add(command, state)
        case RemoveSecondFactor(factor=factor):
            kind = state.factors.get(factor)
            return [SecondFactorRemoved(factor=factor, kind=kind)] if kind else []
        case MakeRecoveryCodes():
            if not state.factors:
                raise Invalid.because(N_("Add a second factor first: recovery codes stand in for one"))
            return [RecoveryCodesMade()]
        case UseRecoveryCode():
            return [RecoveryCodeUsed()]
        case ReportGuessing():
            told = state.told_at is not None and command.at - state.told_at < QUIET
            return [] if told else [SecondFactorGuessed(said_at=command.at)]
        case _:
            assert_never(command)


def _add(command: AddSecondFactor, state: SecondFactors) -> Sequence[SecondFactorEvent]:
    if command.factor in state.factors:
        return []
    gone = [old for old in command.instead if old in state.factors]
    if len(state.factors) - len(gone) >= MOST:
        raise Invalid.because(N_("You have %(most)s second factors already. Remove one first"), most=MOST)
    return [
        SecondFactorAdded(factor=command.factor, kind=command.kind),
        *(SecondFactorRemoved(factor=old, kind=state.factors[old]) for old in gone),
    ]


def evolve(state: SecondFactors, event: SecondFactorEvent) -> SecondFactors:
    match event:
        case SecondFactorAdded(factor=factor, kind=kind):
            return replace(state, factors={**state.factors, factor: kind})
        case SecondFactorRemoved(factor=factor):
            return replace(state, factors={known: kind for known, kind in state.factors.items() if known != factor})
        case SecondFactorGuessed(said_at=said_at):
            return replace(state, told_at=said_at)
        case RecoveryCodesMade() | RecoveryCodeUsed():
            return state
        case _:
            assert_never(event)


SECOND_FACTORS: Decider[SecondFactorCommand, SecondFactors, SecondFactorEvent] = Decider(
    category="second_factors",
    initial=SecondFactors(),
    decide=decide,
    evolve=evolve,
    events=(SecondFactorAdded, SecondFactorRemoved, RecoveryCodesMade, RecoveryCodeUsed, SecondFactorGuessed),
)
