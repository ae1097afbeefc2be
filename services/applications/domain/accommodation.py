"""A request for reasonable accommodation in the selection for one application: asked, changed, withdrawn, erased."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never
from uuid import UUID

from services.applications.events.accommodation import (
    ACCOMMODATION_FIELDS,
    STEPS,
    AccommodationChanged,
    AccommodationErased,
    AccommodationFact,
    AccommodationRead,
    AccommodationRequested,
    AccommodationWithdrawn,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Gone, NotFound, refuse_if
from shared.model.message import Command
from shared.model.reasons import Reason
from shared.vocabulary.fields import check

NONE: Final = N_("There is no such request")
CLOSED: Final = N_("The selection is over for this application: nothing can be asked for it any more")


class AskAccommodation(Command):
    """`values` are those of the form's fields. is_open: whether the application is a draft or not decided yet."""

    candidate_id: UUID
    values: dict[str, Any]
    is_open: bool


class WithdrawAccommodation(Command):
    """Nothing is needed any more."""

    candidate_id: UUID


class RecordReading(Command):
    """Whoever this command is by has been shown the request."""


class EraseAccommodation(Command):
    """What it belongs to is gone. candidate_id: whose that was; with it, nothing is asked later where nothing was."""

    candidate_id: UUID | None = None


AccommodationCommand = AskAccommodation | WithdrawAccommodation | RecordReading | EraseAccommodation


@dataclass(frozen=True)
class Accommodation:
    """What stands; no need if nothing does. readers: who has read it as it is now."""

    owner: UUID | None = None
    need: str = ""
    steps: tuple[str, ...] = ()
    contact: str = ""
    readers: frozenset[str] = frozenset()
    erased: bool = False


def decide(command: AccommodationCommand, state: Accommodation) -> Sequence[AccommodationFact]:
    match command:
        case AskAccommodation():
            return _ask(command, state)
        case WithdrawAccommodation(candidate_id=owner):
            return [AccommodationWithdrawn(candidate_id=owner)] if _stands(state, owner) else []
        case RecordReading(by=reader):
            return [AccommodationRead(reader=reader)] if state.need and reader not in state.readers else []
        case EraseAccommodation():
            whose = state.owner or command.candidate_id
            return [AccommodationErased(candidate_id=whose)] if whose and not state.erased else []
    assert_never(command)


def _ask(command: AskAccommodation, state: Accommodation) -> Sequence[AccommodationFact]:
    stands = _stands(state, command.candidate_id)
    if state.erased:
        raise Gone.because(NONE)
    if not command.is_open:
        raise Conflict.because(CLOSED, reason=Reason.STATUS_NOT_POSSIBLE)
    refuse_if(check(ACCOMMODATION_FIELDS, command.values))
    ticked = command.values["steps"]
    need, contact = (str(command.values.get(name) or "").strip() for name in ("need", "contact"))
    steps = tuple(step for step in STEPS if step in ticked)
    if (state.need, state.steps, state.contact) == (need, steps, contact):
        return []
    kind = AccommodationChanged if stands else AccommodationRequested
    return [kind(candidate_id=command.candidate_id, need=need, steps=steps, contact=contact)]


def _stands(state: Accommodation, owner: UUID) -> bool:
    """Raises NotFound for somebody else's."""
    if state.owner not in (None, owner):
        raise NotFound.because(NONE)
    return bool(state.need)


def evolve(state: Accommodation, fact: AccommodationFact) -> Accommodation:
    match fact:
        case AccommodationRequested() | AccommodationChanged():
            return Accommodation(fact.candidate_id, fact.need, fact.steps, fact.contact)
        case AccommodationWithdrawn():
            return Accommodation(state.owner)
        case AccommodationRead(reader=reader):
            return replace(state, readers=state.readers | {reader})
        case AccommodationErased():
            return Accommodation(state.owner, erased=True)
    assert_never(fact)


ACCOMMODATION: Decider[AccommodationCommand, Accommodation, AccommodationFact] = Decider(
    "accommodation", Accommodation(), decide, evolve,
    (
        AccommodationRequested, AccommodationChanged, AccommodationWithdrawn, AccommodationRead, AccommodationErased,
    ),
)  # fmt: skip
"""One an application, under its id, in a stream and under a key of its own."""
