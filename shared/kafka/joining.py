"""Joining a consumer group: when a broker answers, and anew where Kafka has put us out."""

import asyncio
from functools import partial
from typing import Any, Final

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.kafka.connection import ClosingConsumer, KafkaRefused, appearing, client, explained
from shared.kafka.consumer import Consumer
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting

LASTING: Final = 1.0
"""Seconds between two looks whether we are still a member of the group."""
FRESH: Final = 10.0
"""Seconds for which is believed which partitions there are. A group that was joined while a topic was missing, as where
a cluster was lost and its topics are made again, reads none of it until it looks anew: by itself after five minutes.
"""
MOST_FAILURES: Final = 1
"""In a row, five seconds apart, after which a consumer is begun anew."""


class PatientConsumer(ClosingConsumer):
    """Waits for records instead of returning none: FastStream sleeps after an empty batch, delaying the next.

    failed: what it raised last, and how often in a row.
    """

    failed: tuple[KafkaError | None, int] = (None, 0)

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> dict[Any, Any]:
        patience = max(timeout_ms, 1000)
        try:
            while not (records := await super().getmany(*partitions, timeout_ms=patience, max_records=max_records)):
                self.failed = (None, 0)
        except KafkaError as error:
            self.failed = (error, self.failed[1] + 1)
            raise
        self.failed = (None, 0)
        return dict(records)


def broker_of(settings: Settings, **options: Any) -> KafkaBroker:
    """FastStream's broker, reached as every other client reaches Kafka. It makes no producer: ours is the relay's."""
    return KafkaBroker(
        settings.kafka, security=_security(settings), allow_auto_create_topics=False, consumer_only=True,
        metadata_max_age_ms=int(FRESH * 1000), **options,
    )  # fmt: skip


def _security(settings: Settings) -> BaseSecurity:
    """FastStream's word for what `client` says."""
    chosen = client(settings)
    tls = chosen.get("ssl_context")
    if "sasl_mechanism" not in chosen:
        return BaseSecurity(ssl_context=tls)
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    login = kinds[chosen["sasl_mechanism"]]
    return login(chosen["sasl_plain_username"], chosen["sasl_plain_password"], ssl_context=tls)


async def start_broker(broker: KafkaBroker, settings: Settings, waiting: Waiting | None = None) -> None:
    """Starts the consumers, as soon as a broker answers. Raises KafkaRefused where none lets us in."""
    waiting = waiting or Waiting("consumer", brokers=settings.kafka)
    while True:
        try:
            await _start(broker, settings)
        except KafkaRefused:
            raise
        except (KafkaError, OSError, TimeoutError) as error:
            await waiting.after(error, partial(appearing, settings), of="Kafka")
        else:
            return waiting.over()


async def consume(broker: KafkaBroker, consumer: Consumer, settings: Settings) -> None:
    """Handles what comes until cancelled. Raises KafkaError where Kafka has put us out: begun anew, it joins again."""
    try:
        await start_broker(broker, settings)
        await _lasts(consumer)
    finally:
        await broker.stop()


async def _lasts(consumer: Consumer) -> None:
    """Raises what keeps it from reading: a member whom Kafka refused once stays refused, and aiokafka says so for ever,
    also when it would be let in again.
    """
    while True:
        await asyncio.sleep(LASTING)
        error, times = consumer.failed()
        if error is not None and times > MOST_FAILURES:
            raise error


async def _start(broker: KafkaBroker, settings: Settings) -> None:
    await broker.connect()
    config = broker.config.broker_config
    builder: Any = config.builder
    config.builder = partial(PatientConsumer, **builder.keywords)
    try:
        await explained(broker.start(), settings)
    except BaseException:
        await broker.stop()
        raise
