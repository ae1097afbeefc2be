"""How values stand in a sentence: numbers and days as its language writes them, somebody's words as they are."""

import pytest

from shared.model.errors import Problem
from shared.web.environment import OURS
from shared.web.language import Catalogues

TEXTS = Catalogues([OURS])


@pytest.mark.parametrize(("language", "said"), [("en", "1,000,000"), ("fr", "1\u202f000\u202f000")])
def test_a_number_is_grouped_as_the_language_does(language: str, said: str) -> None:
    assert TEXTS[language]("%(number)s", number=1_000_000) == said
    assert TEXTS[language]("%(number)s", number="1000000") == "1000000"
    assert TEXTS[language].plural("%(number)s sign", "%(number)s signs", 1_000_000) == f"{said} signs"


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        ("1899-12-31", "31 December 1899", "31 décembre 1899"),
        ("2099-01-01", "1 January 2099", "1er janvier 2099"),
        ("1899-02-31", "1899-02-31", "1899-02-31"),
        ("31 2 1990", "31 2 1990", "31 2 1990"),
    ],
)
def test_a_day_that_is_refused_is_said_in_words_and_what_is_none_as_it_was_typed(value: str, en: str, fr: str) -> None:
    problem = Problem(
        "day", "%(label)s – “%(value)s” is too long ago. Check the year", {"label": "Day", "value": value}
    )
    assert TEXTS["en"].problem(problem) == f"Day – “{en}” is too long ago. Check the year"
    assert TEXTS["fr"].problem(problem) == f"Jour – la date «\u00a0{fr}\u00a0» est trop ancienne. Vérifiez l’année"
