"""Which cluster gave the transaction ids: a restored dump starts them anew, and nobody goes on silently after that."""

from typing import Final

from shared.ops.misconfigured import Misconfigured
from shared.store.database import Connection, Pool

_CURRENT = """select cluster, (select system_identifier::text from pg_control_system()),
    (select min(epoch) from checkpoints where epoch <> cluster) from epoch"""

_ADOPT = """
with numbered as (
    select transaction, position, row_number() over (order by transaction, position) as n from events
), moved as (
    update checkpoints set transaction = '1', epoch = $1, position = (
        select count(*) from numbered
        where (numbered.transaction, numbered.position) <= (checkpoints.transaction, checkpoints.position)
    )
), relayed as (
    update relay set transaction = '1', position = (
        select count(*) from numbered
        where (numbered.transaction, numbered.position) <= (relay.transaction, relay.position)
    )
), wished as (
    update erasures set transaction = '1', position = n from numbered
    where erasures.transaction = numbered.transaction and erasures.position = numbered.position
), waiting as (
    update parked set transaction = '1', position = n from numbered
    where parked.transaction = numbered.transaction and parked.position = numbered.position
), cluster as (update epoch set cluster = $1)
update events set transaction = '1', position = n from numbered
where events.transaction = numbered.transaction and events.position = numbered.position
"""

_OTHERS = """select count(*) from pg_stat_activity
    where datname = current_database() and usename is not null and pid <> pg_backend_pid()"""
"""PostgreSQL's own workers, which go by themselves, have no role."""

HOURS: Final = 12 * 3600.0


class EpochChanged(Exception):
    """The database was restored into another cluster; its transaction ids no longer order its events."""


async def check_epoch(pool: Pool) -> str:
    """The epoch to keep with every checkpoint; raises EpochChanged for a dump restored into another cluster."""
    known, cluster, other = await pool.fetchrow(_CURRENT) or ("", "", None)
    if known != cluster or other is not None:
        raise EpochChanged(
            f"this database was written in cluster {other or known} and now stands in {cluster}: "
            "it was restored from a dump. Stop the service, run `python -m services adopt NAME`, and start it again"
        )
    return str(cluster)


async def alone(connection: Connection) -> None:
    """Raises Misconfigured where others are connected to the same database: whatever they are, they would go on."""
    if others := await connection.fetchval(_OTHERS):
        database = await connection.fetchval("select current_database()")
        raise Misconfigured(f"other connections to the database {database} are open: {others}; stop the service first")


async def adopt(connection: Connection) -> None:
    """Renumbers the events in their order and moves along what says where one stands: checkpoints, the relay, wishes to
    erase, what is parked. Run while the service stands still.
    """
    async with connection.transaction():
        await connection.execute("set local transaction_timeout = 0")
        await connection.execute("lock table events, checkpoints, relay, erasures, parked in access exclusive mode")
        cluster = await connection.fetchval("select system_identifier::text from pg_control_system()")
        await connection.execute(_ADOPT, cluster, timeout=HOURS)
        await connection.execute(  # the sequence goes on after the last number
            "select setval(pg_get_serial_sequence('events', 'position'), coalesce(max(position), 1)) from events"
        )
