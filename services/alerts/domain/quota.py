"""R50: at most five live saved searches a candidate. A place is held until its search's end: expired ones take none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from services.alerts.domain.commands import DeleteSearch, RenewSearch, SaveSearch
from services.alerts.domain.search import RENEWAL_STEP, SEARCH, VALID
from services.alerts.events import PlaceFreed, PlaceTaken
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict
from shared.model.message import Command
from shared.model.reaction import Do
from shared.model.reasons import Reason

LIMIT: Final = 5
FULL: Final = N_("You already have %(limit)s saved searches, the maximum. Delete one of them first.")


class TakePlace(Command):
    """Holds a place for this search from now on for as long as a search is valid.

    new: the search is only being saved; if it had a place before, it was saved then, and its place ends with it.
    """

    search_id: UUID
    new: bool = False


class FreePlace(Command):
    search_id: UUID


class GiveUpPlaces(Command):
    """The candidate's account is closed: no search remains."""


@dataclass(frozen=True)
class SearchQuota:
    """Which searches hold a place, and until when; and which have given theirs up for good."""

    places: Mapping[UUID, datetime] = field(default_factory=dict)
    freed: frozenset[UUID] = frozenset()

    def others(self, search_id: UUID, now: datetime) -> int:
        """How many other searches are live."""
        return sum(1 for holder, end in self.places.items() if holder != search_id and end > now)


QuotaCommand = TakePlace | FreePlace | GiveUpPlaces
QuotaEvent = PlaceTaken | PlaceFreed


def decide(command: QuotaCommand, state: SearchQuota) -> Sequence[QuotaEvent]:
    match command:
        case TakePlace():
            return _take(command, state)
        case FreePlace(search_id=search_id):
            return [PlaceFreed(search_id=search_id)] if search_id in state.places else []
        case GiveUpPlaces():
            return [PlaceFreed(search_id=search_id) for search_id in state.places]
        case _:
            assert_never(command)


def _take(command: TakePlace, state: SearchQuota) -> list[QuotaEvent]:
    search_id, now = command.search_id, command.at
    held = state.places.get(search_id)
    if search_id in state.freed or (held and (command.new or now + VALID - held < RENEWAL_STEP)):
        return []
    if state.others(search_id, now) >= LIMIT:
        raise Conflict.because(FULL, reason=Reason.TOO_MANY_KEPT, limit=LIMIT)
    return [PlaceTaken(search_id=search_id, expires_at=now + VALID)]


def evolve(state: SearchQuota, event: QuotaEvent) -> SearchQuota:
    match event:
        case PlaceTaken(search_id=search_id, expires_at=end):
            return replace(state, places={**state.places, search_id: end})
        case PlaceFreed(search_id=search_id):
            places = {holder: end for holder, end in state.places.items() if holder != search_id}
            return SearchQuota(places, state.freed | {search_id})
        case _:
            assert_never(event)


QUOTA: Decider[QuotaCommand, SearchQuota, QuotaEvent] = Decider(
    "quota", SearchQuota(), decide, evolve, (PlaceTaken, PlaceFreed)
)


def saving(search_id: UUID, command: SaveSearch) -> tuple[Do, Do]:
    """A search is saved only with a place; both or neither."""
    return Do(QUOTA, command.candidate_id, TakePlace(search_id=search_id, new=True)), Do(SEARCH, search_id, command)


def renewing(search_id: UUID, command: RenewSearch) -> tuple[Do, Do]:
    return Do(QUOTA, command.candidate_id, TakePlace(search_id=search_id)), Do(SEARCH, search_id, command)


def deleting(search_id: UUID, command: DeleteSearch) -> tuple[Do, Do]:
    return Do(SEARCH, search_id, command), Do(QUOTA, command.candidate_id, FreePlace(search_id=search_id))
