"""The fields about a diploma's level, in the education section and in a report."""

from typing import Final

from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, Field, Option

DEGREE_LEVELS: Final = (
    Option("below", N_("Below the first university degree")),
    Option("licence", N_("Bachelor (licence)")),
    Option("master", N_("National Master's degree")),
    Option("doctorat", N_("Doctorate")),
)

LEVEL: Final = Field(
    "level",
    N_("Level of the diploma"),
    "choice",
    options=DEGREE_LEVELS,
    hint=N_("If you leave this blank, the level that the catalogue proposes is used."),
)
LEVEL_REASON: Final = Field("level_reason", N_("Why this level, if it is not the one proposed"), "textarea", length=800)

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
