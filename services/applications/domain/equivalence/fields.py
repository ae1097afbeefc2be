"""The fields of a report about a diploma's level, and of what curators correct and add."""

from typing import Final

from services.applications.events.diplomas import DEGREE_LEVELS
from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, Field

REPORT_FIELDS: Final = (
    Field("level", N_("Which level does this diploma have?"), "choice", required=True, options=DEGREE_LEVELS),
    Field(
        "explanation",
        N_("Why"),
        "textarea",
        required=True,
        length=2_000,
        hint=N_(
            "For example how long the studies last, what they follow on, and where the State recognises the level."
        ),
    ),
)

CORRECTION_FIELDS: Final = (
    Field("level", N_("Correct level"), "choice", required=True, options=DEGREE_LEVELS),
    Field(
        "reason",
        N_("Why"),
        "textarea",
        required=True,
        length=1_000,
        hint=N_("Colleagues read it, for example the decree that recognises the level."),
    ),
)
ADDITION_FIELDS: Final = (
    Field("country", N_("Country"), "lookup", required=True, options=COUNTRIES),
    Field("title", N_("Exact title of the diploma, in its own language"), required=True),
    Field(
        "institution",
        N_("School or university"),
        hint=N_("If you leave this blank, the entry applies to all schools of the country."),
    ),
    *CORRECTION_FIELDS,
)
SEARCH_FIELDS: Final = (
    Field("words", N_("Words of the title or of the school")),
    Field("country", N_("Country"), "lookup", options=COUNTRIES),
)
