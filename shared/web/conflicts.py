"""Two windows with one form: the version that it was made for, and where what was saved and what was typed differ."""

from collections.abc import Iterable
from typing import NamedTuple

from starlette.datastructures import FormData

from shared.vocabulary.fields import AnyField, Field, Values, display
from shared.web.forms import text
from shared.web.language import Texts


class Difference(NamedTuple):
    """A field that two windows filled in differently, in words; nothing for one that was left empty."""

    label: str
    saved: str
    typed: str


def seen(form: FormData) -> int | None:
    """The version that whoever posted this form had before them, if the form says so."""
    version = text(form, "_version")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def differences(fields: Iterable[AnyField], texts: Texts, saved: Values, typed: Values) -> list[Difference]:
    """Of the fields themselves: repeating entries have pages of their own."""

    def words(field: Field, values: Values) -> str:
        return display(field, values.get(field.name), texts.language, texts)

    plain = (field for field in fields if isinstance(field, Field))
    both = (Difference(texts(field.label), words(field, saved), words(field, typed)) for field in plain)
    return [each for each in both if each.saved != each.typed]
