"""Folding events into a view's documents: read once, folded in order, what changed written once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from shared.model.message import Recorded
from shared.model.projection import AnyProjection
from shared.store.codec import Raw
from shared.store.database import Connection, Pool


class Naming(NamedTuple):
    """The arguments of the SQL function handler_name, which knows a view's live generation.

    title: the handler. of_view: the view whose live generation is meant, if one is. suffix: the ending otherwise.
    """

    title: str
    of_view: str = ""
    suffix: str = ""


def columns(namings: Sequence[Naming]) -> list[list[str]]:
    """The titles, views and suffixes of these, or of none: the arrays of an `unnest` in a query about many handlers."""
    return [[str(naming[at]) for naming in namings] for at in range(len(Naming._fields))]


BEHIND: Final = """select from unnest({}::text[], {}::text[], {}::text[]) as view (title, of_view, suffix)
    left join checkpoints as c on c.handler = handler_name(title, of_view, suffix)
    where c.handler is null or (c.transaction, c.position) < ({at}.transaction, {at}.position)"""
"""Of the handlers in these three columns, those that have not come as far as the row `at`."""


class HandlerName(str):
    """The name of a handler's checkpoint, marks and parking; a view's ends with its generation: `view:rows:2`."""

    __slots__ = ()

    @classmethod
    def of_view(cls, view: str, generation: int) -> "HandlerName":
        return cls(f"view:{view}:{generation}")

    @property
    def generation(self) -> int:
        """A view's generation, from 1. Raises ValueError for the name of a reaction, which has none."""
        return int(self.rpartition(":")[2])


_READ_AT_ONCE: Final = "select * from read_at_once($1, $2, $3, $4, $5, $6, $7)"
_WRITE_AT_ONCE: Final = "select write_at_once($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"


class StaleDocument(Exception):
    """Another process folded into the same document at the same time: read again and fold again."""


class Changes(NamedTuple):
    """The columns of documents that are new, changed or gone, with the revisions that they had."""

    new_keys: list[str]
    new: list[str]
    kept_keys: list[str]
    kept_revisions: list[int]
    kept: list[str]
    gone_keys: list[str]
    gone_revisions: list[int]


async def fold_documents(
    connection: Connection, view: AnyProjection, generation: int, events: Sequence[Recorded[Any]]
) -> None:
    """Two round trips in the caller's transaction. Raises StaleDocument."""
    rows = await connection.fetch(
        "select key, revision, document::text from documents where view = $1 and generation = $2 and key = any($3)",
        view.name, generation, keys_of(view, events),
    )  # fmt: skip
    changes = folded(view, events, {row[0]: (row[1], orjson.loads(row[2])) for row in rows})
    if not await connection.fetchval(
        "select write_documents($1, $2, $3, $4, $5, $6, $7, $8, $9)", view.name, generation, *changes
    ):
        raise StaleDocument(view.name)


async def fold_at_once(
    pool: Pool, naming: Naming, view: AnyProjection, events: Sequence[Recorded[Any]], raws: Sequence[Raw]
) -> bool:
    """Other services' events in two round trips, the second being the whole transaction.

    False, with nothing done, if it is not that simple: some were handled before, some must wait behind a parked one, or
    another process was there at the same time. Raises what folding raises.

    events: those of raws that the view folds.
    """
    ids, streams = [raw.id for raw in raws], list({raw.stream for raw in raws})
    if len(set(ids)) < len(ids):
        return False
    ((name, is_not_simple, documents),) = await pool.fetch(
        _READ_AT_ONCE, *naming, ids, streams, view.name, keys_of(view, events)
    )
    if is_not_simple:
        return False
    changes = folded(view, events, {key: tuple(found) for key, found in orjson.loads(documents).items()})
    try:
        await pool.execute(
            _WRITE_AT_ONCE, *naming, name, ids, streams, view.name, HandlerName(name).generation, *changes
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate in ("PS410", asyncpg.UniqueViolationError.sqlstate):
            return False
        raise
    return True


def keys_of(view: AnyProjection, events: Sequence[Recorded[Any]]) -> list[str]:
    return list(dict.fromkeys(key for event in events for key in view.keys(event)))


def folded(view: AnyProjection, events: Sequence[Recorded[Any]], before: Mapping[str, tuple[int, Any]]) -> Changes:
    """What these events change in the documents that there are: by key, the revision and the document."""
    after = {key: document for key, (_, document) in before.items()}
    for event in events:
        for key in dict.fromkeys(view.keys(event)):
            after[key] = view.evolve(after.get(key), event)
    # Sorted, so that two processes that write the same documents do not wait for each other for ever.
    changed = sorted(key for key, document in after.items() if document != before.get(key, (0, None))[1])
    new = [key for key in changed if key not in before]
    kept = [key for key in changed if key in before and after[key] is not None]
    gone = [key for key in changed if after[key] is None]
    return Changes(
        new, [encoded(after[key]) for key in new],
        kept, [before[key][0] for key in kept], [encoded(after[key]) for key in kept],
        gone, [before[key][0] for key in gone],
    )  # fmt: skip


def encoded(document: Any) -> str:
    """A document as it is kept."""
    return orjson.dumps(document, default=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"a document cannot hold {type(value).__name__}")
