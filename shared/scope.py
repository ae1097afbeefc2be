"""What the kernel knows about the request or event at hand: who, in which conversation, and what was written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shared.message import Position, new_id


class WroteEvent(NamedTuple):
    """The last published event of one stream: its category, which names the topic, and its id."""

    category: str
    id: UUID


@dataclass(frozen=True)
class Wrote:
    """Read-your-writes: where a service's last write of this browser stands, and the published events that it made."""

    position: Position
    events: tuple[WroteEvent, ...] = ()


@dataclass
class Scope:
    """One request or one handled event. `wrote` is by service; `stale` is set when a view did not catch up in time."""

    correlation: UUID = field(default_factory=new_id)
    causation: UUID | None = None
    actor: str = ""
    trace: str = ""
    wrote: dict[str, Wrote] = field(default_factory=dict)
    stale: bool = False


_scope: ContextVar[Scope] = ContextVar("scope")


def current() -> Scope:
    """The scope of the running task; a fresh one outside of any request."""
    try:
        return _scope.get()
    except LookupError:
        return Scope()


def around() -> Scope | None:
    """The scope of the running task, if there is one: for logs, which must not invent a conversation."""
    return _scope.get(None)


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Runs the block in this scope."""
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)
