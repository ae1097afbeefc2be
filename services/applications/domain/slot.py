"""A candidate's one submission for one vacancy: reserved together with it and never freed (R42, R44)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from services.applications.events import SlotReserved
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict
from shared.model.message import Command
from shared.model.reasons import Reason

_SLOTS = uuid5(NAMESPACE_URL, "urn:postulo:applications:slot")


def slot_key(candidate_id: UUID, vacancy_id: UUID) -> UUID:
    """The slot of this candidate for this vacancy: always the same."""
    return uuid5(_SLOTS, f"{candidate_id}/{vacancy_id}")


class ReserveSlot(Command):
    """Take the slot for this application."""

    candidate_id: UUID
    vacancy_id: UUID
    application_id: UUID


@dataclass(frozen=True)
class Slot:
    """Which application took the slot, if any has."""

    application_id: UUID | None = None


TAKEN = N_(
    "You have already submitted an application for this job opening. "
    "Only one can be submitted for each job opening, even after it was withdrawn"
)


def decide(command: ReserveSlot, slot: Slot) -> Sequence[SlotReserved]:
    if slot.application_id == command.application_id:
        return []
    if slot.application_id:
        raise Conflict.because(TAKEN, "vacancy", reason=Reason.ALREADY_APPLIED)
    ours = command.application_id
    return [SlotReserved(candidate_id=command.candidate_id, vacancy_id=command.vacancy_id, application_id=ours)]


def evolve(_: Slot, event: SlotReserved) -> Slot:
    return Slot(event.application_id)


SLOT: Decider[ReserveSlot, Slot, SlotReserved] = Decider("slot", Slot(), decide, evolve, (SlotReserved,))
