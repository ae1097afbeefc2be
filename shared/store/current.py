"""One document as it is at this moment: from its view, or, where that is behind, folded from its stream."""

from functools import reduce
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import orjson

from shared.model.message import Recorded
from shared.model.projection import Projection
from shared.store.appending import NO_STREAM
from shared.store.documents import HANDLER, LIVE
from shared.store.event_store import Store
from shared.store.folding import encoded

D = TypeVar("D")

_CURRENT: Final = f"""select s.version, d.document::text as document,
    coalesce((c.transaction, c.position) >= (e.transaction, e.position), false) as reached
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
    if row["reached"]:
        return Current(orjson.loads(row["document"]) if row["document"] else None, row["version"])
    return _folded((await store.load(stream)).streams[stream], view, key)


def _folded(events: tuple[Recorded[Any], ...], view: Projection[Any], key: str) -> Current[Any]:
    told = [event for event in events if isinstance(event.data, view.on) and key in view.keys(event)]
    document = reduce(view.evolve, told, cast("Any", None))
    return Current(_as_kept(document), events[-1].version if events else NO_STREAM)


def _as_kept(document: Any) -> Any:
    """As it would come from the view: of JSON values alone."""
    return orjson.loads(encoded(document)) if document is not None else None
