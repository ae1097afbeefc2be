"""How every client reaches Kafka: protocol, login and authorities from the settings; and what its refusal means."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from shared.ops.settings import Settings
from shared.ops.tasks import told_to_end
from shared.ops.tls import client_context
from shared.ops.waiting import once_there

T = TypeVar("T")

STOPPING: Final = 0.1
"""Seconds before a consumer that should stop is told again, and its connections are cut."""
STARTING: Final = 0.5
"""Seconds that a client may still take to connect when it is no longer wanted."""
ASKING: Final = 5000
"""Milliseconds for finding out why a client could not start."""
LOOKING: Final = (1.0, 2.0)
"""Between so many seconds lie two looks at whether a broker takes connections again."""


class KafkaRefused(KafkaError):  # type: ignore[misc]
    """A broker is there, but it and we do not trust each other: a setting, not the weather."""


def client(settings: Settings) -> dict[str, Any]:
    """The keyword arguments that every client is made with."""
    chosen: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security.upper(),
    }
    if settings.kafka_security.endswith("ssl"):
        chosen["ssl_context"] = client_context(settings.kafka_ca)
    if settings.kafka_security.startswith("sasl"):
        chosen |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password,
        }
    return chosen


class ClosingConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Closes its connections also where its stop ends before: fetching that is told to end during the pause after a
    failure raises as if we were told to.
    """

    async def stop(self) -> None:
        try:
            await super().stop()
        except asyncio.CancelledError as error:
            if told_to_end(error):
                raise
            await self._client.close()


@asynccontextmanager
async def reader(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, until the block ends. Raises KafkaRefused if a setting is wrong, else KafkaError."""
    consumer = ClosingConsumer(**client(settings), enable_auto_commit=False, **options)
    try:
        await explained(consumer.start(), settings)
        yield consumer
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Told again, since its fetching loses a cancellation that comes while it turns to other partitions.

    Its connections are cut: TLS waits for the broker's goodbye, up to 30 s, and there is nothing left to send.
    """
    open_ones = [each._writer.transport for each in consumer._client._conns.values() if each._writer]  # noqa: SLF001
    stopping = asyncio.ensure_future(consumer.stop())
    while not (await asyncio.wait([stopping], timeout=STOPPING))[0]:
        consumer._fetcher._fetch_task.cancel()  # noqa: SLF001 - the task that its own stop waits for
        for transport in open_ones:
            transport.abort()
    stopping.result()


async def explained(starting: Awaitable[T], settings: Settings) -> T:
    """Waits until a client has started. Raises KafkaRefused where a setting is wrong, else KafkaError.

    A client itself says of every broker only that it is not reached, whatever the reason. Cancelled while it connects,
    it would leave an open connection that nobody knows of: so it may come to its end, for a moment.
    """
    start = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.wait([start], timeout=STARTING)
        start.cancel()
        with suppress(asyncio.CancelledError, KafkaError, OSError):
            await start
        raise
    except KafkaConnectionError as error:
        if reason := await _why_refused(settings):
            raise KafkaRefused(reason) from error
        raise


async def _why_refused(settings: Settings) -> str:
    """The setting that is wrong, in a sentence; empty where no broker answered."""
    chosen = client(settings)
    hosts = collect_hosts(chosen.pop("bootstrap_servers"))
    for host, port, _ in hosts:
        try:
            connection = await create_conn(host, port, request_timeout_ms=ASKING, **chosen)
        except SaslAuthenticationFailed:
            return "it does not know POSTULO_KAFKA_USER with this POSTULO_KAFKA_PASSWORD"
        except UnsupportedSaslMechanismError:
            return "it takes no login by this POSTULO_KAFKA_MECHANISM"
        except ssl.SSLCertVerificationError:
            return "its certificate has another name than in POSTULO_KAFKA, or not the signature of POSTULO_KAFKA_CA"
        except (IllegalSaslStateError, ssl.SSLError):
            return "it listens there for another POSTULO_KAFKA_SECURITY"
        except (KafkaError, OSError, TimeoutError):
            continue
        connection.close()
    return ""


async def appearing(settings: Settings) -> None:
    """Returns once a broker takes connections where none did; never, where one does all the time and is not well."""
    await once_there(partial(_takes_connections, settings), LOOKING)


async def _takes_connections(settings: Settings) -> bool:
    for host, port, _ in collect_hosts(settings.kafka):
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(LOOKING[0]):
                _, writer = await asyncio.open_connection(host, port)
            writer.transport.abort()
            return True
    return False
