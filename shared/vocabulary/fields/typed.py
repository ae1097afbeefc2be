"""What counts of a form's values, as data of their own kinds, and the shape of that: for those who read no forms."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field as Described
from typing_extensions import TypedDict

from shared.model.schemas import OPEN
from shared.vocabulary.fields.declared import AnyField, Entries, Field, Values, applies
from shared.vocabulary.fields.lists import PromptList

_WORDS: Final = ("text", "textarea")
"""Kinds whose values stay as they were typed, to the last space."""


def typed(fields: Iterable[AnyField], values: Values) -> dict[str, Any]:
    """The values of the fields that apply and hold something; numbers are numbers. What is typed stays as it is.

    What cannot be read as what its field holds, as a draft may have it, stays text.
    """
    made = {field.name: _typed(field, values.get(field.name)) for field in fields if applies(field, values)}
    return {name: value for name, value in made.items() if value is not None}


def _typed(field: AnyField, value: Any) -> Any:
    if isinstance(field, Entries):
        entries = value if isinstance(value, list) else None
        return entries and [typed(field.fields, entry) for entry in entries if isinstance(entry, Mapping)]
    if isinstance(value, list):
        return [text.strip() if isinstance(text, str) else text for text in value] or None
    return _of_kind(field.kind, value) if isinstance(value, str) else value


def _of_kind(kind: str, text: str) -> Any:
    if not text.strip():
        return None
    if kind == "number":
        return number_in(text)
    return text if kind in _WORDS else text.strip()


EXACT: Final = 2**53
"""Below this JSON's numbers are those that were typed, whoever reads them."""


def number_in(text: str) -> float | str:
    """The number that was typed, whole if it is; the text if it is none that every reader takes for the same."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return text
    if "_" in text or not abs(number) < EXACT:
        return text
    return int(number) if number.is_integer() else number


def shape_of(name: str, fields: Iterable[AnyField]) -> Any:
    """What `typed` makes of these fields, as a TypedDict of this name; those of its entries have longer ones."""
    make: Any = TypedDict
    return make(name, {field.name: _described(name, field) for field in fields}, total=False)


def _described(name: str, field: AnyField) -> Any:
    if isinstance(field, Entries):
        entry: Any = shape_of(name + "".join(part.title() for part in field.name.split("_")), field.fields)
        return Annotated[_list_of(entry), Described(description=f"{field.label}.")]
    kind: Any = _KINDS.get(field.kind, str)
    if field.kind == "choices":
        return Annotated[list[Annotated[str, _values(field)]], Described(description=_words(field))]
    return Annotated[kind, _values(field)]


_KINDS: Final[Mapping[str, Any]] = {
    "date": date,
    "number": float,
    "yesno": Literal["yes", "no"],
    "checkbox": Literal["yes", "no"],
}


def _list_of(entry: Any) -> Any:
    return list[entry]


def _values(field: Field) -> Any:
    """Declared options may become more; of a list that services share, its name tells, and it is not loaded."""
    own = [] if isinstance(field.options, PromptList) else [option.value for option in field.options]
    listed: Any = {OPEN: own} if own else None
    return Described(description=_words(field), json_schema_extra=listed)


def _words(field: Field) -> str:
    words = str(field.label_read)
    if isinstance(field.options, PromptList):
        words += f": a code of the list {field.options.name}"
    if field.when:
        words += f" (only if {field.when[0]} is {' or '.join(value or 'absent' for value in field.when[1])})"
    return words + ("" if words.endswith("?") else ".")
