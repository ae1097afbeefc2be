"""Parking: a failing event is set aside with its error, later events of its stream queue behind it, the rest flows."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import orjson

from shared.ops.logs import safe_message
from shared.store.codec import Raw, raw_of
from shared.store.database import Connection, Pool
from shared.store.folding import Naming, columns

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (0.25, 1, 3, 8, 20))
"""The pauses before a failed event is tried again by itself; after the last it waits for `unpark`."""

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # The one escape of JSON that jsonb does not take.
_INSERT = """insert into parked (handler, stream, version, id, source, type, schema_version, data, correlation,
    causation, actor, trace, at, transaction, position, error, attempts, due)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, now() + $18::interval)
    on conflict do nothing"""
_LIST = """select handler, stream, count(*) as events, max(error) as error, max(attempts) as attempts
    from parked group by handler, stream order by handler, stream"""
_TRY_AGAIN = """with tried as (
        update parked set due = now() where attempts > 0 and ($1 = '' or stream = $1) returning handler, stream)
    select count(distinct id), count(distinct stream)
    from parked where (handler, stream) in (select handler, stream from tried)"""
DUE: Final = "from parked where due <= now()"
_STREAMS = f"""with due as materialized (select distinct handler, stream {DUE})
    select place, stream
    from due join unnest($1::text[], $2::text[], $3::text[]) with ordinality as of (title, of_view, suffix, place)
        on handler = handler_name(title, of_view, suffix)
    limit 100"""  # noqa: S608 - of our own constant
_HEAD = """select id, stream, version, type, schema_version, data::text as data, correlation, causation, actor, trace,
    at, transaction, position, source, attempts
    from parked where handler = $1 and stream = $2 order by version limit 1"""


async def park(connection: Connection, handler: str, raws: Sequence[Raw], error: BaseException | None = None) -> None:
    """Sets events aside: the failed one with its error, to be tried again soon; those queued behind it without one."""
    for raw in raws:
        await connection.execute(
            _INSERT, handler, raw.stream, raw.version, raw.id, raw.source, raw.type, raw.schema_version,
            _json(raw.data), raw.correlation, raw.causation, raw.actor, raw.trace, raw.at, *raw.position,
            safe_message(error) if error else "", 1 if error else 0, PAUSES[0] if error else None,
        )  # fmt: skip


def _json(data: str | bytes) -> str:
    """The data as PostgreSQL's jsonb can hold them; what is not JSON is kept as a text."""
    text = data if isinstance(data, str) else data.decode(errors="replace")
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return orjson.dumps({"unreadable": text.replace("\0", "\ufffd")}).decode()
    return _NUL.sub(r"\1\\ufffd", text)


async def head(connection: Connection, handler: str, stream: str) -> tuple[Raw, int] | None:
    """The first parked event of the stream and how often it was tried."""
    row = await connection.fetchrow(_HEAD, handler, stream)
    if row is None:
        return None
    return raw_of(row, row["source"]), row["attempts"]


async def failed_again(connection: Connection, handler: str, raw: Raw, attempts: int, error: BaseException) -> None:
    """Notes the error, and when to try again by itself, if at all."""
    pause = PAUSES[attempts] if attempts < len(PAUSES) else None
    await connection.execute(
        "update parked set attempts = $3, error = $4, due = now() + $5::interval where handler = $1 and id = $2",
        handler, raw.id, attempts + 1, safe_message(error), pause,
    )  # fmt: skip


async def release(connection: Connection, handler: str, raw: Raw) -> None:
    """The event has been handled after all: the next of its stream is tried at once."""
    await connection.execute("delete from parked where handler = $1 and id = $2", handler, raw.id)
    await connection.execute(
        "update parked set due = now() where (handler, stream, version) ="
        " (select handler, stream, min(version) from parked where handler = $1 and stream = $2 group by 1, 2)",
        handler, raw.stream,
    )  # fmt: skip


async def due(pool: Pool, handlers: Sequence[Naming]) -> list[tuple[int, str]]:
    """The streams whose head is to be tried now, each with the place in `handlers` of the one that parked it."""
    return [(row["place"] - 1, row["stream"]) for row in await pool.fetch(_STREAMS, *columns(handlers))]


class Waits(NamedTuple):
    """A stream of which a handler has parked so many events; the error is that of the first."""

    handler: str
    stream: str
    events: int
    error: str
    attempts: int


async def listed(pool: Pool) -> list[Waits]:
    """All that wait."""
    return [Waits(*row) for row in await pool.fetch(_LIST)]


async def try_again(pool: Pool, stream: str = "") -> tuple[int, int]:
    """Has the parked events of a stream, or of all, tried again: how many events, and of how many streams."""
    events, streams = await pool.fetchrow(_TRY_AGAIN, stream) or (0, 0)
    return events, streams
