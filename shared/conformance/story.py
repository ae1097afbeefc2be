"""What is played: published events as they are delivered, one request each (CloudEvents' HTTP binding, binary mode)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kafka.outgoing import Outgoing
from shared.model.message import PART, START, Event, Published, key_needed, new_id, personal_fields
from shared.store.codec import Raw
from shared.store.personal import Of, sealed

BEGINS: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACTOR: Final = "machine:conformance"
SITE: Final = "https://careers.example.org"
LINEAGE: Final = "6c0f1f0e-3a57-4c11-9d0a-5b7f2f8d4e01"
"""The name of the store that the events are said to be from."""


@dataclass(frozen=True)
class Delivery:
    """One event on its way. `subject` is its stream, `sequence` its version there."""

    id: str
    type: str
    subject: str
    sequence: int
    topic: str
    headers: dict[str, str]
    body: bytes

    def with_data(self, **more: Any) -> "Delivery":
        """The same event as a newer version of its service would send it."""
        return replace(self, body=orjson.dumps({**orjson.loads(self.body), **more}))

    def numbered(self, sequence: int) -> "Delivery":
        """The same event at another place of its stream."""
        written = str(sequence).zfill(len(self.headers["ce-sequence"]))
        return replace(self.with_headers(sequence=written), sequence=sequence)

    def with_headers(self, **more: str) -> "Delivery":
        headers = {f"ce-{name}": value for name, value in more.items()}
        return replace(self, headers={**self.headers, **headers})

    def __str__(self) -> str:
        return f"{self.type} (sequence {self.sequence} of {self.subject})"


@dataclass(frozen=True)
class Stream:
    """The deliveries of one aggregate, in order.

    secrets: what is personal in them, encrypted as it came, and in clear so far as it is text.
    forgotten: they end with what says that it has to go.
    """

    deliveries: tuple[Delivery, ...]
    secrets: frozenset[str] = frozenset()
    forgotten: bool = False

    @property
    def subject(self) -> str:
        return self.deliveries[0].subject


def stream_of(
    published: Published, category: str, key: object, events: Sequence[tuple[int, Event]], *, forgotten: bool = False
) -> Stream:
    """A stream of published events with their sequences; each is recorded a minute after the one before.

    What is personal in them is encrypted under a key that is lost at once: nobody can read it, as at a subscriber's.
    """
    made = tuple(_delivery(published, f"{category}-{key}", sequence, event) for sequence, event in events)
    parts = {orjson.loads(each.body).get(PART) for each in made} - {None}
    return Stream(made, frozenset(parts.union(*(_personal(event) for _, event in events))), forgotten)


def _delivery(published: Published, subject: str, sequence: int, event: Event) -> Delivery:
    at, outgoing, number = BEGINS + timedelta(minutes=sequence), Outgoing(published), new_id()
    name, version = type(event).__name__, type(event).schema_version
    data = _stored(event, number, subject)
    raw = Raw(number, subject, sequence, name, version, data, new_id(), None, ACTOR, "", at, START, published.service)
    headers = {
        key.replace("ce_", "ce-", 1): value.decode() for key, value in outgoing.headers(raw, LINEAGE, SITE)
    }  # fmt: skip
    topic = published.topic(subject.partition("-")[0])
    return Delivery(str(number), name, subject, sequence, topic, headers, outgoing.value(raw))


def _stored(event: Event, number: UUID, stream: str) -> str:
    subject = key_needed(event, stream)
    lost = AESGCM(AESGCM.generate_key(bit_length=256)) if subject else None
    return sealed(event, Of(number, type(event).__name__, subject), lost)[0]


LEAST: Final = 8
"""Letters of a text that can stand in an answer only because it was kept: "ms" is in every list of items."""


def _personal(event: Event) -> list[str]:
    found = (getattr(event, name) for name in personal_fields(type(event)))
    return [value for value in found if isinstance(value, str) and len(value) >= LEAST]
