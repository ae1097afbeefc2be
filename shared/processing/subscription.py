"""Running handlers over events: effect, mark and checkpoint in one transaction, failures parked, nothing twice.

Own events come from the store, each handler with its checkpoint (position). Other services' events come from Kafka,
each handler with a mark an event, so that duplicates, redeliveries and whole replays change nothing.
"""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from opentelemetry.trace import SpanKind

from shared.model.message import START, Position
from shared.ops.logs import safe_message
from shared.ops.metrics import Metrics
from shared.ops.tracing import Tracing
from shared.ops.waiting import Waiting
from shared.processing import parking
from shared.processing.answering import answering
from shared.processing.blame import Blame
from shared.processing.handlers import Handler, ReactionHandler, name_of
from shared.processing.own_views import OwnViews
from shared.processing.transient import transient
from shared.store.codec import Codec, Raw
from shared.store.database import TRANSACTION_SECONDS, Connection
from shared.store.event_store import Store, may_be_cut
from shared.store.folding import HandlerName
from shared.store.keys import KeyMissing

log = structlog.get_logger(__name__)

BATCH: Final = 500


class Subscription:
    """The handlers of one service. `epoch` is kept with every checkpoint.

    own_views: for which reactions to other services' events wait; their `folded` fires after each commit.
    patience: seconds after which a batch that fails was too much for one transaction, rather than unlucky.
    """

    patience = 0.8 * TRANSACTION_SECONDS

    def __init__(self, store: Store, foreign: Codec, own_views: OwnViews, epoch: str, metrics: Metrics) -> None:
        self.store, self.foreign, self.own_views, self.epoch, self.metrics = store, foreign, own_views, epoch, metrics
        self.blame = Blame(store)

    async def begin_at_head(self, reactions: Iterable[ReactionHandler]) -> None:
        """A reaction that is new in a running system reacts from now on, unless it wants the past too; in a new system,
        from the first event.
        """
        head = await self.store.head()
        await self.store.pool.execute(
            "insert into checkpoints (handler, transaction, position, epoch) select unnest($1::text[]), $2, $3, $4"
            " where exists (select from checkpoints) on conflict do nothing",
            [each.title for each in reactions if not each.reaction.from_the_first], *head, self.epoch,
        )  # fmt: skip

    async def advance(self, handler: Handler, limit: int = BATCH, until: Position | None = None) -> int:
        """Handles the next own events after the handler's checkpoint, none behind `until`; returns how many were read,
        or `limit` if there may be more. What is too much for one transaction is handled in halves; a single event that
        is, is parked, unless another process has gone past it meanwhile.
        """
        begun, only = time.monotonic(), None
        if limit == 1 and (only := await self._next(handler)) is None:
            return 0
        advance = partial(self._advance, handler, limit, until, only)
        try:
            return await advance()
        except Exception as error:
            if transient(error) and not await self.blame.was_too_much(error, begun, self.patience):
                raise
            if limit > 1:
                return await self._advance_in_parts(handler, limit, 1 if not transient(error) else limit // 2, until)
            failing = await self.blame.failing(error, advance, self.patience)
            return 1 if failing is None else await advance(failing)

    async def _next(self, handler: Handler) -> UUID | None:
        """The first own event after the handler's checkpoint."""
        async with self.store.pool.acquire() as connection:
            row = await connection.fetchrow(
                "select transaction, position from checkpoints where handler = $1", await name_of(connection, handler)
            )
            raws = await self.store.read(Position(*row) if row else START, 1, connection)
        return raws[0].id if raws else None

    async def _advance_in_parts(self, handler: Handler, limit: int, part: int, until: Position | None) -> int:
        count = 0
        while count < limit and (read := await self.advance(handler, part, until)):
            count += read
        return count

    async def _advance(
        self, handler: Handler, limit: int, until: Position | None, only: UUID | None = None,
        failing: BaseException | None = None,
    ) -> int:  # fmt: skip
        """only: does nothing if the next event is another."""
        async with self.store.pool.acquire() as connection, connection.transaction():
            ((name, transaction, position, held),) = await connection.fetch(
                "select * from begin_own($1, $2, $3, $4)", *handler.naming, not handler.appends
            )
            after = Position(transaction or 0, position or 0)
            raws = await self.store.read(after, limit, connection)
            if until is not None:
                raws = [raw for raw in raws if raw.position <= until]
            if not raws:
                return 0
            if only not in (None, raws[0].id):
                return 1
            with self._traced(handler, raws) as traced:
                await self._apply(
                    connection, handler, HandlerName(name), traced, codec=self.store.codec, held=set(held),
                    failing=failing,
                )  # fmt: skip
            await connection.execute(
                "insert into checkpoints (handler, transaction, position, epoch) values ($1, $2, $3, $4)"
                " on conflict (handler) do update set transaction = $2, position = $3, epoch = $4",
                name, *raws[-1].position, self.epoch,
            )  # fmt: skip
        self._fire(handler)
        return limit if may_be_cut(raws) else len(raws)

    async def deliver(self, handler: Handler, raws: Sequence[Raw]) -> None:
        """Handles events of other services, each at most once. Raises only what is worth trying again.

        What is too much for one transaction is handled in halves; a single event that is, is parked. A reaction that
        looks at the service's own views finds in them whatever was written before.
        """
        if handler.looks and any(raw.type in handler.on for raw in raws):
            await self.own_views.caught_up()
        begun = time.monotonic()
        try:
            with self._traced(handler, raws) as traced:
                if not await self._at_once(handler, traced):
                    await self._deliver(handler, traced)
        except Exception as error:
            if transient(error) and not await self.blame.was_too_much(error, begun, self.patience):
                raise
            if len(raws) == 1:
                failing = await self.blame.failing(error, partial(self._deliver, handler, raws), self.patience)
                return None if failing is None else await self._deliver(handler, raws, failing=failing)
            part = 1 if not transient(error) else len(raws) // 2
            for start in range(0, len(raws), part):
                await self.deliver(handler, raws[start : start + part])

    async def _at_once(self, handler: Handler, raws: Sequence[Raw]) -> bool:
        done = await handler.deliver_at_once(self.store, self.foreign, raws)
        if done:
            self.metrics.handled.labels(handler.title).inc(len(raws))
            self._fire(handler)
        return done

    async def _deliver(self, handler: Handler, raws: Sequence[Raw], failing: BaseException | None = None) -> None:
        async with self.store.pool.acquire() as connection, connection.transaction():
            ((name, done, held),) = await connection.fetch(
                "select * from begin_foreign($1, $2, $3, $4)", *handler.naming, [raw.id for raw in raws]
            )
            fresh = list({raw.id: raw for raw in raws if raw.id not in set(done)}.values())
            if fresh:
                parked = await self._apply(
                    connection, handler, HandlerName(name), fresh, codec=self.foreign, held=set(held), failing=failing
                )
                marks = [raw.id for raw in fresh if raw.id not in parked]
                await connection.execute("insert into handled select $1, unnest($2::uuid[])", name, marks)
        self._fire(handler)

    async def _apply(
        self, connection: Connection, handler: Handler, name: HandlerName, raws: Sequence[Raw], *,
        codec: Codec, held: set[str], failing: BaseException | None,
    ) -> set[Any]:  # fmt: skip
        """Applies what is free and parks what must wait; returns the ids of what was parked."""
        wanted = [raw for raw in raws if raw.type in handler.on]
        waiting = [raw for raw in wanted if raw.stream in held]
        free = [raw for raw in wanted if raw.stream not in held]
        if failing is None and free:
            await handler.apply(connection, name, await self.store.keys.decoded(codec, free, connection))
        elif failing is not None:
            log.error("parked", handler=name, stream=[raw.stream for raw in free], error=safe_message(failing))
            await parking.park(connection, name, free, failing)
            self.metrics.parked.inc(len(free))
            waiting += free
        await parking.park(connection, name, [raw for raw in waiting if raw.stream in held])
        self.metrics.handled.labels(handler.title).inc(len(raws))
        return {raw.id for raw in waiting}

    async def resume(self, handler: Handler, stream: str) -> bool:
        """Tries the parked events of a stream in order; False if its head failed again.

        A key that has not come is tried for ever: it may be Kafka that keeps it.
        """
        if handler.looks:
            await self.own_views.caught_up()
        while True:
            async with self.exclusively(handler) as (connection, name):
                found = await parking.head(connection, name, stream)
            if found is None:
                return True
            raw, attempts = found
            try:
                await self._resume_one(handler, raw)
            except Exception as error:
                if transient(error):
                    raise
                tries = min(attempts, len(parking.PAUSES) - 1) if isinstance(error, KeyMissing) else attempts
                async with self.exclusively(handler) as (connection, name):
                    await parking.failed_again(connection, name, raw, tries, error)
                log.warning("still parked", handler=name, stream=stream, error=safe_message(error))
                return False

    async def _resume_one(self, handler: Handler, raw: Raw) -> None:
        own = raw.source == self.store.source
        async with self.exclusively(handler) as (connection, name):
            current = await parking.head(connection, name, raw.stream)
            if current is None or current[0].id != raw.id:
                return
            if own or await _is_new(connection, name, raw):
                codec = self.store.codec if own else self.foreign
                with self._traced(handler, [raw]) as traced:
                    await handler.apply(connection, name, await self.store.keys.decoded(codec, traced, connection))
            await parking.release(connection, name, raw)
            if not own:
                await connection.execute("insert into handled values ($1, $2) on conflict do nothing", name, raw.id)
        self._fire(handler)

    async def resume_due(self, handlers: Sequence[Handler]) -> int:
        """Tries every stream whose pause is over; returns of how many it is known now whether they go on.

        Where the weather forbids one, the others are tried all the same; raises what it did last if it forbade all.
        """
        tried, weather = 0, None
        for place, stream in await parking.due(self.store.pool, [handler.naming for handler in handlers]):
            try:
                await self.resume(handlers[place], stream)
                tried += 1
            except Exception as error:
                if not transient(error):
                    raise
                weather = error
        if weather is not None and not tried:
            raise weather
        return tried

    @contextmanager
    def _spans(self, tracing: Tracing, handler: Handler, raws: Sequence[Raw]) -> Iterator[Sequence[Raw]]:
        of = [(raw.trace, raw.type) for raw in raws if raw.type in handler.on]
        with tracing.spans(f"handle {handler.title}", of, {}, SpanKind.CONSUMER) as traces:
            yield [raw._replace(trace=traces.get(raw.trace, raw.trace)) for raw in raws]

    def _traced(self, handler: Handler, raws: Sequence[Raw]) -> AbstractContextManager[Sequence[Raw]]:
        """These events in the spans that handle them."""
        tracing = self.store.tracing
        return nullcontext(raws) if tracing is None else self._spans(tracing, handler, raws)

    def _fire(self, handler: Handler) -> None:
        self.own_views.folded.fire()
        if handler.appends:
            self.store.appended.fire()

    @asynccontextmanager
    async def exclusively(self, handler: Handler) -> AsyncIterator[tuple[Connection, HandlerName]]:
        """A transaction in which nobody else runs this handler, and the handler's name."""
        async with self.store.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", handler.title)
            yield connection, await name_of(connection, handler)


async def _is_new(connection: Connection, name: str, raw: Raw) -> bool:
    """Whether nobody handled it: two members of a group may have had it at once, and only one of them failed."""
    done = await connection.fetchval(
        "select exists (select from handled where (handler, event) = ($1, $2))", name, raw.id
    )
    return not done


async def follow(subscription: Subscription, handlers: Sequence[Handler], poll: float) -> None:
    """Keeps handlers up with their service's own events until cancelled.

    A reaction sees no event that the views have not folded: else it would miss in them what has just happened. The
    views come as far as the store was when they began, whatever is appended meanwhile, and then it is the reactions'
    turn.
    """
    store, settled = subscription.store, None
    views = [handler for handler in handlers if not handler.appends]
    reactions = [handler for handler in handlers if handler.appends]
    waiting = Waiting("handling of own events")
    while handlers:
        seen = store.appended.count
        try:
            head = await store.head()
            if head != settled:
                for view in views:
                    while await subscription.advance(view, until=head) >= BATCH:
                        pass
                read = [await subscription.advance(reaction, until=head) for reaction in reactions]
                settled = head if max(read, default=0) < BATCH else None
                waiting.over()
                continue
            await store.wait_for_more(head, seen, poll)
        except Exception as error:
            if not transient(error):
                raise
            await waiting.after(error, partial(answering, store.pool))
