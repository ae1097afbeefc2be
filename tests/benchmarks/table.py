"""What a benchmark reports: a figure of ours against one of theirs, measured in turns on the same servers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

ROUNDS = 5


class Row(NamedTuple):
    """`ratio` is ours over theirs, or theirs over ours, as `aim` says; 0 for no comparison."""

    what: str
    ours: str
    against: str = ""
    theirs: str = ""
    ratio: float = 0.0
    aim: str = ""
    met: bool = True


def faster(what: str, ours: float, against: str, theirs: float, aim: float) -> Row:
    """Rates: ours should be at least `aim` times theirs; 0 for no aim."""
    ratio = ours / theirs
    return Row(what, f"{ours:,.0f}/s", against, f"{theirs:,.0f}/s", ratio, f"≥ {aim:g}" if aim else "", ratio >= aim)


Contender = Callable[[float], Awaitable[float]]
"""Works for about so many seconds and returns how much it did a second."""


async def in_turns(contenders: Mapping[str, Contender], seconds: float = 0.6, rounds: int = ROUNDS) -> dict[str, float]:
    """Each contender's median rate over rounds in which all take turns, after one round to warm up."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, work in contenders.items():
            rate = await work(seconds if number else seconds / 3)
            if number:
                rates[name].append(rate)
    return {name: median(found) for name, found in rates.items()}


async def rate_of(works: Sequence[Callable[[], Awaitable[int]]], seconds: float) -> float:
    """How much these workers do a second, all at once; each call of a worker returns how much it did."""
    begun = time.perf_counter()

    async def keep(work: Callable[[], Awaitable[int]]) -> int:
        done = 0
        while time.perf_counter() - begun < seconds:
            done += await work()
        return done

    done = await asyncio.gather(*map(keep, works))
    return sum(done) / (time.perf_counter() - begun)


def show(rows: Sequence[Row]) -> None:
    """A table; a ratio that misses its aim is red."""
    table = Table("what", "ours", "against", "theirs", "ratio", "aim", title="The kernel, measured")
    for column in (1, 3, 4, 5):
        table.columns[column].justify = "right"
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio else ""
        table.add_row(*row[:4], f"[{'green' if row.met else 'red'}]{ratio}[/]", row.aim)
    Console(width=120).print(table)
