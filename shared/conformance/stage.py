"""One scenario under way: what was played to the subscriber, and how what it holds differs from what it should."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.conformance.story import Delivery, Stream
from shared.conformance.subscriber import Subscriber

Streams = Sequence[Stream]


class Begin(Protocol):
    """Makes streams that nobody has seen; with `closed`, people's end with what says that they are to be forgotten."""

    def __call__(self, *, closed: bool) -> Streams: ...


@dataclass
class Stage:
    """`applies`: the types that the subscriber is known to apply."""

    subscriber: Subscriber
    begin: Begin
    applies: frozenset[str] = frozenset()
    faults: list[str] = field(default_factory=list)

    def play(self, deliveries: Iterable[Delivery], what: str = "") -> None:
        """Delivers these, and notes each that is not taken."""
        for delivery in deliveries:
            status = self.subscriber.take(delivery)
            if not 200 <= status < 300:
                self.faults.append(f"It answered {status} to {delivery}{what and f', {what}'}.")

    def expect(self, streams: Streams) -> None:
        """Notes what of these streams was applied twice, in another order, or not at all."""
        for stream in streams:
            self.faults += self._differences(stream)

    def _differences(self, stream: Stream) -> Iterator[str]:
        applied = self.subscriber.held(stream.subject).applied
        wanted = [delivery for delivery in stream.deliveries if delivery.type in self.applies]
        counts = Counter(applied)
        for delivery in wanted:
            if counts[delivery.id] > 1:
                yield f"It applied {delivery} {counts[delivery.id]} times."
            if not counts[delivery.id]:
                yield f"It did not apply {delivery}."
        order = {delivery.id: place for place, delivery in enumerate(wanted)}
        places = [order[each] for each in dict.fromkeys(applied) if each in order]
        if places != sorted(places):
            yield f"It applied the events of {stream.subject} in another order than that of their sequences."


def in_order(streams: Streams) -> list[Delivery]:
    """All events, one stream after the other."""
    return [delivery for stream in streams for delivery in stream.deliveries]


def alternately(streams: Streams) -> list[Delivery]:
    """All events, one of each stream in turn."""
    longest = max(len(stream.deliveries) for stream in streams)
    return [
        stream.deliveries[place] for place in range(longest) for stream in streams if place < len(stream.deliveries)
    ]
