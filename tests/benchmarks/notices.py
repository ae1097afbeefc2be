"""Notices by the million for benchmarks, as the documents of the view `search`: alike from run to run, cheaply made."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from uuid import UUID

from services.vacancies.events import NEW_YORK
from services.vacancies.projections.query import moment
from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, category_of, network_of
from shared.vocabulary.words import stems

WORDS: Final = 150
"""Words of a notice: a short one."""
VOCABULARY: Final = 30_000
RUNNING: Final = 2_000_000
TITLES: Final = (
    "Economic Affairs Officer", "Public Information Assistant", "Programme Management Officer", "Legal Officer",
    "Statistician", "Human Rights Officer", "Water and Sanitation Engineer", "Data Analyst", "Finance Assistant",
    "Political Affairs Officer", "Climate Change Adviser", "Logistics Officer", "Interpreter", "Trade Policy Expert",
)  # fmt: skip
ASKED: Final = ("water", "climate change", '"climate change"', "trade policy officer", "statistician")
"""What people look for: words of titles, which texts hold too."""
FIRST: Final = datetime(2026, 11, 1, 5, tzinfo=UTC)


class Notices:
    """The documents, in the order of their numbers."""

    def __init__(self) -> None:
        chance = random.Random(7)  # noqa: S311 - the same notices each time
        usual = sorted({stem for title in TITLES for stem in stems(title, "en")})
        words = [*usual, *(f"w{number:x}" for number in range(VOCABULARY))]
        weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
        chance.shuffle(words)
        self._running = chance.choices(words, cum_weights=weights, k=RUNNING)
        self._families, self._levels = [*FAMILIES.labels("en")], [*LEVELS.labels("en")]
        self._departments, self._stations = [*DEPARTMENTS.labels("en")], [*DUTY_STATIONS.labels("en")]
        self._headings = {title: " ".join(stems(title, "en")) for title in TITLES}

    def documents(self, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
        chance = random.Random(11)  # noqa: S311 - likewise
        for number in range(count):
            key = str(UUID(int=chance.getrandbits(128)))
            yield key, self._document(key, number, chance)

    def _document(self, key: str, number: int, chance: random.Random) -> dict[str, Any]:
        title = TITLES[number % len(TITLES)]
        opens_at = FIRST - timedelta(days=chance.randrange(720))
        closes_at = FIRST + timedelta(days=30 + chance.randrange(300))
        station = _low(chance, self._stations)
        return {
            "id": key, "status": "open", "job_opening_number": f"26-BENCH-{number}", "source": "inspira",
            "language": "en", "title": title, "duty_stations": [{"code": station, "description": station}],
            "posted": opens_at.astimezone(NEW_YORK).date().isoformat(), "opens_at": moment(opens_at),
            "closes_at": moment(closes_at), "updated_at": moment(opens_at), "translations": [], "absorbed": [],
            **self._coded(chance, station), **self._searched(chance, title), "translated": {},
        }  # fmt: skip

    def _coded(self, chance: random.Random, station: str) -> dict[str, Any]:
        family, level, department = (_low(chance, codes) for codes in (self._families, self._levels, self._departments))
        facets = {
            "networks": network_of(family), "families": family, "categories": category_of(level), "levels": level,
            "duty_stations": station, "departments": department, "languages": "en",
        }  # fmt: skip
        plain = {"level": level, "category": category_of(level), "department": department}
        return {**plain, "facets": {name: [value] for name, value in facets.items()}}

    def _searched(self, chance: random.Random, title: str) -> dict[str, str]:
        begin = chance.randrange(RUNNING - WORDS)
        heading = self._headings[title]
        return {"text": f"{heading} | {' '.join(self._running[begin : begin + WORDS])}", "heading": heading}


def _low(chance: random.Random, codes: list[str]) -> str:
    """One of the codes, the first ones more often."""
    return codes[int(len(codes) * chance.random() ** 2)]
