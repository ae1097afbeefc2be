"""What is said in Postulo: facts (events), wishes (commands), and the envelope of a fact that was recorded."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Generic, NamedTuple, TypeVar, final
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


@final
class PersonalData:
    """Marks a field of an event whose value is about a person: never logged, never in a metric, a key or a URL."""


PERSONAL: Final = PersonalData()
Personal = Annotated[T, PERSONAL]
"""`family_name: Personal[str]` declares a field that holds personal data."""

PART: Final = "personal"
"""The field in which an event's personal fields stand together, encrypted, wherever it is kept or carried."""


class Subject(NamedTuple):
    """Whose key protects an event's personal fields: the stream that tells of them, by its category and its id.

    field: of the event, holds the id; where that is None, and without a category, it is the event's own stream.
    """

    category: str = ""
    field: str = ""


OWN: Final = Subject()
"""The event's own stream."""

UNSTAMPED: Final = datetime(1, 1, 1, tzinfo=UTC)
"""A command's time before the kernel has stamped it with the database's clock."""


class Message(BaseModel):
    """Immutable. Decoding ignores unknown fields, so that an older reader understands a newer writer; constructing one
    with an unknown field raises TypeError, for it can only be misspelt.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    def __init__(self, **fields: Any) -> None:
        if unknown := fields.keys() - type(self).model_fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        super().__init__(**fields)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined] # Decoding does not pass through here.


class Event(Message):
    """A fact, named in the past tense. The class name is its stable type; a breaking change is a new class.

    receipt: what whoever subscribes does when it arrives, as the documents say it.
    whose: the subject whose key protects the personal fields; an event with such fields names one.
    dataref: the path at which who may read them fetches the personal fields, with `{id}` for the stream's id; or "".
    """

    schema_version: ClassVar[int] = 1
    receipt: ClassVar[str] = ""
    whose: ClassVar[Subject | None] = None
    dataref: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if personal_fields(cls) and cls.whose is None:
            raise TypeError(f"{cls.__name__} has personal fields and must say whose they are")
        if cls.dataref and not personal_fields(cls):
            raise TypeError(f"{cls.__name__} has no personal fields to fetch at {cls.dataref}")
        if PART in cls.model_fields:
            raise TypeError(f"{cls.__name__} may have no field {PART}: the encrypted ones stand there")


class Command(Message):
    """A wish, named in the imperative. `at` is stamped by the kernel from the database's clock; `by` is the actor."""

    model_config = ConfigDict(use_attribute_docstrings=False)  # No document shows it, and reading them takes time.

    at: datetime = UNSTAMPED
    by: str = ""


class WithSecret(Command):
    """A wish that may lead to something which only who is told of it can know: the kernel stamps a fresh secret."""

    secret: str = ""


E_co = TypeVar("E_co", bound=Event, covariant=True)


class Position(NamedTuple):
    """Where an event stands in its store: ordered by transaction id first, so that no reader skips one."""

    transaction: int
    position: int


START: Final = Position(0, 0)


class Recorded(NamedTuple, Generic[E_co]):
    """An event with its envelope. `version` counts from 1 within `stream`; `at` is the database's clock, UTC."""

    data: E_co
    id: UUID
    stream: str
    version: int
    position: Position
    at: datetime
    correlation: UUID
    causation: UUID | None
    actor: str
    trace: str
    erased: bool = False
    """Whether the personal fields are gone with their key: they are empty, in their shape."""

    @property
    def category(self) -> str:
        """The kind of aggregate: what stands before the id in the stream's name."""
        return self.stream.partition("-")[0]

    @property
    def key(self) -> str:
        """The aggregate's id: what follows the category in the stream's name."""
        return self.stream.partition("-")[2]


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Upcasters = Mapping[tuple[str, int], Upcaster]
"""By event type and schema version: the data of that version, lifted to the next. Pure; kept for ever."""


class Published(NamedTuple):
    """What leaves a service: its name and, by aggregate (stream category), the event types put on Kafka.

    upcasters: with them every reader understands the older versions that Kafka and the store still hold.
    redacted: of these types the personal fields do not leave, not even encrypted.
    subjects: the categories of the streams whose keys it makes, tells the other services, and erases.
    """

    service: str
    aggregates: dict[str, tuple[type[Event], ...]]
    upcasters: Upcasters = MappingProxyType({})
    redacted: tuple[type[Event], ...] = ()
    subjects: tuple[str, ...] = ()

    def topic(self, category: str, prefix: str = "postulo") -> str:
        return f"{prefix}.{self.service}.{category}.v1"

    def all_topics(self, prefix: str = "postulo") -> set[str]:
        """The service's topics, with that on which it announces its store; none where it publishes nothing."""
        keys = {self.keys_topic(prefix)} if self.subjects else set()
        return {*self.topics(prefix), self.lineage_topic(prefix), *keys} if self.aggregates else set()

    def lineage_topic(self, prefix: str = "postulo") -> str:
        """On which it announces its store, whose name its records bear."""
        return f"{prefix}.{self.service}.lineage.v1"

    def keys_topic(self, prefix: str = "postulo") -> str:
        """On which it tells our services its subjects' keys, and which of them are erased."""
        return f"{prefix}.{self.service}.keys.v1"

    @property
    def events(self) -> tuple[type[Event], ...]:
        return tuple(event for events in self.aggregates.values() for event in events)

    def topics(self, prefix: str = "postulo", only: Iterable[type[Event]] | None = None) -> set[str]:
        """The service's topics; with `only`, those that carry any of these event types."""
        wanted = set(self.events if only is None else only)
        return {self.topic(name, prefix) for name, types in self.aggregates.items() if wanted.intersection(types)}


def subject_of(event: Event, stream: str) -> str:
    """Whose key protects the personal fields of this event in this stream: the name of the stream that tells of them.

    Raises TypeError for an event without a subject.
    """
    if event.whose is None:
        raise TypeError(f"{type(event).__name__} names no subject")
    category, field = event.whose
    key = getattr(event, field) if field else None
    return stream if key is None else f"{category}-{key}"


def key_needed(event: Event, stream: str) -> str:
    """The subject whose key is needed to store this event; "" where it says nothing personal."""
    return subject_of(event, stream) if holds_personal(event) else ""


@cache
def personal_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of a model's fields that are annotated as personal data."""
    return frozenset(name for name, field in model.model_fields.items() if PERSONAL in field.metadata)


def holds_personal(event: Event) -> bool:
    """Whether any personal field of this event says something: more than what it is without."""
    return any(getattr(event, name) != without for name, without in _without(type(event)))


@cache
def _without(model: type[BaseModel]) -> tuple[tuple[str, Any], ...]:
    """Each personal field with its default; one without a default is equal to nothing."""
    fields = {name: model.model_fields[name] for name in sorted(personal_fields(model))}
    return tuple((name, object() if field.is_required() else field.default) for name, field in fields.items())


def new_id() -> UUID:
    """A time-ordered UUID, version 7 (RFC 9562), so that index pages stay warm."""
    number = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | (0x7 << 76) | (0x2 << 62))


def derived_id(source: UUID, name: str) -> UUID:
    """The id of what a fact causes: the same for every replay of that fact."""
    return uuid5(source, name)
