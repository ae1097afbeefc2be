"""A subscriber as an HR system has one, with no code of ours: confluent-kafka, the CloudEvents SDK and jsonschema.

It knows an address and what the AsyncAPI documents say, and nothing else.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from jsonschema import Draft202012Validator, FormatChecker

Fetch = Callable[[str], Any]
"""The JSON document at an address."""


@dataclass
class Received:
    """A message as the SDK reads it, with the names of its headers, its key and the bytes of its value."""

    event: BaseCloudEvent
    topic: str
    key: str
    headers: Mapping[str, str]
    data: Any
    value: bytes


@dataclass
class Subscriber:
    """Reads everything that the documents of some services name."""

    documents: list[Any]
    fetch: Fetch
    schemas: dict[str, Draft202012Validator] = field(default_factory=dict)

    @property
    def channels(self) -> list[Any]:
        return [channel for document in self.documents for channel in document["channels"].values()]

    def messages(self) -> list[Received]:
        """All messages on all topics, from the first offset to the end."""
        brokers = {server["host"] for document in self.documents for server in document["servers"].values()}
        consumer = Consumer(
            {"bootstrap.servers": ",".join(sorted(brokers)), "group.id": "hr", "enable.auto.commit": False}
        )
        try:
            return [_read(message) for message in _all(consumer, [channel["address"] for channel in self.channels])]
        finally:
            consumer.close()

    def complaints(self, received: Received) -> list[str]:
        """What is wrong with a message, going by the schema that it names and by the document that it is in."""
        address = received.headers.get("ce_dataschema", "")
        if address not in self.schemas:
            schema = self.fetch(address) if address else self._component(received)
            Draft202012Validator.check_schema(schema)
            self.schemas[address] = Draft202012Validator(schema, format_checker=FormatChecker())
        wrong = [error.message for error in self.schemas[address].iter_errors(received.data)]
        return [f"{received.headers['ce_type']}: {each}" for each in [*wrong, *self._of_headers(received)]]

    def _of_headers(self, received: Received) -> Iterator[str]:
        document, message = self._described(received)
        traits = [document["components"]["messageTraits"][name] for name in _names(message.get("traits", []))]
        known = [each["headers"] for each in (*traits, message)]
        for schema in known:
            for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(received.headers):
                yield error.message
        if unknown := sorted(received.headers.keys() - {name for each in known for name in each["properties"]}):
            yield f"headers that no document names: {unknown}"
        if received.key != received.headers["ce_subject"]:
            yield f"its key is {received.key}, its stream {received.headers['ce_subject']}"

    def _component(self, received: Received) -> Any:
        document, message = self._described(received)
        return document["components"]["schemas"][_names([message["payload"]])[0]]

    def _described(self, received: Received) -> tuple[Any, Any]:
        """The message that the channel has for this type and version, and the document around it."""
        for document in self.documents:
            for channel in document["channels"].values():
                if channel["address"] == received.topic:
                    for name in channel["messages"]:
                        message = document["components"]["messages"][name]
                        if _fits(message["headers"]["properties"], received.headers):
                            return document, message
        raise LookupError(f"no document describes {received.headers['ce_type']} on {received.topic}")


def _fits(described: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether the headers have the values that select the message."""
    return all(headers.get(name) == of["const"] for name, of in described.items() if "const" in of)


def _names(references: Sequence[Any]) -> list[str]:
    return [reference["$ref"].rpartition("/")[2] for reference in references]


def _all(consumer: Consumer, topics: Sequence[str]) -> Iterator[Message]:
    """Every message that is there now, each partition in its order."""
    known = consumer.list_topics(timeout=60).topics
    partitions = [
        TopicPartition(topic, number, OFFSET_BEGINNING) for topic in topics for number in known[topic].partitions
    ]
    ends = {(each.topic, each.partition): consumer.get_watermark_offsets(each, timeout=60) for each in partitions}
    waiting = {place: end for place, (begin, end) in ends.items() if begin < end}
    consumer.assign([each for each in partitions if (each.topic, each.partition) in waiting])
    while waiting:
        message = consumer.poll(60)
        if message is None:
            raise TimeoutError(f"no message before the ends {waiting}")
        if error := message.error():
            raise KafkaException(error)
        place = (message.topic() or "", message.partition() or 0)
        if (message.offset() or 0) >= waiting.get(place, 0) - 1:
            waiting.pop(place, None)
        yield message


def _read(message: Message) -> Received:
    pairs: Any = message.headers() or []
    headers: dict[str, bytes] = dict(pairs)
    key, value = (part if isinstance(part, bytes) else b"" for part in (message.key(), message.value()))
    return Received(
        event=from_binary_event(KafkaMessage(headers=headers, key=key, value=value)),
        topic=message.topic() or "",
        key=key.decode(),
        headers={name: text.decode() for name, text in headers.items()},
        data=json.loads(value),
        value=value,
    )
