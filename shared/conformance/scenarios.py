"""The scenarios: each plays what Kafka, a newer version or an erasure may do, and notes what was wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.conformance.stage import Begin, Stage, Streams, alternately, in_order
from shared.conformance.story import Delivery, Stream
from shared.conformance.subscriber import Subscriber
from shared.model.message import new_id

UNKNOWN: Final = "ConformanceProbed"
"""A type that no service publishes."""


@dataclass(frozen=True)
class Scenario:
    """`advice`: what a subscriber does that passes."""

    name: str
    play: Callable[[Stage], None]
    advice: str


@dataclass(frozen=True)
class Result:
    """What a scenario found: no faults where the subscriber is right."""

    scenario: Scenario
    faults: Sequence[str]


def run(subscriber: Subscriber, begin: Begin) -> tuple[frozenset[str], list[Result]]:
    """Plays all scenarios; returns the types that the subscriber applies, and what each scenario found.

    A type that is not applied in its usual order is one that the subscriber passes over. Raises Unusable.
    """
    first = Stage(subscriber, begin)
    applies = _usual_order(first)
    results = [Result(USUAL_ORDER, first.faults)]
    for scenario in SCENARIOS if applies else ():
        stage = Stage(subscriber, begin, applies)
        scenario.play(stage)
        results.append(Result(scenario, stage.faults))
    return applies, results


def _usual_order(stage: Stage) -> frozenset[str]:
    streams = stage.begin(closed=False)
    stage.play(in_order(streams))
    applied = {event for stream in streams for event in stage.subscriber.held(stream.subject).applied}
    stage.applies = frozenset(delivery.type for delivery in in_order(streams) if delivery.id in applied)
    stage.expect(streams)
    if not stage.applies:
        stage.faults.insert(0, "It applied none of the events.")
    return stage.applies


def _duplicates(stage: Stage) -> None:
    """Each event twice, then the end of each stream once more, as after a rebalance."""
    streams = stage.begin(closed=False)
    for stream in streams:
        stage.play(each for delivery in stream.deliveries for each in (delivery, delivery))
        stage.play(stream.deliveries[1:])
    stage.expect(streams)


def _replay(stage: Stage) -> None:
    streams = stage.begin(closed=False)
    stage.play(in_order(streams))
    before = {stream.subject: stage.subscriber.held(stream.subject).text for stream in streams}
    stage.play(in_order(streams), "the second time")
    stage.expect(streams)
    stage.faults += [
        f"What it holds of {subject} is another after the replay."
        for subject, text in before.items()
        if stage.subscriber.held(subject).text != text
    ]


def _unknown_fields(stage: Stage) -> None:
    streams = stage.begin(closed=False)
    newer = [each.with_data(conformance_probe={"of": ["a newer version"]}) for each in in_order(streams)]
    stage.play((each.with_headers(conformanceprobe="1") for each in newer), "with a field that it does not know")
    stage.expect(streams)


def _unknown_types(stage: Stage) -> None:
    """One after the first event of each stream."""
    streams = [_with_room_after_the_first(stream) for stream in stage.begin(closed=False)]
    for stream in streams:
        first, *others = stream.deliveries
        stage.play([first])
        stage.play([_of_unknown_type(first)], "whose type it does not know")
        stage.play(others)
    stage.expect(streams)


def _with_room_after_the_first(stream: Stream) -> Stream:
    first, *others = stream.deliveries
    return Stream((first, *(each.numbered(each.sequence + 1) for each in others)))


def _of_unknown_type(before: Delivery) -> Delivery:
    number = str(new_id())
    probe = replace(before, id=number, type=UNKNOWN, body=b'{"probe": true}')
    return probe.numbered(before.sequence + 1).with_headers(id=number, type=UNKNOWN)


def _gaps(stage: Stage) -> None:
    """Every stream without its second event, which stayed in its service."""
    streams = [Stream((each.deliveries[0], *each.deliveries[2:])) for each in stage.begin(closed=False)]
    stage.play(in_order(streams))
    stage.expect(streams)


def _erased_people(stage: Stage) -> None:
    streams = stage.begin(closed=True)
    stage.play(in_order(streams))
    stage.faults += _remembered(stage, streams, "")
    stage.play(in_order(streams), "the second time, when the person was forgotten")
    stage.faults += _remembered(stage, streams, ", after a replay")


def _remembered(stage: Stage, streams: Streams, when: str) -> Iterator[str]:
    for stream in streams:
        text = stage.subscriber.held(stream.subject).text if stream.forgotten else ""
        if any(secret in text for secret in stream.secrets):
            last = stream.deliveries[-1].type
            yield f"It still holds what is personal of {stream.subject} after {last}{when}."


def _reordered(stage: Stage) -> None:
    """Streams in turn, and streams before those that they refer to."""
    for order in (alternately, in_order):
        streams = [*stage.begin(closed=False)][::-1]
        stage.play(order(streams))
        stage.expect(streams)


USUAL_ORDER: Final = Scenario(
    "usual order", lambda _: None, "Answer 2xx to what you have applied, and to what you pass over"
)
SCENARIOS: Final = (
    Scenario(
        "duplicates", _duplicates, "Delivery is at least once: keep the ids that you applied, in the same transaction"
    ),
    Scenario("replay", _replay, "Topics may be read again from the beginning: an id that you know changes nothing"),
    Scenario("unknown fields", _unknown_fields, "New optional fields and headers come without notice: ignore them"),
    Scenario("unknown types", _unknown_types, "New types come without notice: answer 2xx and go on"),
    Scenario("gaps", _gaps, "Sequences of a stream grow, and numbers are missing where an event does not leave"),
    Scenario(
        "erased people", _erased_people, "Delete what you hold of a person when you are told, and again after a replay"
    ),
    Scenario(
        "reordered streams", _reordered, "Only within a stream is there an order: keep what refers to what has not come"
    ),
)
