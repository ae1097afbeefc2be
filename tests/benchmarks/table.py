"""What a benchmark reports: a figure of ours against one of theirs, measured in turns on the same servers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

ROUNDS = 9


class Row(NamedTuple):
    """`ratio` is ours over theirs, or theirs over ours, as `aim` says; 0 for no comparison."""

    what: str
    ours: str
    against: str = ""
    theirs: str = ""
    ratio: float = 0.0
    aim: str = ""
    met: bool = True


def faster(what: str, ours: Sequence[float], against: str, theirs: Sequence[float], aim: float) -> Row:
    """Rates, round by round: ours should be at least `aim` times theirs in the median round; 0 for no aim."""
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    shown = f"≥ {aim:g}" if aim else ""
    return Row(what, f"{median(ours):,.0f}/s", against, f"{median(theirs):,.0f}/s", ratio, shown, ratio >= aim)


Contender = Callable[[float], Awaitable[float]]
"""Works for about so many seconds and returns how much it did a second."""


async def in_turns(contenders: Mapping[str, Contender], seconds: float = 0.4) -> dict[str, list[float]]:
    """Each contender's rates in the rounds, in each of which all take turns, after one round to warm up."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(ROUNDS + 1):
        for name, work in contenders.items():
            rate = await work(seconds)
            if number:
                rates[name].append(rate)
    return rates


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
    """A table; each row that has an aim says whether it is met."""
    table = Table("what", "ours", "against", "theirs", "ratio", "aim", "", title="Measured in one run")
    for column in (1, 3, 4, 5):
        table.columns[column].justify = "right"
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio else ""
        said = ("[green]met[/]" if row.met else "[red]missed[/]") if row.aim else ""
        table.add_row(*row[:4], ratio, row.aim, said)
    Console(width=140).print(table)
