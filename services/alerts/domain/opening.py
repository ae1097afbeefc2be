"""The job openings that a candidate has saved: at most 200, each until it is taken off or has ended a year ago."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, assert_never
from uuid import UUID

from services.alerts.events import Leaving, OpeningEvent, OpeningLeft, OpeningSaved
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict
from shared.model.message import Command
from shared.model.reasons import Reason

MOST_OPENINGS: Final = 200
TOO_MANY: Final = N_(
    "You already have %(limit)s saved job openings, the maximum. Take one off your list first: those that have closed"
    " stay there until then."
)
LAPSES: Final = timedelta(days=365)
"""How long after its deadline a saved job opening stays listed."""


class SaveOpening(Command):
    """version: that of the notice as it is known now."""

    candidate_id: UUID
    vacancy_id: UUID
    version: int


class LeaveOpening(Command):
    candidate_id: UUID
    vacancy_id: UUID
    reason: Leaving = "candidate"


class MoveOpening(Command):
    """The job opening has become part of another one."""

    candidate_id: UUID
    vacancy_id: UUID
    into: UUID
    version: int


class LeaveAll(Command):
    """The account is closed."""

    candidate_id: UUID


@dataclass(frozen=True)
class SavedOpenings:
    """The version of each that was known when it was saved."""

    saved: Mapping[UUID, int] = field(default_factory=dict)


OpeningCommand = SaveOpening | LeaveOpening | MoveOpening | LeaveAll


def decide(command: OpeningCommand, state: SavedOpenings) -> Sequence[OpeningEvent]:
    match command:
        case SaveOpening():
            return _save(command, state)
        case LeaveOpening(vacancy_id=vacancy_id, reason=reason):
            return _leave(command.candidate_id, [vacancy_id] if vacancy_id in state.saved else [], reason)
        case MoveOpening():
            return _move(command, state)
        case LeaveAll():
            return _leave(command.candidate_id, state.saved, "account_closed")
        case _:
            assert_never(command)


def _save(command: SaveOpening, state: SavedOpenings) -> list[OpeningEvent]:
    if command.vacancy_id in state.saved:
        return []
    if len(state.saved) >= MOST_OPENINGS:
        raise Conflict.because(TOO_MANY, reason=Reason.TOO_MANY_KEPT, limit=MOST_OPENINGS)
    return [_saved(command.candidate_id, command.vacancy_id, command.version)]


def _saved(candidate_id: UUID, vacancy_id: UUID, version: int) -> OpeningSaved:
    return OpeningSaved(candidate_id=candidate_id, vacancy_id=vacancy_id, vacancy_version=version)


def _leave(candidate_id: UUID, vacancies: Mapping[UUID, int] | list[UUID], reason: Leaving) -> list[OpeningEvent]:
    return [OpeningLeft(candidate_id=candidate_id, vacancy_id=each, reason=reason) for each in vacancies]


def _move(command: MoveOpening, state: SavedOpenings) -> list[OpeningEvent]:
    if command.vacancy_id not in state.saved:
        return []
    left = _leave(command.candidate_id, [command.vacancy_id], "merged")
    known = command.into in state.saved
    return left if known else [*left, _saved(command.candidate_id, command.into, command.version)]


def evolve(state: SavedOpenings, event: OpeningEvent) -> SavedOpenings:
    match event:
        case OpeningSaved(vacancy_id=vacancy_id, vacancy_version=version):
            return SavedOpenings({**state.saved, vacancy_id: version})
        case OpeningLeft(vacancy_id=vacancy_id):
            return SavedOpenings({key: version for key, version in state.saved.items() if key != vacancy_id})
        case _:
            assert_never(event)


OPENING: Final[Decider[OpeningCommand, SavedOpenings, OpeningEvent]] = Decider(
    "opening", SavedOpenings(), decide, evolve, (OpeningSaved, OpeningLeft)
)
