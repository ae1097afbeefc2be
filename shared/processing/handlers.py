"""What a subscription runs: a view that folds documents, or a reaction that carries out effects."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from shared.model.message import Recorded
from shared.model.projection import AnyProjection
from shared.model.reaction import Known, Need, Reaction
from shared.ops.context import Context
from shared.processing.execution import Caused, Render, carry_out
from shared.processing.memories import Memories
from shared.store.codec import Codec, Raw
from shared.store.database import Connection
from shared.store.documents import read_documents
from shared.store.event_store import Store
from shared.store.folding import HandlerName, Naming, fold_at_once, fold_documents


class Handler(Protocol):
    """`title` names it in logs and metrics; `on` are the event types it takes; `appends`: its effects can be events;
    `looks`: they depend on what views or memories say.
    """

    title: str
    on: frozenset[str]
    appends: bool
    looks: bool

    @property
    def naming(self) -> Naming:
        """The arguments of the SQL function handler_name."""

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        """The effect of these events, in the caller's transaction."""

    async def deliver_at_once(self, store: Store, codec: Codec, raws: Sequence[Raw]) -> bool:
        """Effect and marks of other services' events in a shorter way; False, with nothing done, if there is none."""


async def name_of(connection: Connection, handler: Handler) -> HandlerName:
    """The name of its checkpoint, marks and parking; a view's changes with its generation."""
    return HandlerName(await connection.fetchval("select handler_name($1, $2, $3)", *handler.naming))


class ViewHandler:
    """Folds events into a view's documents: into the live generation, or into one being rebuilt."""

    appends = looks = False
    at_once = True

    def __init__(self, view: AnyProjection, generation: int | None = None) -> None:
        self.view, self.generation = view, generation
        self.title, self.on = f"view:{view.name}", frozenset(event.__name__ for event in view.on)

    @property
    def naming(self) -> Naming:
        if self.generation:
            return Naming(self.title, suffix=f":{self.generation}")
        return Naming(self.title, self.view.name, ":1")

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        await fold_documents(connection, self.view, name.generation, events)

    async def deliver_at_once(self, store: Store, codec: Codec, raws: Sequence[Raw]) -> bool:
        if not self.at_once:
            return False
        events = await store.keys.decoded(codec, [raw for raw in raws if raw.type in self.on])
        return await fold_at_once(store.pool, self.naming, self.view, events, raws)


class ReactionHandler:
    """Turns events into effects, given the documents and memories that the reaction asks for."""

    appends = True

    def __init__(
        self, reaction: Reaction, store: Store, render: Render, memories: Memories,
        setting: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self.reaction, self.store, self.render, self.memories = reaction, store, render, memories
        self.setting = setting
        self.title, self.on = f"reaction:{reaction.name}", frozenset(event.__name__ for event in reaction.on)
        self.looks = reaction.looks

    @property
    def naming(self) -> Naming:
        return Naming(self.title)

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        needs = {need for event in events for need in self.reaction.needs(event)}
        memories = await self.memories.current(self.reaction.memories, connection)
        known = Known(await documents_for(connection, needs), memories, self.setting)
        caused = [Caused(_context(event), list(self.reaction.react(event, known))) for event in events]
        await carry_out(connection, self.store, self.render, caused, name)

    async def deliver_at_once(self, *_: Any) -> bool:
        return False


def _context(event: Recorded[Any]) -> Context:
    return Context(correlation=event.correlation, causation=event.id, trace=event.trace)


async def documents_for(connection: Connection, needs: set[Need]) -> dict[Need, Any]:
    """The needed documents, one round trip a view; None where there is none."""
    found: dict[Need, Any] = dict.fromkeys(needs)
    for view in {need.view for need in needs}:
        keys = [need.key for need in needs if need.view is view]
        for key, document in (await read_documents(connection, view, keys)).items():
            found[Need(view, key)] = document
    return found
