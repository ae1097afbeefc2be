"""Where a problem stands in the JSON that was sent: JSON Pointers (RFC 6901)."""

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Any, Final, NamedTuple

BODY: Final = "body"
"""The field of a problem of the body as a whole."""
VALUES: Final = "values"
"""Where a section's fields stand in its body."""
LONGEST_NAME: Final = 100
"""Characters that a document repeats of each part of a field's name, which may be the sender's own."""
LONGEST_POINTER: Final = 1_000
"""Of a pointer: a longer one ends at what is around the place."""
LONGEST_SOUGHT: Final = 200
"""Of a field that is looked for in the body: no field has a longer name."""


class Sent(NamedTuple):
    """A JSON body as it came, None if it is none, and the names of the fields that the operation takes in it."""

    body: Any = None
    fields: Collection[str] = ()


def pointer(field: str, sent: Sent) -> str | None:
    """Where `jobs.0.title` stands, or what is there of the way to it; None if it is no part of the body.

    A field that is missing is pointed at where it would stand. Where the parts are known, `along` needs no search.
    """
    if field == BODY:
        return ""
    if not isinstance(sent.body, dict) or len(field) > LONGEST_SOUGHT:
        return None
    steps = field.split(".")
    if steps[0] in sent.fields or _named(sent.body, steps):
        return _way(sent.body, steps)
    section = sent.body.get(VALUES)
    return f"/{VALUES}{_way(section, steps)}" if field and isinstance(section, dict) else None


def along(path: Iterable[str | int]) -> str:
    """The pointer along these parts."""
    steps = accumulate(f"/{_escaped(str(part))}" for part in path)
    return max(takewhile(lambda way: len(way) <= LONGEST_POINTER, steps), key=len, default="")


def named(path: Iterable[str | int]) -> str:
    """The field's name, such as `jobs.0.title`."""
    return ".".join(str(part)[:LONGEST_NAME] for part in path)


def _way(value: Any, steps: Sequence[str]) -> str:
    if not steps:
        return ""
    if known := _named(value, steps):
        name = ".".join(steps[:known])
        inside = value[name] if isinstance(value, dict) else value[int(name)]
        return f"/{_escaped(name)}{_way(inside, steps[known:])}"
    return f"/{_escaped(steps[0])}" if isinstance(value, dict) and len(steps) == 1 else ""


def _named(value: Any, steps: Sequence[str]) -> int:
    """How many of these steps name one part of the value: a name may hold dots itself; 0 if there is no such part."""
    if isinstance(value, list):
        return int(steps[0] in map(str, range(len(value))))
    if not isinstance(value, dict):
        return 0
    return next((count for count in range(len(steps), 0, -1) if ".".join(steps[:count]) in value), 0)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def standing(path: Sequence[str | int], body: Any, *, missing: bool) -> tuple[str | int, ...]:
    """What of a path of pydantic's stands in the body: it also says which branch of a union, or which key, it means.

    missing: the last part is what is not there.
    """
    found: list[str | int] = []
    for part in path:
        if _holds(body, part):
            body = body[part]
            found.append(part)
    return (*found, path[-1]) if missing else tuple(found)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value
