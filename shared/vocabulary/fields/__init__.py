"""Declared form fields: one list of fields serves the form, the JSON door, the checks, the completeness and the PDF.

Values are what was typed: text for most kinds, a list of texts for "choices", a list of objects for `Entries`.
Dates are ISO ("2026-11-23"); what cannot be read as a date stays as it was typed, so that saving loses nothing.
"""

from shared.vocabulary.fields.checks import CHECKS, ISO_DATE, MISSING, REQUIRED, TOO_MANY, check, excess, missing, wrong
from shared.vocabulary.fields.countries import COUNTRIES, NATIONALITIES, STATELESS
from shared.vocabulary.fields.declared import (
    LINE,
    TEXT,
    AnyField,
    Condition,
    Entries,
    Field,
    Kind,
    Values,
    applies,
    in_order,
    names,
)
from shared.vocabulary.fields.display import DateStyle, day_in_words, display
from shared.vocabulary.fields.languages import ANOTHER, LANGUAGES
from shared.vocabulary.fields.lists import OFFICIAL_LANGUAGES, Nearest, Option, PromptList, is_in, meant
from shared.vocabulary.fields.shape import Bounds, misshapen

__all__ = [
    "ANOTHER",
    "CHECKS",
    "COUNTRIES",
    "ISO_DATE",
    "LANGUAGES",
    "LINE",
    "MISSING",
    "NATIONALITIES",
    "OFFICIAL_LANGUAGES",
    "REQUIRED",
    "STATELESS",
    "TEXT",
    "TOO_MANY",
    "AnyField",
    "Bounds",
    "Condition",
    "DateStyle",
    "Entries",
    "Field",
    "Kind",
    "Nearest",
    "Option",
    "PromptList",
    "Values",
    "applies",
    "check",
    "day_in_words",
    "display",
    "excess",
    "in_order",
    "is_in",
    "meant",
    "misshapen",
    "missing",
    "names",
    "wrong",
]  # fmt: skip
