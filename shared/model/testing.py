"""The test kit for rules: given(events).when(command).then(events) or .refused(kind)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from shared.model.decider import AnyDecider
from shared.model.errors import Refused
from shared.model.message import UNSTAMPED, Command, Event, Position, Recorded

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Outcome:
    """What a command led to: events, or a refusal."""

    def __init__(self, events: Sequence[Event] | None, refusal: Refused | None) -> None:
        self.events, self.refusal = events, refusal

    def accepted(self) -> list[Any]:
        """What happened, be it nothing; the command was not refused."""
        assert self.refusal is None, f"refused: {self.refusal}"
        return list(self.events or ())

    def then(self, *expected: Event) -> None:
        """Exactly these events happened."""
        assert self.accepted() == list(expected)

    def happened(self, *types: type[Event]) -> list[Any]:
        """Events of exactly these types happened, in this order; returns them."""
        events = self.accepted()
        assert [type(event) for event in events] == list(types)
        return events

    def refused(self, kind: type[Refused], *fields: str) -> Refused:
        """Refused in this way, with problems at exactly these fields (any, if none is named); returns the refusal."""
        assert isinstance(self.refusal, kind), f"expected {kind.__name__}, got {self.refusal!r} and {self.events!r}"
        if fields:
            assert [problem.field for problem in self.refusal.problems] == list(fields)
        return self.refusal


class Given:
    """An aggregate with a past."""

    def __init__(self, decider: AnyDecider, events: Sequence[Event]) -> None:
        self.decider, self.events = decider, events

    def when(self, command: Command) -> Outcome:
        """Decides the command, stamped with NOON unless it carries a time of its own."""
        if command.at == UNSTAMPED:
            command = command.model_copy(update={"at": NOON})
        state = self.decider.fold(self.events)
        if self.decider.initial is not None:
            state = self.decider.from_json(self.decider.to_json(state))  # As it may come from a snapshot.
        try:
            events = self.decider.decide(command, state)
        except Refused as refusal:
            return Outcome(None, refusal)
        unknown = {type(event).__name__ for event in events} - {event.__name__ for event in self.decider.events}
        assert not unknown, f"{self.decider.category} does not list {unknown} among its events"
        return Outcome(events, None)

    def after(self, *commands: Command) -> "Given":
        """The same aggregate once it has carried out these commands, none of which was refused."""
        events = [*self.events]
        for command in commands:
            events += Given(self.decider, events).when(command).accepted()
        return Given(self.decider, events)


def given(decider: AnyDecider, *events: Event) -> Given:
    return Given(decider, events)


def recorded(
    data: Event, stream: str = "test-1", version: int = 1, at: datetime = NOON, actor: str = ""
) -> Recorded[Any]:
    """An event in an envelope with predictable ids, for tests of projections and reactions."""
    event_id = uuid5(NAMESPACE_OID, f"{stream}/{version}")
    return Recorded(data, event_id, stream, version, Position(version, version), at, UUID(int=0), None, actor, "")


def history(stream: str, *events: Event, start: datetime = NOON) -> list[Recorded[Any]]:
    """A stream's events one minute apart."""
    return [recorded(e, stream, n, start + timedelta(minutes=n - 1)) for n, e in enumerate(events, 1)]
