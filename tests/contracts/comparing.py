"""What a change of a schema does to those who read: old readers take new data, new readers take old data, or not.

Exact over the part of JSON Schema that pydantic writes; whatever else differs counts as another type. A closed writer
is compared with an open reader: fields that a reader does not know never hurt it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from shared.model.schemas import OPEN

Schema = Mapping[str, Any]

_BESIDE: Final = "Leave it as it is and add an optional field beside it, or raise schema_version and add an upcaster."
_REMOVED: Final = "Keep it, or raise schema_version and add an upcaster that leaves it out."


class Kind(StrEnum):
    """How a field changed, with what it means and what to do instead."""

    why: str
    instead: str

    def __new__(cls, words: str, why: str, instead: str) -> Self:
        self = str.__new__(cls, words)
        self._value_, self.why, self.instead = words, why, instead
        return self

    RENAMED = (
        "was renamed",
        "readers find it no more",
        "Keep the old name, or raise schema_version and add an upcaster.",
    )
    REMOVED = "was removed", "readers find it no more", _REMOVED
    ENCRYPTED = (
        "is personal now",
        "it leaves encrypted, and readers find it no more",
        "Leave it as it is, or name it in contracts/personal.json with the reason why it has to be.",
    )
    NEWLY_REQUIRED = (
        "is newly required",
        "what was written before lacks it",
        "Give it a default, or raise schema_version and add an upcaster that fills it in.",
    )
    NO_LONGER_REQUIRED = "is no longer required", "readers count on it", "Go on requiring it; " + _BESIDE.lower()
    NULLABLE = "can be null", "readers do not expect that", _BESIDE
    NOT_NULLABLE = "can no longer be null", "what was written before may be null", _BESIDE
    WIDENED = "holds more than it did", "readers do not expect that", _BESIDE
    NARROWED = "holds less than it did", "what was written before may hold the rest", _BESIDE
    RETYPED = "is of another type", "neither reads what the other writes", _BESIDE
    NEW_VALUE = (
        "has new values",
        "readers do not know them",
        "Say it in a new event type or in an optional field, or raise schema_version and add an upcaster.",
    )


class Change(NamedTuple):
    """One change, at a path like `VacancyPublished.questions[].type`."""

    path: str
    kind: Kind
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.path} {self.kind}{detail}: {self.kind.why}. {self.kind.instead}"


class Part(NamedTuple):
    """A part of a schema, with the definitions that it refers to."""

    schema: Schema
    definitions: Schema

    def at(self, schema: Any) -> "Part":
        return Part(schema if isinstance(schema, Mapping) else {}, self.definitions)

    def resolved(self) -> "Part":
        """With what it refers to in its place."""
        part = self.schema
        while (reference := part.get("$ref")) or len(part.get("allOf", ())) == 1:
            rest = {name: value for name, value in part.items() if name not in ("$ref", "allOf")}
            named = self.definitions[reference.rpartition("/")[2]] if reference else part["allOf"][0]
            part = {**named, **rest}
        return Part(part, self.definitions)


def changes(old: Schema, new: Schema, path: str) -> list[Change]:
    """All changes that matter to somebody, of a whole schema with its `$defs`."""
    return list(compared(Part(old, old.get("$defs", {})), Part(new, new.get("$defs", {})), path, ()))


def compared(old: Part, new: Part, path: str, seen: tuple[Any, ...]) -> Iterator[Change]:
    """The changes of one part. seen: the pairs of references on the way here, for definitions that hold themselves."""
    here = (old.schema.get("$ref"), new.schema.get("$ref"))
    if all(here) and here in seen:
        return
    seen = (*seen, here)
    before, after = _alternatives(old), _alternatives(new)
    yield from _nullability("null" in before, "null" in after, path)
    before.pop("null", None)
    after.pop("null", None)
    shared = before.keys() & after.keys()
    kind = _difference(before.keys(), after.keys())
    if kind:
        yield Change(path, kind, f"{_listed(before)} → {_listed(after)}")
    for name in sorted(shared):
        yield from _same_type(before[name], after[name], path, seen)


def _alternatives(part: Part) -> dict[str, Part]:
    """What the data may be, by type; of several of one type, each by its name, or else by all that is said of it."""
    resolved = part.resolved()
    choices = resolved.schema.get("anyOf") or resolved.schema.get("oneOf")
    if choices:
        inner = [(each, *found) for each in choices for found in _alternatives(part.at(each)).items()]
        counted = Counter(name for _, name, _ in inner)
        return {name if counted[name] == 1 else f"{name} {_name(each, of)}": of for each, name, of in inner}
    types = resolved.schema.get("type")
    if types is None:
        types = sorted({_type_of(value) for value in _values(resolved.schema) or ()}) or "anything"
    return dict.fromkeys([types] if isinstance(types, str) else types, resolved)


def _name(alternative: Schema, part: Part) -> str:
    exact = {name: of for name, of in part.schema.items() if name not in _TOLD}
    return str(alternative.get("$ref", "")).rpartition("/")[2] or json.dumps(exact, sort_keys=True)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
    return kinds.get(type(value), "object")


def _nullability(before: bool, after: bool, path: str) -> Iterator[Change]:
    if before != after:
        yield Change(path, Kind.NULLABLE if after else Kind.NOT_NULLABLE)


def _difference(before: Iterable[str], after: Iterable[str]) -> Kind | None:
    """From one set of types to another; an integer is a number too, and anything is everything."""
    old, new = ({"number", "integer"} | {*types} if "number" in types else {*types} for types in (before, after))
    if old == new:
        return None
    if old < new or "anything" in new:
        return Kind.WIDENED
    return Kind.NARROWED if new < old or "anything" in old else Kind.RETYPED


LONGEST: Final = 60
"""Of the name of a type in a sentence."""


def _listed(names: Iterable[str]) -> str:
    return " or ".join(name if len(name) < LONGEST else f"{name[:LONGEST]}…" for name in sorted(names)) or "null"


def _same_type(old: Part, new: Part, path: str, seen: tuple[Any, ...]) -> Iterator[Change]:
    yield from _enumerated(old.schema, new.schema, path)
    yield from _bounded(old.schema, new.schema, path)
    for name in sorted({*old.schema, *new.schema} - _KNOWN):
        if not name.startswith("x-") and old.schema.get(name) != new.schema.get(name):
            yield Change(path, Kind.RETYPED, name)
    yield from _fields(old, new, path, seen)
    for name, where in (("items", f"{path}[]"), ("additionalProperties", f"{path}[…]")):
        yield from _inner(old, new, name, where, seen)


_TOLD: Final = frozenset(("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"))
"""What only tells people."""
_KNOWN: Final = _TOLD | frozenset(
    (
        *("$schema", "$id", "$defs", "$ref", "type", "enum", "const", "format"),
        *("properties", "required", "items", "additionalProperties", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems"),
    )
)
"""And what is compared, word by word."""


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _enumerated(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = _values(old), _values(new)
    if before is None and after is None:
        return
    if before is None or after is None:
        kind = Kind.NARROWED if before is None else Kind.WIDENED
        yield Change(path, kind, "any value → listed ones" if before is None else "listed values → any")
        return
    known, said = ({json.dumps(value) for value in values} for values in (before, after))
    if added := sorted(said - known):
        yield Change(path, Kind.NEW_VALUE, ", ".join(added))
    if gone := sorted(known - said):
        yield Change(path, Kind.NARROWED, f"without {', '.join(gone)}")


def _bounded(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = old.get("format"), new.get("format")
    if before != after:
        kind = Kind.RETYPED if before and after else Kind.NARROWED if after else Kind.WIDENED
        yield Change(path, kind, f"{before or 'any text'} → {after or 'any text'}")
    for names, sign in ((_LEAST, 1), (_MOST, -1)):
        for name in names:
            was, now = old.get(name), new.get(name)
            if was != now:
                tighter = was is None or (now is not None and (now - was) * sign > 0)
                yield Change(path, Kind.NARROWED if tighter else Kind.WIDENED, f"{name} {was} → {now}")
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        yield Change(path, Kind.NARROWED if new.get("uniqueItems") else Kind.WIDENED, "uniqueItems")


_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def _fields(old: Part, new: Part, path: str, seen: tuple[Any, ...]) -> Iterator[Change]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    asked, asks = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    renamed = dict(_renamed(before, after))
    yield from (Change(f"{path}.{name}", Kind.RENAMED, f"→ {other}") for name, other in renamed.items())
    gone = [name for name in before if name not in after and name not in renamed]
    yield from (Change(f"{path}.{name}", Kind.REMOVED) for name in gone)
    come = {name for name in after if name not in before and name not in renamed.values()}
    yield from (Change(f"{path}.{name}", Kind.NEWLY_REQUIRED) for name in sorted(come & asks))
    for name in before:
        if name in after:
            if (name in asked) != (name in asks):
                yield Change(f"{path}.{name}", Kind.NEWLY_REQUIRED if name in asks else Kind.NO_LONGER_REQUIRED)
            yield from compared(old.at(before[name]), new.at(after[name]), f"{path}.{name}", seen)


def _renamed(before: Schema, after: Schema) -> Iterator[tuple[str, str]]:
    """What is gone, with what came that looks the same."""
    come = [name for name in after if name not in before]
    for name in before:
        if name not in after:
            same = next((other for other in come if _bare(before[name]) == _bare(after[other])), None)
            if same:
                come.remove(same)
                yield name, same


def _bare(schema: Schema) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("title", "description", "default", OPEN)}


def _inner(old: Part, new: Part, name: str, path: str, seen: tuple[Any, ...]) -> Iterator[Change]:
    before, after = (part.schema.get(name, True) for part in (old, new))
    if before == after and isinstance(before, bool):
        return
    if isinstance(before, bool) or isinstance(after, bool):
        narrower = before is True or after is False
        yield Change(path, Kind.NARROWED if narrower else Kind.WIDENED)
        return
    yield from compared(old.at(before), new.at(after), path, seen)
