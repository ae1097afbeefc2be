"""Where benchmarks write: a database of their own on the measured server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from deploy.local.servers import Servers
from shared.store.database import create_database, migrate, migrations_of


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
