"""What the kit found, in sentences."""

from collections.abc import Callable, Iterator

from shared.conformance.scenarios import Result, run
from shared.conformance.stage import Begin
from shared.conformance.subscriber import Subscriber, Unusable

MOST = 5
"""Faults of one scenario that are told; the others are of the same kind."""


def report(subscriber: Subscriber, begin: Begin, say: Callable[[str], None]) -> bool:
    """Plays all scenarios and says what came of each; returns whether the subscriber is right."""
    try:
        applies, results = run(subscriber, begin)
    except Unusable as error:
        say(f"The kit cannot go on: {error}.")
        return False
    say(f"In the usual order it applied {', '.join(sorted(applies)) or 'nothing'}.")
    for result in results:
        for line in _lines(result):
            say(line)
    wrong = sum(bool(result.faults) for result in results)
    say(f"{wrong} of {len(results)} scenarios went wrong." if wrong else f"All {len(results)} scenarios went well.")
    return not wrong


def _lines(result: Result) -> Iterator[str]:
    if not result.faults:
        yield f"{result.scenario.name}: right"
        return
    yield f"{result.scenario.name}: WRONG. {result.scenario.advice}."
    yield from (f"  {fault}" for fault in result.faults[:MOST])
    if len(result.faults) > MOST:
        yield f"  And {len(result.faults) - MOST} more."
