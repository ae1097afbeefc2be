"""A field's value as a person reads it."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from shared.model.errors import N_
from shared.vocabulary.fields.declared import Field
from shared.vocabulary.fields.lists import PromptList

DateStyle = Literal["full", "long", "medium", "short"]


def display(field: Field, value: Any, language: str, translate: Callable[[str], str]) -> str:
    """A value as a person reads it in this language: option labels instead of codes, dates written out.

    A box that need not be ticked says nothing when it is not.
    """
    if value in (None, "", []) or (field.kind == "checkbox" and value == "no" and not field.required):
        return ""
    if isinstance(value, list):
        return ", ".join(display(field, item, language, translate) for item in value)
    if field.kind in ("yesno", "checkbox"):
        return {"yes": translate(N_("Yes")), "no": translate(N_("No"))}.get(value, str(value))
    if isinstance(field.options, PromptList):
        return field.options.label(value, language)
    if field.options:
        return next((translate(option.label) for option in field.options if option.value == value), str(value))
    return _date_in_words(str(value), language) if field.kind == "date" else _plain(value, language)


def _plain(value: Any, language: str) -> str:
    return (
        str(format_decimal(value, locale=language, decimal_quantization=False, group_separator=False))
        if isinstance(value, float)
        else str(value)
    )


def _date_in_words(text: str, language: str) -> str:
    try:
        return day_in_words(date.fromisoformat(text), language)
    except ValueError:
        return text


def day_in_words(day: date, language: str, style: DateStyle = "long") -> str:
    """As the United Nations write it; a French month begins with its "1er", which CLDR does not say."""
    words = format_date(day, style, locale="en_GB" if language == "en" else language)
    return words.replace("1 ", "1er ", 1) if language == "fr" and words.startswith("1 ") else words
