"""What the feed reads: the next events of some kinds in the store's order, none skipped, in bounded work."""

from collections.abc import Collection
from typing import Final, NamedTuple
from uuid import UUID

from shared.model.message import START, Position
from shared.store.codec import Raw, raw_of
from shared.store.event_store import COLUMNS, MOST_BYTES, NEXT_ONES, Store

Kind = tuple[str, str]
"""An event's type and its aggregate's category."""

SCANNED: Final = 10_000
"""Events that one look passes at most, so that rare kinds do not make it read the whole store."""
SCANNED_EACH: Final = 10
"""Events that it passes at most for each that is wanted, so that a short page costs little."""

_NEXT: Final = f"""with scanned as materialized (
    select transaction, position, id, stream, type, pg_column_size(data) as size {NEXT_ONES} $6
), wanted as (
    select transaction, position,
        sum(size) over (order by transaction, position rows unbounded preceding) - size as past
    from scanned join unnest($3::text[], $4::text[]) as kinds (kind, category)
        on type = kind and split_part(stream, '-', 1) = category
    order by transaction, position limit $5
), taken as (select transaction, position from wanted where past < {MOST_BYTES})
select {COLUMNS}, passed, last_transaction, last_position, last_id, of_wanted, of_taken
from (select count(*) as passed from scanned) as all_scanned
    cross join (select count(*) as of_wanted from wanted) as all_wanted
    cross join (select count(*) as of_taken from taken) as all_taken
    left join (select transaction as last_transaction, position as last_position, id as last_id from scanned
               order by transaction desc, position desc limit 1) as final on true
    left join (select events.* from taken join events using (transaction, position)) as events on true
order by transaction, position"""  # noqa: S608 - of our own constants


PLACE_OF: Final = "select transaction, position from events where id = $1"


class Place(NamedTuple):
    """Where a reader stands: the last event that it has passed; None before the first."""

    position: Position = START
    event: UUID | None = None


class Batch(NamedTuple):
    """The next events, where their reader stands after them, and whether that was the end of what is settled."""

    events: list[Raw]
    place: Place
    at_end: bool


async def place_of(store: Store, event: UUID) -> Place | None:
    """Where this event stands; None if the store does not hold it. An id outlives every renumbering of a store."""
    row = await store.pool.fetchrow(PLACE_OF, event)
    return Place(Position(*row), event) if row else None


async def next_of(store: Store, after: Place, kinds: Collection[Kind], limit: int, *, rare: bool) -> Batch:
    """At most `limit` events of these kinds, fewer where they are large. Without any, the reader may have moved on.

    rare: whether few events are of these kinds, so that many may have to be passed for one.
    """
    scanned = SCANNED if rare else min(SCANNED, SCANNED_EACH * limit)
    types, categories = [kind for kind, _ in kinds], [category for _, category in kinds]
    rows = await store.pool.fetch(_NEXT, *after.position, types, categories, limit, scanned)
    first = rows[0]
    events = [raw_of(row, store.source) for row in rows if row["id"] is not None]
    full = len(events) == limit or first["of_taken"] < first["of_wanted"]
    if full:
        return Batch(events, Place(events[-1].position, events[-1].id), at_end=False)
    if not first["passed"]:
        return Batch([], after, at_end=True)
    last = Place(Position(first["last_transaction"], first["last_position"]), first["last_id"])
    return Batch(events, last, at_end=first["passed"] < scanned)
