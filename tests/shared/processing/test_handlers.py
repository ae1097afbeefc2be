"""What handlers rely on: documents written by two at once, memories that survive a failure, errors told apart."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson
import pytest
from asyncpg.exceptions._base import (
    ClientConfigurationError,
    OutdatedSchemaCacheError,
    ProtocolError,
    TargetServerAttributeNotMatched,
    UnsupportedServerFeatureError,
)
from asyncpg.exceptions._base import DataError as ClientDataError
from jinja2 import TemplateNotFound

from shared.model.errors import Conflict
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key
from shared.model.reaction import BrokenMemory, Do, Known, Memory, Reaction
from shared.model.testing import recorded
from shared.processing.handlers import ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.processing.transient import transient
from shared.store.appending import ANY, Write, WrongVersion
from shared.store.database import open_pool
from shared.store.event_store import Store
from shared.store.folding import HandlerName, StaleDocument, fold_documents
from tests.shared.things import (
    COUNTER,
    TOTALS,
    Closed,
    Raise,
    Raised,
    documents,
    fold_total,
    render,
    subscription_on,
)  # fmt: skip
from tests.shared.waiting import eventually, settled


def until_closed(document: Any, event: Recorded[Any]) -> Any:
    return None if isinstance(event.data, Closed) else fold_total(document, event)


OPEN: Projection[Any] = Projection("open", (Raised, Closed), by_key, until_closed)


async def fold(connection: Any, *events: Recorded[Any]) -> None:
    await fold_documents(connection, OPEN, 1, events)


@pytest.mark.parametrize(
    "first", [recorded(Closed(), "counter-a", 2), recorded(Raised(by_much=5), "counter-a", 2)], ids=["removed", "kept"]
)
async def test_of_two_that_write_one_document_at_once_the_second_begins_anew(
    store: Store, first: Recorded[Any]
) -> None:
    await fold(store.pool, recorded(Raised(by_much=1), "counter-a"))
    async with store.pool.acquire() as one, store.pool.acquire() as two:
        transaction = one.transaction()
        await transaction.start()
        await fold(one, first)
        second = asyncio.create_task(fold(two, recorded(Raised(by_much=7), "counter-a", 3)))
        waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and pid = $1)"
        await eventually(lambda: store.pool.fetchval(waits, two.get_server_pid()), "the second waits for the first")
        await transaction.commit()
        with pytest.raises(StaleDocument):
            await second
    after = await documents(store.pool, "open")
    assert after == ({} if isinstance(first.data, Closed) else {"a": {"total": 6, "versions": [1, 2]}})


async def test_a_document_can_go_and_come_again_within_one_batch_and_between_batches(store: Store) -> None:
    raised, closed = recorded(Raised(by_much=2), "counter-a"), recorded(Closed(), "counter-a", 2)
    await fold(store.pool, raised, closed)
    assert await documents(store.pool, "open") == {}
    await fold(store.pool, raised, closed, raised)
    await fold(store.pool, closed, raised)
    assert await documents(store.pool, "open") == {"a": {"total": 2, "versions": [1]}}
    await fold(store.pool, closed)
    assert await documents(store.pool, "open") == {}


class Failing(Exception):
    pass


def kept_as_json(name: str, remember: Callable[[Any, Recorded[Any]], None]) -> Memory:
    """A dictionary of sums that is folded from what was raised."""
    return Memory(
        name, (Raised,), dict, remember, lambda sums: [orjson.dumps(sums)], lambda parts: orjson.loads(b"".join(parts))
    )


async def test_a_memory_that_fails_in_the_middle_is_built_anew_and_counts_nothing_twice(store: Store) -> None:
    broken = [True]

    def remember(sums: dict[str, int], event: Recorded[Any]) -> None:
        if broken[0] and event.version == 3:
            raise Failing
        sums[event.key] = sums.get(event.key, 0) + event.data.by_much

    memory = kept_as_json("sums", remember)
    await store.append([Write("counter-a", ANY, [Raised(by_much=10)])])
    await settled(store.pool)
    memories = Memories(store)
    async with store.pool.acquire() as connection:
        assert (await memories.current([memory], connection))["sums"] == {"a": 10}
        await store.append([Write("counter-a", ANY, [Raised(by_much=10), Raised(by_much=10)])])
        await settled(store.pool)
        with pytest.raises(BrokenMemory) as failed:
            await memories.current([memory], connection)
        assert transient(failed.value), "no event is parked for it"
        broken[0] = False
        assert (await memories.current([memory], connection))["sums"] == {"a": 30}


async def test_a_reaction_sees_its_memory_as_of_now(store: Store) -> None:
    def remember(sums: dict[str, int], event: Recorded[Any]) -> None:
        sums["all"] = sums.get("all", 0) + event.data.by_much

    memory = kept_as_json("all", remember)

    def react(event: Recorded[Any], known: Known) -> list[Do]:
        return [Do(COUNTER, "echo", Raise(by_much=known.memory(memory)["all"]))]

    reaction = Reaction("echo", (Closed,), react, memories=(memory,))
    handler = ReactionHandler(reaction, store, render, Memories(store))
    for number in (1, 2):
        await store.append([Write("counter-a", ANY, [Raised(by_much=number * 10)])])
        await store.append([Write(f"counter-{number}", ANY, [Closed()])])
        await settled(store.pool)
        await subscription_on(store).advance(handler)
    echoes = (await store.load("counter-echo")).streams["counter-echo"]
    assert [event.data.by_much for event in echoes] == [10, 40]


async def test_a_transaction_that_runs_too_long_is_ended_so_that_readers_are_not_held_back_for_ever(
    database: str,
) -> None:
    pool = await open_pool(database, 1, "test")
    assert await pool.fetchval("show transaction_timeout") == "30s"
    await pool.close()


async def test_a_view_and_its_checkpoint_need_not_wait_for_the_disk_but_what_appends_must(store: Store) -> None:
    seen: list[str] = []

    class Looking(ViewHandler):
        at_once = False

        async def apply(self, connection: Any, name: HandlerName, events: Any) -> None:
            seen.append(await connection.fetchval("show synchronous_commit"))
            await super().apply(connection, name, events)

    class LookingReaction(ReactionHandler):
        async def apply(self, connection: Any, *_: Any) -> None:
            seen.append(await connection.fetchval("show synchronous_commit"))

    await store.append([Write("counter-a", ANY, [Raised(by_much=1)])])
    await settled(store.pool)
    subscription, raws = subscription_on(store), await store.read()
    await subscription.advance(Looking(TOTALS))
    await subscription.advance(LookingReaction(Reaction("r", (Raised,), lambda *_: ()), store, render, Memories(store)))
    await subscription.deliver(Looking(OPEN), [raw._replace(source="elsewhere") for raw in raws])
    assert seen == ["off", "on", "on"]


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (asyncpg.ConnectionDoesNotExistError(), True),
        (asyncpg.DeadlockDetectedError(), True),
        (asyncpg.SerializationError(), True),
        (asyncpg.DiskFullError(), True),
        (asyncpg.AdminShutdownError(), True),
        (asyncpg.TooManyConnectionsError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InternalClientError("got an unexpected message"), True),
        (asyncpg.InvalidPasswordError(), True),
        (asyncpg.InvalidAuthorizationSpecificationError(), True),
        (asyncpg.CannotConnectNowError(), True),
        (asyncpg.InvalidCatalogNameError(), True),
        (asyncpg.ReadOnlySQLTransactionError(), True),
        (asyncpg.TransactionTimeoutError(), True),
        (asyncpg.InvalidCachedStatementError(), True),
        (asyncpg.InvalidSQLStatementNameError(), True),
        (asyncpg.DuplicatePreparedStatementError(), True),
        (asyncpg.FeatureNotSupportedError(), False),
        (ProtocolError("unexpected answer"), True),
        (TargetServerAttributeNotMatched("no writable host"), True),
        (OutdatedSchemaCacheError("a column came"), True),
        (ClientConfigurationError("no such sslmode"), False),
        (ClientDataError("no number"), False),
        (UnsupportedServerFeatureError("no listening"), False),
        (asyncpg.InsufficientPrivilegeError(), True),
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (WrongVersion(), True),
        (StaleDocument(), True),
        (asyncpg.UniqueViolationError(), False),
        (asyncpg.DataError(), False),
        (asyncpg.UntranslatableCharacterError(), False),
        (TemplateNotFound("mail.html"), False),
        (LookupError(), False),
        (ValueError(), False),
        (Conflict(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_world_did_is_tried_again_and_what_the_event_did_is_parked(error: Exception, *, again: bool) -> None:
    assert transient(error) is again
