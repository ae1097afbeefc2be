"""Streams of events in memory, so that rules of several aggregates can be asked together."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.applications.domain import ALL
from shared.model.decider import AnyDecider
from shared.model.errors import Refused
from shared.model.message import Event
from shared.model.reaction import Do
from shared.model.testing import given


class Streams:
    """What has happened to each aggregate; commands are carried out together or not at all."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[Any, ...]] = {}

    def of(self, decider: AnyDecider, key: object) -> tuple[Any, ...]:
        return self.events.get(decider.stream(key), ())

    def put(self, decider: AnyDecider, key: object, *events: Event) -> "Streams":
        """The aggregate has this past."""
        self.events[decider.stream(key)] = events
        return self

    def carry_out(self, steps: Iterable[Do]) -> list[Any]:
        """All events that the steps lead to; raises the first refusal and changes nothing then."""
        after = dict(self.events)
        all_new: list[Any] = []
        for step in steps:
            assert step.decider in ALL
            name = step.decider.stream(step.key)
            outcome = given(step.decider, *after.get(name, ())).when(step.command)
            if outcome.refusal:
                raise outcome.refusal
            new = tuple(outcome.events or ())
            after[name] = (*after.get(name, ()), *new)
            all_new += new
        self.events = after
        return all_new


def sentences(refusal: Refused) -> list[str]:
    """What the refusal says, in words."""
    return [str(problem) for problem in refusal.problems]


def numbered(count: int, first: int = 1) -> list[UUID]:
    return [UUID(int=0xE000 + number) for number in range(first, first + count)]
