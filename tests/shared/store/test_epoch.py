"""A store restored from a dump into another cluster: refused, adopted, and nothing skipped or handled twice."""

import asyncio
import subprocess
from typing import Any, Final

import asyncpg
import pytest

from deploy.local.postgres import binaries
from deploy.local.servers import Servers
from services.site import NAMES
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.processing.parking import park
from shared.processing.subscription import Subscription
from shared.store.appending import Write
from shared.store.database import all_migrations, migrate, migrations_of
from shared.store.epoch import EpochChanged, adopt, check_epoch
from shared.store.erasing import Erasures, want_erased
from shared.store.event_store import Store
from tests.shared.kafka.records import drained, event_id, records_of, relay_of
from tests.shared.keys import raw_of_event
from tests.shared.things import TOTALS, Raised, documents, open_store, subscription_on
from tests.shared.waiting import running, settled

VIEW = ViewHandler(TOTALS)
TELL_PLACES: Final = ["checkpoints", "erasures", "events", "parked", "relay"]
"""The tables that say where an event stands."""


async def raised(store: Store, first: int, last: int) -> None:
    for number in range(first, last + 1):
        await store.append([Write(f"counter-{k}", number - 1, [Raised(by_much=number)]) for k in range(3)])
    await settled(store.pool)


async def advance(subscription: Subscription, limit: int = 500) -> None:
    while await subscription.advance(VIEW, limit):
        pass


def totals(last: int) -> dict[str, Any]:
    return {str(k): {"total": sum(range(last + 1)), "versions": list(range(1, last + 1))} for k in range(3)}


async def said_by(program: str, *words: str, given: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(
        binaries() / program, *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    said, complaints = await process.communicate(given)
    assert process.returncode == 0, complaints
    return said


async def restored_elsewhere(store: Store) -> None:
    """What a dump restored into a younger cluster looks like: transaction ids far beyond any that it will give soon."""
    for table in TELL_PLACES:
        await store.pool.execute(
            f"update {table} set transaction = (transaction::text::bigint + 1000000000)::text::xid8"  # noqa: S608
            " where transaction > '0'"
        )
    await store.pool.execute("update epoch set cluster = 'another'")


async def test_a_store_restored_into_another_cluster_is_refused_until_it_is_adopted(store: Store) -> None:
    await check_epoch(store.pool)
    await restored_elsewhere(store)
    with pytest.raises(EpochChanged, match="adopt"):
        await check_epoch(store.pool)
    async with store.pool.acquire() as connection:
        await adopt(connection)
    assert await check_epoch(store.pool)


async def test_after_adopting_views_and_relay_go_on_where_they_stood(store: Store, settings: Settings) -> None:
    await raised(store, 1, 4)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    assert await subscription_on(store).advance(VIEW, 7) == 7
    await raised(store, 5, 6)
    await restored_elsewhere(store)
    for _ in range(2):  # Adopting twice, as after a second restore, must change nothing more.
        async with store.pool.acquire() as connection:
            await adopt(connection)
    await raised(store, 7, 9)
    await advance(subscription_on(store), 5)
    assert await documents(store.pool) == totals(9)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    ids = [event_id(record) for record in await records_of(settings)]
    assert len(ids) == len(set(ids)) == 27
    order = [(raw.stream, raw.version) for raw in await store.read()]
    assert order == [(f"counter-{k}", version) for version in range(1, 10) for k in range(3)]


async def test_who_was_to_be_erased_is_erased_after_adopting_too(store: Store) -> None:
    await raised(store, 1, 2)
    async with store.pool.acquire() as connection, connection.transaction():
        await want_erased(connection, ["counter-1"], await store.find("counter-1", 2))
    await store.pool.execute("insert into holds (subject, reason) values ('counter-1', 'a case')")
    await restored_elsewhere(store)
    async with store.pool.acquire() as connection:
        await adopt(connection)
    await store.pool.execute("delete from holds")
    erasures, views = Erasures(store.pool), [VIEW.naming]
    assert await subscription_on(store).advance(VIEW, 3) == 3
    assert await erasures.erase_due(views) == []  # Why is the fifth of six events, which no view has seen.
    await advance(subscription_on(store))
    assert await erasures.erase_due(views) == ["counter-1"]


async def test_what_is_parked_stands_where_its_event_does_after_adopting(store: Store) -> None:
    await raised(store, 1, 2)
    foreign = raw_of_event(Raised(by_much=1), "{}", "counter-9")
    async with store.pool.acquire() as connection, connection.transaction():
        await park(connection, VIEW.title, [*await store.read(), foreign])
    await restored_elsewhere(store)
    async with store.pool.acquire() as connection:
        await adopt(connection)
        found = {each.id: each for each in await store.read()} | {foreign.id: foreign}
        rows = await connection.fetch("select id, transaction, position from parked")
    assert {row["id"]: (row["transaction"], row["position"]) for row in rows} == {
        id_: raw.position for id_, raw in found.items()
    }


@pytest.mark.parametrize("service", NAMES)
async def test_adopting_knows_every_table_that_says_where_an_event_stands(database: str, service: str) -> None:
    await migrate(database, all_migrations(service))
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("""select distinct table_name from information_schema.columns
        where table_schema = 'public' and (udt_name = 'xid8' or column_name in ('transaction', 'position'))""")
    assert sorted(row["table_name"] for row in rows) == TELL_PLACES
    await connection.close()


async def test_a_real_dump_restored_beside_keeps_every_event_checkpoint_and_document(
    store: Store, second_database: str, servers: Servers
) -> None:
    await raised(store, 1, 5)
    assert await subscription_on(store).advance(VIEW, 7) == 7
    source = servers.database_url.rpartition("/")[0] + "/" + await store.pool.fetchval("select current_database()")
    dump = await said_by("pg_dump", "--clean", "--if-exists", source)
    await said_by("psql", "-q", "-v", "ON_ERROR_STOP=1", second_database, given=dump)
    async with open_store(second_database) as restored:
        await restored.pool.execute("update epoch set cluster = 'another'")
        async with restored.pool.acquire() as connection:
            await adopt(connection)
        await raised(restored, 6, 7)
        await advance(subscription_on(restored))
        assert await documents(restored.pool) == totals(7)


async def test_what_was_rebuilt_by_hand_without_an_epoch_is_of_this_cluster(store: Store) -> None:
    await raised(store, 1, 1)
    await advance(subscription_on(store))
    await store.pool.execute("update checkpoints set epoch = ''")
    with pytest.raises(EpochChanged):
        await check_epoch(store.pool)
    await store.pool.execute(dict(migrations_of("shared"))["shared/0017_epochs_of_rebuilds.sql"])
    assert await check_epoch(store.pool)
