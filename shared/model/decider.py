"""The shape of every rule: decide what happens, evolve what is known. Pure, and the same for every aggregate."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from shared.model.message import Command, Event

C = TypeVar("C", bound=Command)
S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Decider(Generic[C, S, E]):
    """One aggregate: stream category, first state, `decide(command, state) -> events`, `evolve(state, event) -> state`.

    `decide` raises a `Refused` when a rule says no, and returns no event when what is asked is already so.
    `events` are all types its streams can hold.
    """

    category: str
    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    events: tuple[type[E], ...]

    def stream(self, key: object) -> str:
        return f"{self.category}-{key}"

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """The state after these events, from the first one or from a later one on."""
        return reduce(self.evolve, events, self.initial if state is None else state)

    def to_json(self, state: S) -> bytes:
        """A state other than None, as it is kept beside its stream.

        Raises ValueError for one that would not be the same when it is read again.
        """
        try:
            text = _adapter(cast(Any, type(self.initial))).dump_json(state, warnings="error")
        except PydanticSerializationError:
            raise ValueError(f"{self.category}: the state is not of its declared types") from None
        if self.from_json(text) != state:
            raise ValueError(f"{self.category}: its JSON says something else")
        return text

    def from_json(self, text: bytes) -> S:
        """Raises ValueError for what is no state."""
        state: S = _adapter(cast(Any, type(self.initial))).validate_json(text)
        return state


AnyDecider = Decider[Any, Any, Any]


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
