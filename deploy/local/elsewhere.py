"""Servers that run elsewhere: looked at before anything starts, so that a wrong address is told at once."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.trouble import Trouble
from shared.kafka.connection import client, explained
from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import load

NAME = "identity"
SECONDS = 10
OLDEST = 180_000


async def check(database_url: str, kafka: str, kafka_security: str = "plaintext") -> None:
    """Raises Trouble when an address that is given does not answer as it should; an empty one is not looked at."""
    if database_url:
        await _check_database(database_url)
    if kafka:
        await _check_kafka(kafka, kafka_security)


async def _check_database(url: str) -> None:
    try:
        connection = await asyncpg.connect(_login(url), timeout=SECONDS)
        version = int(await connection.fetchval("show server_version_num"))
        await connection.close()
    except (OSError, ValueError, Misconfigured, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(
            f"The PostgreSQL of POSTULO_DATABASE_URL (or --database-url) does not let us in: {error}",
            "Check its address, user and password, or leave the option out: then an embedded one is started.",
        ) from error
    if version < OLDEST:
        raise Trouble(
            f"The PostgreSQL of POSTULO_DATABASE_URL (or --database-url) is too old: {version // 10_000}.",
            "Postulo needs 18 or newer; or leave the option out: then an embedded one is started.",
        )


def _login(url: str) -> str:
    """As the administrator who prepares the databases, if there is one; else as the first service does it."""
    settings = load(database_url=url)
    own = urlsplit(settings.database(NAME))._replace(path=urlsplit(url).path)
    return settings.database_admin_url or urlunsplit(own)


async def _check_kafka(address: str, security: str) -> None:
    settings = load(kafka=address, kafka_security=security).of_kafka_s_administrator()
    admin = AIOKafkaAdminClient(**client(settings))
    try:
        async with asyncio.timeout(SECONDS):
            await explained(admin.start(), settings)
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        raise Trouble(
            f"The Kafka of POSTULO_KAFKA (or --kafka) does not answer at {address}: {error}",
            "Check its address (host:port) and the POSTULO_KAFKA_… settings, or leave the option out: then an embedded "
            "one is started.",
        ) from error
    finally:
        await admin.close()
