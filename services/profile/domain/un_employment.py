"""Emploi à l'ONU: whether and how the candidate has worked for the United Nations system."""

from collections.abc import Iterable
from datetime import date

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import REQUIRED, Field, Option, Values
from shared.vocabulary.reference import CATEGORIES, LEVELS, ORGANISATIONS, category_of

YES = ("yes",)

CONTRACTS = (
    Option("temporary", N_("Temporary appointment")),
    Option("fixed_term", N_("Fixed-term appointment")),
    Option("continuing", N_("Continuing appointment")),
    Option("permanent", N_("Permanent appointment")),
    Option("consultant", N_("Consultant or individual contractor")),
    Option("unv", N_("United Nations Volunteer")),
    Option("associate_expert", N_("Associate expert")),
    Option("intern", N_("Intern")),
    Option("military_police", N_("Military or police personnel")),
    Option("other", N_("Another contract")),
)
EMPLOYED = "employed"
STATUSES = (
    Option(EMPLOYED, N_("Still employed")),
    Option("leave", N_("On special leave or secondment")),
    Option("separated", N_("Separated")),
    Option("retired", N_("Retired")),
)
ENDED = ("separated", "retired")

UN_EMPLOYMENT = (
    Field(
        "ever_employed",
        N_("Have you ever worked for an organisation of the United Nations system?"),
        "yesno",
        required=True,
        hint=N_("Consultancies, internships and volunteer assignments count. If there were several, give the latest"),
    ),
    Field(
        "organisation", N_("Organisation"), "lookup", required=True, options=ORGANISATIONS, when=("ever_employed", YES)
    ),
    Field("index_number", N_("Index number"), length=20, hint=N_("If you were given one"), when=("ever_employed", YES)),
    Field("function", N_("Functional title"), required=True, when=("ever_employed", YES)),
    Field("duty_station", N_("Duty station"), when=("ever_employed", YES)),
    Field(
        "category",
        N_("Category"),
        "lookup",
        options=CATEGORIES,
        hint=N_("Leave this empty if you had none, as consultants, interns and volunteers do"),
        when=("ever_employed", YES),
    ),
    Field(
        "level",
        N_("Level"),
        "lookup",
        options=LEVELS,
        hint=N_("Leave this empty if you had none"),
        when=("ever_employed", YES),
    ),
    Field("contract", N_("Type of contract"), "choice", required=True, options=CONTRACTS, when=("ever_employed", YES)),
    Field("from_date", N_("Employed from"), "date", required=True, past=True, when=("ever_employed", YES)),
    Field("status", N_("Current status"), "choice", required=True, options=STATUSES, when=("ever_employed", YES)),
    Field(
        "to_date",
        N_("Employed until"),
        "date",
        hint=N_("Only if the employment has ended"),
        when=("ever_employed", YES),
    ),
)


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
        yield Problem("to_date", N_("“Employed until” lies before “Employed from”. Correct one of the two dates"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
