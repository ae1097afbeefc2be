"""Where benchmarks write: a database, or a whole platform, of their own on the measured servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from deploy.local.servers import Servers
from shared.ops.settings import Settings
from shared.store.database import create_database, migrate, migrations_of
from tests.platform import Kit, running_platform


@asynccontextmanager
async def fresh_database(servers: Servers) -> AsyncIterator[str]:
    """The address of a database with the kernel's tables, dropped afterwards."""
    name = f"bench_{uuid4().hex}"
    dsn = urlunsplit(urlsplit(servers.database_url)._replace(path=f"/{name}"))
    await create_database(dsn)
    await migrate(dsn, migrations_of("shared"))
    try:
        yield dsn
    finally:
        connection = await asyncpg.connect(servers.database_url)
        await connection.execute(f'drop database "{name}" with (force)')
        await connection.close()


@asynccontextmanager
async def on_a_platform(servers: Servers) -> AsyncIterator[Kit]:
    """All services in this process, with databases and topics of their own on the measured servers."""
    prefix = f"bench-{uuid4().hex[:8]}"
    settings = Settings(
        environment="test", database_url=servers.database_url, database_prefix=prefix, kafka=servers.kafka,
        topic_prefix=prefix, topic_partitions=2,
    )  # fmt: skip
    async with running_platform(settings) as platform:
        yield platform
