"""Nationalité et résidence: what no field of the section can tell by itself."""

from collections.abc import Iterable

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import Values

HELD = ("nationality", "second_nationality", "third_nationality")
TWICE = N_("This nationality is given twice. Choose another, or leave the field empty")
HELD_ALREADY = N_("You hold the nationality of this country. Choose another, or answer the question with no")


def across(values: Values) -> Iterable[Problem]:
    """No nationality is held twice, and a permanent resident is no national."""
    held = [values.get(name) for name in HELD]
    for place, name in enumerate(HELD):
        if held[place] and held[place] in held[:place]:
            yield Problem(name, TWICE)
    country = values.get("permanent_residence_country") if values.get("permanent_resident") == "yes" else ""
    if country and country in held:
        yield Problem("permanent_residence_country", HELD_ALREADY)
