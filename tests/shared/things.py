"""A small service for the kernel's tests: counters that are raised, and what follows from it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

import orjson

from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Problem
from shared.model.message import OWN, Command, Event, Personal, Published, Recorded
from shared.model.projection import AnyProjection, Projection, by_key
from shared.model.reaction import Do, Known, Reaction, Send
from shared.ops.metrics import Metrics
from shared.ops.wakeup import Wakeup
from shared.processing.execution import Rendered
from shared.processing.handlers import ViewHandler
from shared.processing.own_views import OwnViews
from shared.processing.subscription import Subscription
from shared.store.appending import Write
from shared.store.codec import Codec
from shared.store.database import Pool, open_pool
from shared.store.event_store import Store
from tests.shared.keys import keys_of
from tests.shared.waiting import settled


class Raised(Event):
    """A counter went up."""

    whose = OWN
    dataref = "/things/api/counters/{id}"

    by_much: int
    note: Personal[str] = ""


class Closed(Event):
    """A counter was closed."""


class Raise(Command):
    by_much: int = 1
    note: str = ""


class Close(Command):
    pass


@dataclass(frozen=True)
class Counter:
    total: int = 0
    closed: bool = False


def decide(command: Raise | Close, state: Counter) -> Sequence[Raised | Closed]:
    match command:
        case Raise():
            if state.closed:
                raise Conflict(Problem("by_much", N_("closed")))
            return [Raised(by_much=command.by_much, note=command.note)]
        case Close():
            return [] if state.closed else [Closed()]


def evolve(state: Counter, event: Raised | Closed) -> Counter:
    match event:
        case Raised():
            return Counter(state.total + event.by_much, state.closed)
        case Closed():
            return Counter(state.total, closed=True)


COUNTER: Decider[Raise | Close, Counter, Raised | Closed] = Decider(
    "counter", Counter(), decide, evolve, (Raised, Closed)
)
PUBLISHED = Published("things", {"counter": (Raised, Closed)}, subjects=("counter",))


class Total(TypedDict):
    """A counter as the view shows it: its total, and the versions folded into it in order."""

    total: int
    versions: list[int]


def fold_total(document: Total | None, event: Recorded[Any]) -> Total:
    before = document or Total(total=0, versions=[])
    much = event.data.by_much if isinstance(event.data, Raised) else 0
    return Total(total=before["total"] + much, versions=[*before["versions"], event.version])


TOTALS: Projection[Total] = Projection("totals", (Raised, Closed), by_key, fold_total)


def mirror(event: Recorded[Any], known: Known) -> list[Do | Send]:
    """Each raise raises the mirror, which has none itself, and tells by mail."""
    if event.key.startswith("mirror-of-"):
        return []
    mail = Send(event.id, "anna@example.org", "things/mail/raised", "en", {"much": event.data.by_much}, whose="")
    return [Do(COUNTER, f"mirror-of-{event.key}", Raise(by_much=event.data.by_much)), mail]


def render(template: str, language: str, params: Any) -> Rendered:
    return template, orjson.dumps(params).decode(), "<p></p>"


@asynccontextmanager
async def open_store(
    dsn: str, connections: int = 8, source: str = "things", more: Sequence[type[Event]] = ()
) -> AsyncIterator[Store]:
    """A store of counters on this database, which may hold events of more types."""
    pool = await open_pool(dsn, connections, "test")
    try:
        yield Store(pool, Codec([*COUNTER.events, *more]), keys_of(pool, "counter"), source)
    finally:
        await pool.close()


def own_views(store: Store, *views: AnyProjection) -> OwnViews:
    """These views of the store's own events, for which reactions and timers wait."""
    return OwnViews(store.pool, Wakeup(), [ViewHandler(view).naming for view in views])


def subscription_on(store: Store, foreign: Codec | None = None) -> Subscription:
    return Subscription(store, foreign or Codec(COUNTER.events), own_views(store), "test", Metrics("things"))


async def documents(pool: Pool, view: str = "totals", generation: int = 1) -> dict[str, Any]:
    """All documents of a view's generation."""
    rows = await pool.fetch(
        "select key, document::text from documents where view = $1 and generation = $2", view, generation
    )
    return {row[0]: orjson.loads(row[1]) for row in rows}


async def mails(pool: Pool) -> list[UUID]:
    return [row["id"] for row in await pool.fetch("select id from mails order by queued_at")]


MIRROR = Reaction("mirror", (Raised,), mirror)


async def raised(store: Store, stream: str, *amounts: int) -> None:
    """Raises a counter by these amounts in one append; afterwards every reader may see it."""
    version = (await store.load(stream)).version(stream)
    await store.append([Write(stream, version, [Raised(by_much=amount) for amount in amounts])])
    await settled(store.pool)
