"""What the kernel knows about the request or event at hand: who, in which conversation, and what was written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shared.model.message import Position, new_id


class WrittenEvent(NamedTuple):
    """The last published event of one stream: its category, which names the topic, and its id."""

    category: str
    id: UUID


@dataclass(frozen=True)
class WriteToken:
    """Read-your-writes: where a service's last write of this browser stands, and the published events that it made."""

    position: Position
    events: tuple[WrittenEvent, ...] = ()


@dataclass
class Context:
    """One request or one handled event. `wrote` is by service; `stale` is set when a view did not catch up in time.

    discreet: the answer must not tell whether anything was written.
    versions: of the streams whose documents were read, by category. expected: those at which the caller's wish holds.
    """

    correlation: UUID = field(default_factory=new_id)
    causation: UUID | None = None
    actor: str = ""
    trace: str = ""
    wrote: dict[str, WriteToken] = field(default_factory=dict)
    stale: bool = False
    discreet: bool = False
    versions: dict[str, int] = field(default_factory=dict)
    expected: dict[str, frozenset[int]] = field(default_factory=dict)


_context: ContextVar[Context] = ContextVar("context")
_service: ContextVar[str] = ContextVar("service", default="")


def current() -> Context:
    """The context of the running task; a fresh one outside of any request."""
    try:
        return _context.get()
    except LookupError:
        return Context()


def current_or_none() -> Context | None:
    """The context of the running task, if there is one: for logs, which must not invent a conversation."""
    return _context.get(None)


@contextmanager
def entered(context: Context) -> Iterator[Context]:
    """Runs the block in this context."""
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)


def service_at_work() -> str:
    """The service that the running task works for; empty where it is none's, or that of several."""
    return _service.get()


@contextmanager
def working_for(service: str) -> Iterator[None]:
    """Runs the block, and the tasks that it starts, for this service: their lines of the log say so."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)
