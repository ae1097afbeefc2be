"""Levels in words: on the review page, in the PDF and beside each diploma."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from services.applications.domain.equivalence.levels import Assessment, Proposed
from services.applications.events.diplomas import DEGREE_LEVELS, LEVEL
from services.applications.events.sections import DIPLOMAS, EDUCATION
from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, AnyField, Field

Translate = Callable[[str], str]

_PROPOSED: Final = Field("proposed_level", N_("Level proposed by the catalogue"), "choice", options=LEVEL.options)
_BECAUSE: Final = Field("proposed_because", N_("Why this level is proposed"))


def _beside_level(fields: Sequence[Field]) -> tuple[Field, ...]:
    place = fields.index(LEVEL) + 1
    return (*fields[:place], _PROPOSED, _BECAUSE, *fields[place:])


_DIPLOMAS: Final = replace(DIPLOMAS, fields=_beside_level(DIPLOMAS.fields))
EDUCATION_READ: Final[tuple[AnyField, ...]] = tuple(
    _DIPLOMAS if field is DIPLOMAS else field for field in EDUCATION.fields
)
"""The education section as it is read: each diploma with its level, the one proposed and why (R71, R73)."""


def because(proposed: Proposed, language: str, translate: Translate) -> str:
    """As what and where in the catalogue the diploma was found, as a sentence."""
    if not proposed["country"]:
        sentence = N_("Matched to “%(found_as)s” in the catalogue of degrees known in many countries")
    elif proposed["institution"]:
        sentence = N_("Matched to “%(found_as)s” (%(institution)s) in the catalogue of %(country)s")
    else:
        sentence = N_("Matched to “%(found_as)s” in the catalogue of %(country)s")
    country = COUNTRIES.label(proposed["country"], language)
    return translate(sentence) % {**proposed, "country": country}


def level_name(level: str, translate: Translate) -> str:
    """What a level is called."""
    return next((translate(option.label) for option in DEGREE_LEVELS if option.value == level), level)


def with_levels(
    values: Mapping[str, Any], assessments: Sequence[Assessment], language: str, translate: Translate
) -> Mapping[str, Any]:
    """The section's values with what `EDUCATION_READ` shows besides, and the level as it counts."""
    entries = values.get("diplomas")
    if not isinstance(entries, list) or len(entries) != len(assessments):
        return values
    diplomas = [
        {**entry, **_read(assessment, language, translate)}
        for entry, assessment in zip(entries, assessments, strict=True)
    ]
    return {**values, "diplomas": diplomas}


def _read(assessment: Assessment, language: str, translate: Translate) -> dict[str, str]:
    proposed = assessment["proposed"]
    if proposed is None:
        return {"level": assessment["chosen"]}
    reason = because(proposed, language, translate)
    return {"level": assessment["chosen"], "proposed_level": proposed["level"], "proposed_because": reason}
