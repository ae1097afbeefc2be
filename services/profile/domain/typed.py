"""What was typed, in the one form in which it is kept, so that the same words are the same save."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.vocabulary.fields import AnyField, Entries, Values

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def normalise(fields: Sequence[AnyField], values: Values) -> dict[str, Any]:
    """The declared fields only, without what is empty: no characters that cannot be stored, no outer blanks."""
    return {field.name: kept for field in fields if (kept := _kept(field, values.get(field.name)))}


def _kept(field: AnyField, value: Any) -> Any:
    if isinstance(field, Entries):
        entries = value if isinstance(value, list) else []
        return [kept for entry in entries if isinstance(entry, Mapping) and (kept := normalise(field.fields, entry))]
    if isinstance(value, list):
        return [text for item in value if (text := writable(item))]
    return writable(value)


def writable(value: Any) -> str:
    """Without characters that neither JSON nor XML can hold, and without outer blanks."""
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("", text).strip()
