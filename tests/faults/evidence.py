"""What is there to be judged: plain data of tables, topics and mailbox. Nothing here knows how the services work."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID


class Outcome(Enum):
    """What a client was told of a command. UNKNOWN: cut off, 5xx, too late, or refused after such an attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Fact(NamedTuple):
    """What a command writes if it is carried out: an event of this type in this stream; "": a stream not known yet.

    part: the section that it saves.
    """

    service: str
    type: str
    stream: str
    part: str = ""


@dataclass
class Command:
    """One wish of a client, under an id of its own. wrote: the events that the answer named."""

    id: str
    kind: str
    who: str
    fact: Fact
    outcome: Outcome = Outcome.UNKNOWN
    status: int = 0
    tries: int = 0
    wrote: tuple[UUID, ...] = ()
    answered: float = 0.0
    """When, by `time.time`."""


class Undone(NamedTuple):
    """What was said between these times, by `time.time`, may be in no store: a backup from its beginning came back.

    service: of this one only; "": of all.
    """

    since: float
    until: float
    service: str = ""

    def holds(self, at: float, service: str) -> bool:
        return self.service in ("", service) and self.since <= at <= self.until


class Event(NamedTuple):
    """An event as its store holds it."""

    id: UUID
    stream: str
    version: int
    type: str
    data: Mapping[str, Any]
    correlation: UUID | None = None
    """The request that it goes back to."""


class Record(NamedTuple):
    """An event as it stands on Kafka, in the order of its partition."""

    topic: str
    id: UUID | None
    stream: str
    version: int
    type: str
    data: Any


class Queued(NamedTuple):
    """A mail in its table. waiting: it is still to be sent; given_up: it never will be."""

    id: UUID
    template: str
    waiting: bool
    given_up: bool


@dataclass
class Store:
    """What a service's database says. handled: by handler of other services' events.

    holders: what files are kept for."""

    events: Sequence[Event] = ()
    streams: Mapping[str, int] = field(default_factory=dict)
    handled: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    parked: Sequence[tuple[str, UUID]] = ()
    mails: Sequence[Queued] = ()
    holders: frozenset[UUID] = frozenset()


@dataclass
class Evidence:
    """published: the event types by topic, as the contracts name them. arrived: mails by Message-ID.

    cut: mails whose sender was not told that they had been taken. planted: events that no service wrote.
    """

    commands: Sequence[Command]
    stores: Mapping[str, Store]
    records: Sequence[Record]
    published: Mapping[str, frozenset[str]]
    arrived: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    planted: frozenset[UUID] = frozenset()
    again: bool = False
    """Whether somebody who was sending mails was killed: such a mail may come again, under the same Message-ID."""
    undone: frozenset[str] = frozenset()
    """Mails that arrived from services that were put back to before they wrote them."""
