"""Controls drawn once: what a macro makes of a field is the same for everybody but for the values that stand in it.

A macro with its attributes, labels and hints takes longer than the rest of a page, for every field of every form.
"""

from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import Any, Final

import orjson
from markupsafe import Markup, escape

HOLE: Final = f"\ue000{token_hex(16)}"
"""Stands in the parameters where a value will; different in every process, so that nobody can type it."""
MOST: Final = 5_000
"""Kept at most: a language and state of a field each."""

Macro = Callable[[dict[str, Any]], Markup]
_frames: dict[tuple[Macro, bytes], list[Markup]] = {}


def hole(value: str) -> str:
    """What to put in the parameters for this value: nothing where it is empty, since macros leave it out then."""
    return HOLE if value else ""


def filled(macro: Macro, params: Mapping[str, Any], *values: str, kept: bool = True) -> Markup:
    """What the macro makes of the parameters, these values in its holes, in their order; empty ones have none.

    kept: nothing in the parameters is anybody's. A problem quotes what somebody typed: its frame is used once, too.
    """
    parts = _frame(macro, params) if kept and "errorMessage" not in params else _drawn(macro, params)
    return _joined(parts, [value for value in values if value])


def _frame(macro: Macro, params: Mapping[str, Any]) -> list[Markup]:
    key = macro, orjson.dumps(params)
    if key not in _frames:
        if len(_frames) >= MOST:
            _frames.clear()
        _frames[key] = _drawn(macro, params)
    return _frames[key]


def _drawn(macro: Macro, params: Mapping[str, Any]) -> list[Markup]:
    return macro(dict(params)).split(HOLE)


def _joined(parts: Sequence[Markup], values: Sequence[str]) -> Markup:
    rest = zip(map(escape, values), parts[1:], strict=True)
    return Markup("").join([parts[0], *(part for pair in rest for part in pair)])
