"""Nationalité et résidence: nationalities, where the candidate lives, and what may change."""

from collections.abc import Iterable

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import COUNTRIES, NATIONALITIES, Field, Values

YES = ("yes",)

NATIONALITY = (
    Field("birth_nationality", N_("Nationality at birth"), "lookup", required=True, options=NATIONALITIES),
    Field("nationality", N_("Current nationality"), "lookup", required=True, options=NATIONALITIES),
    Field(
        "second_nationality",
        N_("Second nationality"),
        "lookup",
        options=NATIONALITIES,
        hint=N_("Leave this empty if you have none"),
    ),
    Field(
        "third_nationality",
        N_("Third nationality"),
        "lookup",
        options=NATIONALITIES,
        hint=N_("Leave this empty if you have none"),
    ),
    Field("residence_country", N_("Country of residence"), "lookup", required=True, options=COUNTRIES),
    Field(
        "permanent_resident",
        N_("Are you a permanent resident of a country whose nationality you do not hold?"),
        "yesno",
        required=True,
    ),
    Field(
        "permanent_residence_country",
        N_("Country of permanent residence"),
        "lookup",
        required=True,
        options=COUNTRIES,
        when=("permanent_resident", YES),
    ),
    Field(
        "intends_change",
        N_("Have you begun, or do you plan, to change your nationality or permanent residence?"),
        "yesno",
        required=True,
    ),
    Field(
        "intended_change",
        N_("What you have begun or plan"),
        "textarea",
        required=True,
        length=2000,
        when=("intends_change", YES),
    ),
)


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
