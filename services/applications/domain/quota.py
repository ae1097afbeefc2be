"""How many drafts a candidate has open: at most fifty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never
from uuid import UUID

from services.applications.events import DraftCounted, DraftUncounted, QuotaEvent
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict
from shared.model.message import Command
from shared.model.reasons import Reason

MOST_DRAFTS: Final = 50


class CountDraft(Command):
    """A draft is being created."""

    application_id: UUID


class UncountDraft(Command):
    """A draft is being submitted or discarded."""

    application_id: UUID


@dataclass(frozen=True)
class Quota:
    """The drafts that are open."""

    drafts: frozenset[UUID] = frozenset()


TOO_MANY = N_("You have %(most)s open drafts, the maximum. Discard one that you no longer need")


def decide(command: CountDraft | UncountDraft, quota: Quota) -> Sequence[QuotaEvent]:
    known = command.application_id in quota.drafts
    match command:
        case CountDraft():
            if not known and len(quota.drafts) >= MOST_DRAFTS:
                raise Conflict.because(TOO_MANY, reason=Reason.TOO_MANY_KEPT, most=MOST_DRAFTS)
            return [] if known else [DraftCounted(application_id=command.application_id)]
        case UncountDraft():
            return [DraftUncounted(application_id=command.application_id)] if known else []
    assert_never(command)


def evolve(quota: Quota, event: QuotaEvent) -> Quota:
    match event:
        case DraftCounted(application_id=draft):
            return Quota(quota.drafts | {draft})
        case DraftUncounted(application_id=draft):
            return Quota(quota.drafts - {draft})
    assert_never(event)


QUOTA: Decider[CountDraft | UncountDraft, Quota, QuotaEvent] = Decider(
    "quota", Quota(), decide, evolve, (DraftCounted, DraftUncounted)
)
