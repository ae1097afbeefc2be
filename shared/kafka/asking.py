"""Asking brokers about topics, one request and one answer: aiokafka's own clients ask on until there is something.

The metadata that aiokafka asks for bear no ids of topics; version 11 of the same request does.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from io import BytesIO
from typing import Any, Final, Protocol
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, NoError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from shared.kafka.losses import Gone, Known, Said, Unknown
from shared.ops.logs import safe_message

ASKING: Final = 5.0
"""Seconds within which a broker says something, or nothing is known."""
LATEST: Final = -1
NAMELESS: Final = UUID(int=0)
"""In a request that names topics by their names."""


class Asked(Protocol):
    """What is needed of aiokafka's client."""

    def get_random_node(self) -> Any:
        """The id of a broker; None if no broker is known."""

    async def send(self, node_id: Any, request: Any) -> Any:
        """The broker's answer. Raises KafkaError."""


class Uuid(AbstractType[UUID]):  # type: ignore[misc]
    """Sixteen bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class TopicsAnswer(Response):  # type: ignore[misc]
    """What a broker knows of its cluster and of these topics."""

    API_KEY = 3
    API_VERSION = 11
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(
            ("node_id", Int32), ("host", CompactString()), ("port", Int32), ("rack", CompactString()),
            ("tags", TaggedFields),
        )),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        ("topics", CompactArray(
            ("error_code", Int16), ("name", CompactString()), ("topic_id", Uuid), ("is_internal", Boolean),
            ("partitions", CompactArray(
                ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
                ("replicas", CompactArray(Int32)), ("in_sync", CompactArray(Int32)), ("offline", CompactArray(Int32)),
                ("tags", TaggedFields),
            )),
            ("authorized_operations", Int32), ("tags", TaggedFields),
        )),
        ("tags", TaggedFields),
    )  # fmt: skip


class TopicsQuestion(RequestStruct):  # type: ignore[misc]
    """Of these topics, which are made by nobody's asking."""

    API_KEY = 3
    API_VERSION = 11
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = TopicsAnswer
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Uuid), ("name", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class TopicsRequest(Request[TopicsQuestion]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = sorted(topics)

    def build(self, request_struct_class: type[TopicsQuestion]) -> TopicsQuestion:
        return request_struct_class(
            topics=[(NAMELESS, topic, {}) for topic in self.topics],
            allow_auto_topic_creation=False, include_authorized_operations=False, tags={},
        )  # fmt: skip


async def ask(client: Asked, topics: Collection[str], *, ends: bool = False) -> dict[str, Said]:
    """What is said of each topic now, and with `ends` where its partitions end. Raises nothing of the weather."""
    try:
        async with asyncio.timeout(ASKING):
            return await _asked(client, topics, ends)
    except (KafkaError, OSError, TimeoutError) as error:
        return dict.fromkeys(topics, Unknown(safe_message(error)))


async def _asked(client: Asked, topics: Collection[str], ends: bool) -> dict[str, Said]:
    node = client.get_random_node()
    if node is None:
        return dict.fromkeys(topics, Unknown("no broker is known"))
    answer = await client.send(node, TopicsRequest(topics))
    said = topics_said(topics, answer)
    if not ends:
        return said
    led = _led_by(answer, [topic for topic, each in said.items() if isinstance(each, Known)])
    for leader, partitions in led.items():
        said = with_ends(said, await client.send(leader, OffsetRequest(LATEST, 0, _named(partitions))))
    return said


def topics_said(topics: Iterable[str], answer: Any) -> dict[str, Said]:
    """What this answer says of each topic: nothing, if the broker knows of no cluster, as one that is fenced."""
    if answer.controller_id not in {broker[0] for broker in answer.brokers}:
        return dict.fromkeys(topics, Unknown("the broker that answers knows of no cluster"))
    found = {name: _said(code, id_, partitions) for code, name, id_, _, partitions, *_ in answer.topics}
    return {topic: found.get(topic, Unknown("the broker said nothing of it")) for topic in topics}


def _said(code: int, id_: UUID, partitions: Iterable[Any]) -> Said:
    error = for_code(code)
    if error is UnknownTopicOrPartitionError:
        return Gone()
    if error is not NoError:
        return Unknown(error.__name__)
    leaders = {partition: leader for _, partition, leader, *_ in partitions}
    if not leaders:
        return Unknown("the broker names no partition of it")
    leaderless = [str(partition) for partition, leader in sorted(leaders.items()) if leader < 0]
    return Unknown(f"nobody leads partition {', '.join(leaderless)}", id_) if leaderless else Known(id_, {})


def with_ends(said: Mapping[str, Said], answer: Any) -> dict[str, Said]:
    """The same with what this leader says of its partitions. One that it does not know makes the topic unknown: if it
    was deleted just now, the next look tells.
    """
    found = dict(said)
    for topic, partitions in answer.topics:
        for partition, code, _, end in partitions:
            found[topic] = _ending(found[topic], partition, for_code(code), end)
    return found


def _ending(said: Said, partition: int, error: type[KafkaError], end: int) -> Said:
    if not isinstance(said, Known):
        return said
    if error is not NoError:
        return Unknown(f"partition {partition}: {error.__name__}")
    return Known(said.id, {**said.ends, partition: end})


def ends_in(said: Mapping[str, Said]) -> dict[TopicPartition, int]:
    """Where each partition ends, of those that were asked."""
    return {
        TopicPartition(topic, partition): end
        for topic, each in said.items()
        if isinstance(each, Known)
        for partition, end in each.ends.items()
    }


def _led_by(answer: Any, topics: Collection[str]) -> dict[int, list[tuple[str, int]]]:
    """The partitions of these topics by the broker that leads them."""
    found: dict[int, list[tuple[str, int]]] = {}
    for topic, partitions in [(each[1], each[4]) for each in answer.topics if each[1] in topics]:
        for _, partition, leader, *_ in partitions:
            found.setdefault(leader, []).append((topic, partition))
    return found


def _named(partitions: Iterable[tuple[str, int]]) -> list[tuple[str, list[tuple[int, int]]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for topic, partition in partitions:
        found.setdefault(topic, []).append((partition, LATEST))
    return list(found.items())
