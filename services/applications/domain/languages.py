"""What the four skills make of a language: "fluent in" it, "knowledge of" it, or neither."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from services.applications.events.sections import SKILLS, SPOKEN
from shared.model.errors import N_
from shared.vocabulary.fields import AnyField, Field, Option, display

Mastery = Literal["fluent", "knowledge"]

SKILLS_IN_ORDER: Final = ("read", "write", "speak", "understand")
_MASTERY: Final = Field(
    "mastery",
    N_("Language level"),
    "choice",
    options=(Option("fluent", N_("Fluent in this language")), Option("knowledge", N_("Knowledge of this language"))),
)
_SPOKEN: Final = replace(SPOKEN, fields=(*SPOKEN.fields, _MASTERY))
SKILLS_READ: Final[tuple[AnyField, ...]] = tuple(_SPOKEN if field is SPOKEN else field for field in SKILLS.fields)
"""The skills section as it is read: each language with what its four skills make of it."""


def mastery_of(entry: Mapping[str, Any]) -> Mastery | None:
    """ "Fluent in" is fluent in all four skills, "knowledge of" at least two at confident or better."""
    levels = [entry.get(skill) for skill in SKILLS_IN_ORDER]
    if all(level == "fluent" for level in levels):
        return "fluent"
    return "knowledge" if sum(level in ("confident", "fluent") for level in levels) >= 2 else None


def mastery_in_words(entry: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """What the four skills make of a language; nothing if that is neither."""
    return display(_MASTERY, mastery_of(entry), "", translate)


def with_mastery(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The section's values with what `SKILLS_READ` shows besides."""
    return {**values, "languages": [{**entry, "mastery": mastery_of(entry)} for entry in languages_in(values)]}


def languages_in(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The languages that a skills section names, as they were typed."""
    entries = values.get("languages")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
