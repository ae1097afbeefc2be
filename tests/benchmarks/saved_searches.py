"""Mixed saved searches and vacancies to match with them: made up, always the same."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from shared.vocabulary.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, NETWORKS
from shared.vocabulary.search import Criteria, Notice

TODAY: Final = date(2026, 11, 23)
WORDS: Final = 4_000
NOTICES: Final = 40
HOW_MANY: Final = (0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3)
LISTS: Final = {
    "networks": NETWORKS, "families": FAMILIES, "categories": CATEGORIES, "levels": LEVELS,
    "duty_stations": DUTY_STATIONS, "departments": DEPARTMENTS,
}  # fmt: skip
CHOICES: Final = {name: sorted(listed.labels("en")) for name, listed in LISTS.items()}


def searches(count: int) -> Iterator[Criteria]:
    """Most ask for one to three facets, half for keywords, some for a phrase, a day or a language."""
    dice = random.Random(7)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        facets = {
            name: tuple(dice.sample(CHOICES[name], dice.randint(1, 3)))
            for name in dice.sample(sorted(CHOICES), dice.choice(HOW_MANY))
        }
        words = [_word(dice) for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 3)))]
        phrase = [f'"{words[0]} {_word(dice)}"'] if words and dice.random() < 0.1 else []
        since = TODAY - timedelta(days=dice.randint(-3, 60)) if dice.random() < 0.1 else None
        languages = ("fr",) if dice.random() < 0.1 else ()
        yield Criteria(keywords=" ".join([*words, *phrase]), posted_since=since, languages=languages, **facets)


def _word(dice: random.Random) -> str:
    """A word as frequent as words are: the n-th about 1/n as often as the first."""
    return f"term{int(WORDS ** dice.random()):04d}"


def notices() -> list[Notice]:
    """Vacancies of 300 words with one value of each facet, their words known: that costs every contender the same."""
    dice = random.Random(9)  # noqa: S311 - repeatable, not secret
    made = [_notice(dice) for _ in range(NOTICES)]
    assert all(each.words for each in made)
    return made


def _notice(dice: random.Random) -> Notice:
    facets = {name: frozenset({dice.choice(values)}) for name, values in CHOICES.items()}
    language = dice.choice(("en", "fr"))
    text = " ".join(_word(dice) for _ in range(300))
    return Notice(TODAY, {**facets, "languages": frozenset({language})}, {language: (text,)})
