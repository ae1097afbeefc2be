"""Nationalité et résidence: nationalities, where the candidate lives, and what may change."""

from shared.errors import N_
from shared.fields import COUNTRIES, Field

YES = ("yes",)

NATIONALITY = (
    Field("birth_nationality", N_("Nationality at birth"), "lookup", required=True, options=COUNTRIES),
    Field("nationality", N_("Current nationality"), "lookup", required=True, options=COUNTRIES),
    Field(
        "second_nationality",
        N_("Second nationality"),
        "lookup",
        options=COUNTRIES,
        hint=N_("Leave this empty if you have none"),
    ),
    Field(
        "third_nationality",
        N_("Third nationality"),
        "lookup",
        options=COUNTRIES,
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
