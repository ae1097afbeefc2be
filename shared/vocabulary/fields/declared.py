"""The declaration of a form's fields, one by one or in repeating groups."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.vocabulary.fields.lists import Option, PromptList

Kind = Literal["text", "textarea", "email", "tel", "date", "number", "yesno", "choice", "choices", "lookup", "checkbox"]
Values = Mapping[str, Any]

LINE, TEXT = 200, 20_000
"""The most characters of a line and of a text, unless a field says otherwise."""

Condition = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Field:
    """One field. `label`, `hint` and option labels are English catalogue keys.

    when: (other field, values): the field counts only while the other has one of these values.
    minimum, maximum: bounds of a number. length: the most characters. past: a date that cannot lie ahead.
    button: leads to where what is wanted can be had, once the form is saved: the form's action, and what it says.
    own: its options are somebody's own things, so that nothing drawn of them is kept for others.
    statement: what a question is called where its answer is only read, as in an application file; a catalogue key too.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    options: PromptList | tuple[Option, ...] = ()
    hint: str = ""
    when: Condition | None = None
    length: int = 0
    minimum: float | None = None
    maximum: float | None = None
    past: bool = False
    autocomplete: str = ""
    button: Option | None = None
    own: bool = False
    statement: str = ""

    @property
    def label_read(self) -> str:
        """What the field is called where it is only read."""
        return self.statement or self.label

    @property
    def most(self) -> int:
        """The most characters; of "choices", of each of them."""
        return self.length or (TEXT if self.kind == "textarea" else LINE)

    @property
    def most_values(self) -> int:
        """Of "choices": there is no ticking more than there are."""
        return len(self.options)


@dataclass(frozen=True)
class Entries:
    """A repeating group, such as diplomas or jobs. `label` names them all, `one` a single entry, before its number.

    minimum: how many are needed; maximum: how many fit.
    when: as for a field: the whole group counts only while another field has one of these values.
    gist: the fields by which an entry is known in a list; the first two that say something, if none are named.
    order: the numbers of these entries in the order in which they are kept and shown; as they were entered, if None.
    """

    name: str
    label: str
    one: str
    fields: tuple[Field, ...]
    minimum: int = 0
    maximum: int = 50
    hint: str = ""
    when: Condition | None = None
    gist: tuple[str, ...] = ()
    order: Callable[[Sequence[Values]], Sequence[int]] | None = None

    def numbers(self, entries: Sequence[Values]) -> Sequence[int]:
        """The entries' numbers, from 0, in the order in which they are shown."""
        return self.order(entries) if self.order else range(len(entries))


AnyField = Field | Entries


def applies(field: AnyField, values: Values) -> bool:
    """Whether the field or group counts, given the others; "" among the values: also where nothing was said."""
    return field.when is None or (values.get(field.when[0]) or "") in field.when[1]


def names(fields: Iterable[AnyField]) -> frozenset[str]:
    """The names of the top-level fields and groups."""
    return frozenset(field.name for field in fields)


def in_order(fields: Iterable[AnyField], values: Values) -> dict[str, Any]:
    """The values with the entries of each group in its order; what is no list of entries stays as it is."""
    groups = [field for field in fields if isinstance(field, Entries) and _is_list(values.get(field.name))]
    return {**values, **{group.name: _ordered(group, values[group.name]) for group in groups}}


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)


def _ordered(group: Entries, entries: Sequence[Values]) -> list[Values]:
    return [entries[number] for number in group.numbers(entries)]
