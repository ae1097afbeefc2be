"""One document as it is at this moment: from its view and, where that is behind, what its stream has said since."""

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import orjson

from shared.model.message import START, Position, Recorded
from shared.model.projection import Projection
from shared.store.appending import NO_STREAM
from shared.store.documents import HANDLER, LIVE
from shared.store.event_store import Store
from shared.store.folding import encoded

D = TypeVar("D")

# What is parked is in no document, wherever the checkpoint stands: then all of the stream is folded.
_CURRENT: Final = f"""select s.version, d.document::text as document, c.transaction, c.position,
    (c.transaction, c.position) >= (e.transaction, e.position) as reached,
    exists (select from parked as p where p.handler = {HANDLER} and p.stream = $2) as parked
    from streams as s join events as e on e.stream = s.stream and e.version = s.version
    left join documents as d on d.view = $1 and d.generation = {LIVE} and d.key = $3
    left join checkpoints as c on c.handler = {HANDLER}
    where s.stream = $2"""  # noqa: S608 - of our own constants


class Current(NamedTuple, Generic[D]):
    """A document, and the version of the stream that it tells; None and 0 where there is no stream."""

    document: D | None
    version: int


async def current_document(store: Store, view: Projection[Any], stream: str, key: str) -> Current[Any]:
    """The document of one stream in a view of own events, whatever the view lags behind and whoever wrote last."""
    row = await store.pool.fetchrow(_CURRENT, view.name, stream, key)
    if row is None:
        return Current(None, NO_STREAM)
    if row["parked"] or row["transaction"] is None:
        return _folded(await store.since(stream, START), view, key, None, NO_STREAM)
    document = orjson.loads(row["document"]) if row["document"] else None
    if row["reached"]:
        return Current(document, row["version"])
    after = Position(row["transaction"], row["position"])
    return _folded(await store.since(stream, after), view, key, document, row["version"])


def _folded(
    events: Sequence[Recorded[Any]], view: Projection[Any], key: str, document: Any, version: int
) -> Current[Any]:
    told = [event for event in events if isinstance(event.data, view.on) and key in view.keys(event)]
    after = reduce(view.evolve, told, cast("Any", document))
    return Current(_as_kept(after), events[-1].version if events else version)


def _as_kept(document: Any) -> Any:
    """As it would come from the view: of JSON values alone."""
    return orjson.loads(encoded(document)) if document is not None else None
