"""Finding the saved searches that a vacancy fits: the index against asking each search in turn, answers identical."""

import gc
import random
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median
from time import thread_time
from typing import NamedTuple

from services.alerts.domain import SearchIndex
from shared.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, NETWORKS
from shared.search import Criteria, Notice, matches

TODAY = date(2026, 11, 23)
WORDS = 4_000
NOTICES = 40
HOW_MANY = (0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3)
LISTS = {
    "networks": NETWORKS, "families": FAMILIES, "categories": CATEGORIES, "levels": LEVELS,
    "duty_stations": DUTY_STATIONS, "departments": DEPARTMENTS,
}  # fmt: skip


class Figures(NamedTuple):
    """Processor time in milliseconds a vacancy (median), matches a vacancy, megabytes held, searches added a second."""

    searches: int
    index_ms: float
    naive_ms: float
    hits: float
    megabytes: float
    adds: float

    @property
    def times_faster(self) -> float:
        return self.naive_ms / self.index_ms


def word(dice: random.Random) -> str:
    """A word as frequent as words are: the n-th about 1/n as often as the first."""
    return f"term{int(WORDS ** dice.random()):04d}"


def searches(count: int, dice: random.Random) -> Iterator[Criteria]:
    """Mixed saved searches: most ask for one to three facets, half for keywords, some for a phrase or a day."""
    for _ in range(count):
        facets = {
            name: tuple(dice.sample(sorted(LISTS[name].labels("en")), dice.randint(1, 3)))
            for name in dice.sample(sorted(LISTS), dice.choice(HOW_MANY))
        }
        words = [word(dice) for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 3)))]
        phrase = [f'"{words[0]} {word(dice)}"'] if words and dice.random() < 0.1 else []
        since = TODAY - timedelta(days=dice.randint(-3, 60)) if dice.random() < 0.1 else None
        languages = ("fr",) if dice.random() < 0.1 else ()
        yield Criteria(keywords=" ".join([*words, *phrase]), posted_since=since, languages=languages, **facets)


def notice(dice: random.Random) -> Notice:
    """A vacancy of 300 words with one value of each facet."""
    facets = {name: frozenset({dice.choice(sorted(values.labels("en")))}) for name, values in LISTS.items()}
    language = dice.choice(("en", "fr"))
    text = " ".join(word(dice) for _ in range(300))
    return Notice(language, TODAY, {**facets, "languages": frozenset({language})}, (text,))


def measure(count: int, seed: int = 7) -> Figures:
    """One run over `count` searches; raises AssertionError if the two ways ever disagree."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    saved = {f"{number:032x}": criteria for number, criteria in enumerate(searches(count, dice))}
    notices = [notice(dice) for _ in range(NOTICES)]
    for each in notices:
        assert each.words
    began = thread_time()
    index = filled(saved)
    adding = thread_time() - began
    fast, slow, hits = [], [], []
    for number, each in enumerate(notices):
        began = thread_time()
        found = index.match(each)
        fast.append(thread_time() - began)
        hits.append(len(found))
        if number < 3:
            began = thread_time()
            expected = {key for key, criteria in saved.items() if matches(criteria, each)}
            slow.append(thread_time() - began)
            assert sorted(found) == sorted(expected), (
                f"the index and the meaning of a search disagree at {count} searches"
            )
    return Figures(
        count, 1e3 * median(fast), 1e3 * median(slow), sum(hits) / len(hits), megabytes(saved), count / adding
    )


def filled(saved: dict[str, Criteria]) -> SearchIndex:
    index = SearchIndex()
    for key, criteria in saved.items():
        index.add(key, criteria)
    return index


def megabytes(saved: dict[str, Criteria]) -> float:
    """What Python allocates for the index; the roaring bitmaps' own memory comes on top, a few bytes a search."""
    gc.collect()
    tracemalloc.start()
    index = filled(saved)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(index) == len(saved)
    return held / 1e6


def main(counts: tuple[int, ...] = (10_000, 100_000)) -> None:
    """Prints one line a size."""
    print(f"{'searches':>10} {'index ms':>9} {'in turn ms':>11} {'faster':>8} {'matches':>8} {'MB':>7} {'adds/s':>9}")
    for count in counts:
        row = measure(count)
        print(
            f"{row.searches:>10,} {row.index_ms:>9.3f} {row.naive_ms:>11.1f} {row.times_faster:>7.0f}× {row.hits:>8.0f}"
            f" {row.megabytes:>7.1f} {row.adds:>9,.0f}"
        )


if __name__ == "__main__":
    main()
