"""Finding the saved searches that a vacancy fits: our index, a percolator, and asking each, with identical answers."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from tests.benchmarks import matchers
from tests.benchmarks.matchers import Measured

COUNTS = (10_000, 100_000, 1_000_000)
TIMES_FASTER, MOST_MEGABYTES = 10, 500
"""The aims, at the most searches."""

COLUMNS = (
    "saved searches", "found", "index", "with ids", "mokaccino", "faster", "in turn", "faster", "index", "mokaccino",
    "added",
)  # fmt: skip
UNITS = ("", "", "ms", "ms", "ms", "", "ms", "", "MB", "MB", "/s")


@dataclass(frozen=True)
class Figures:
    """What the three ways cost over so many searches."""

    count: int
    index: Measured
    percolator: Measured
    in_turn: Measured

    @property
    def found(self) -> float:
        """Searches a vacancy."""
        return sum(map(len, self.index.answers)) / len(self.index.answers)

    @property
    def times_faster(self) -> float:
        return self.percolator.ms / self.index.ms


def measure(count: int) -> Figures:
    """One run; raises AssertionError if two of the ways ever disagree."""
    figures = Figures(count, alone(matchers.index, count), alone(matchers.percolator, count),
                      alone(matchers.in_turn, count))  # fmt: skip
    agree(figures)
    return figures


def alone(way: Callable[[int], Measured], count: int) -> Measured:
    """In a fresh process, whose memory holds nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(way, count).result()


def agree(figures: Figures) -> None:
    """The percolator over all searches and vacancies; the meaning of a search over those that were asked."""
    assert figures.index.answers == figures.percolator.answers, f"they disagree at {figures.count:,} searches"
    step = max(1, figures.count // matchers.ASKED)
    for found, asked in zip(figures.index.answers, figures.in_turn.answers, strict=False):
        assert [number for number in found if number % step == 0] == [*asked], f"wrong at {figures.count:,} searches"


def show(rows: Sequence[Figures]) -> None:
    table = Table(title="Matching a vacancy with saved searches")
    for column, unit in zip(COLUMNS, UNITS, strict=True):
        table.add_column(f"{column}\n{unit}", justify="right")
    for row in rows:
        ours, theirs, each = row.index, row.percolator, row.in_turn
        table.add_row(
            f"{row.count:,}", f"{row.found:,.0f}", f"{ours.ms:.2f}", f"{ours.named_ms:.2f}", f"{theirs.ms:.2f}",
            f"{row.times_faster:.1f}×", f"{each.ms:,.0f}", f"{each.ms / ours.ms:,.0f}×", f"{ours.megabytes:.0f}",
            f"{theirs.megabytes:.0f}", f"{ours.adds:,.0f}",
        )  # fmt: skip
    console = Console(width=120)
    console.print(table)
    for words, met in aims(rows):
        console.print(f"[{'green' if met else 'red'}]{'met   ' if met else 'missed'}[/] {words}")


def aims(rows: Sequence[Figures]) -> list[tuple[str, bool]]:
    """What was aimed at, what came of it, and whether that is enough."""
    last = rows[-1]
    found = [
        (f"at {last.count:,} searches {last.times_faster:.1f} times faster than mokaccino; aim {TIMES_FASTER}",
         last.times_faster >= TIMES_FASTER),
        (f"at {last.count:,} searches {last.index.megabytes:.0f} MB; aim below {MOST_MEGABYTES}",
         last.index.megabytes < MOST_MEGABYTES),
    ]  # fmt: skip
    for less, more in pairwise(rows):
        searches, times = more.count / less.count, more.index.ms / less.index.ms
        found.append((f"{searches:.0f} times the searches take {times:.1f} times as long", times < searches))
    return found


def main(counts: Sequence[int] = COUNTS) -> None:
    show([measure(count) for count in counts])


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or COUNTS)
