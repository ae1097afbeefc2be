"""Emploi à l'ONU: what no field of the section can tell by itself."""

from collections.abc import Iterable
from datetime import date

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import REQUIRED, Values
from shared.vocabulary.reference import CATEGORIES, LEVELS, category_of

ENDED = ("separated", "retired")


def across(values: Values) -> Iterable[Problem]:
    """An ended employment has an end, no end lies before its beginning, and a level belongs to its category."""
    if values.get("ever_employed") != "yes":
        return
    start, end = _day(values.get("from_date") or ""), _day(values.get("to_date") or "")
    category, level = values.get("category"), values.get("level")
    if level in LEVELS and category in CATEGORIES and category_of(level) != category:
        yield Problem(
            "level", N_("%(level)s is not a level of this category. Correct one of the two"), {"level": level}
        )
    if not values.get("to_date") and values.get("status") in ENDED:
        yield Problem("to_date", REQUIRED, {"label": N_("Employed until")})
    if start and end and end < start:
        yield Problem("to_date", N_("“Employed until” is before “Employed from”. Correct one of the two dates"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
