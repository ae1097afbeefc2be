"""The shape of every rule: decide what happens, evolve what is known. Pure, and the same for every aggregate."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

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

    def fold(self, events: Iterable[E]) -> S:
        return reduce(self.evolve, events, self.initial)


AnyDecider = Decider[Any, Any, Any]
