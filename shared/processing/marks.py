"""Up to where an index of a view has come: kept with the index, compared with the view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from shared.model.message import START, Position
from shared.store.database import Pool
from shared.store.documents import HANDLER, LIVE

_STATE: Final = f"""select lineage, cluster, {LIVE} as generation, c.transaction, c.position, e.id as event,
    (select coalesce(json_object_agg(stream, first), '{{}}')::text from (
        select stream, min(version) as first from parked where handler = {HANDLER} group by stream) as p) as parked
    from epoch left join checkpoints as c on c.handler = {HANDLER}
    left join events as e on (e.transaction, e.position) = (c.transaction, c.position)"""  # noqa: S608 - constants
_STANDS: Final = "select exists (select from events where id = $1 and (transaction, position) = ($2, $3))"


@dataclass(frozen=True)
class Mark:
    """Of which documents an index holds what they are after which event.

    parked: by stream, the version of the first event that the view has not folded because it fails.
    """

    version: int
    store: str
    generation: int
    position: Position
    event: str
    parked: Mapping[str, int]

    def text(self) -> str:
        return orjson.dumps(self, default=tuple).decode()

    @classmethod
    def of(cls, text: str) -> "Mark | None":
        """None for what is none of ours."""
        try:
            values = orjson.loads(text)
            return cls(**{**values, "position": Position(*values["position"])})
        except (ValueError, TypeError, KeyError):
            return None


async def state_of(pool: Pool, view: str, version: int) -> Mark:
    """The mark of an index of this version that holds all that the view holds by now."""
    (row,) = await pool.fetch(_STATE, view)
    position = START if row["position"] is None else Position(row["transaction"], row["position"])
    store, event = f"{row['lineage']} {row['cluster']}", str(row["event"] or "")
    return Mark(version, store, row["generation"], position, event, orjson.loads(row["parked"]))


async def belongs(pool: Pool, mark: Mark, state: Mark) -> bool:
    """Whether the store is the one of this mark, and was not set back behind it. A rebuilt view says what it said
    before: the index of its former generation answers until there is another.
    """
    if mark == state:
        return True
    if (mark.version, mark.store) != (state.version, state.store) or mark.position > state.position:
        return False
    return not mark.event or bool(await pool.fetchval(_STANDS, UUID(mark.event), *mark.position))
