"""What a change of an OpenAPI document does to clients that were written before."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.contracts.comparing import Change, Kind, Part, compared

METHODS: Final = ("get", "put", "post", "delete", "patch")
SENT: Final = frozenset(Kind) - {Kind.NO_LONGER_REQUIRED, Kind.NULLABLE, Kind.WIDENED, Kind.NEW_VALUE}
"""What hurts in what clients send."""
ANSWERED: Final = frozenset(Kind) - {Kind.NEWLY_REQUIRED, Kind.NOT_NULLABLE, Kind.NARROWED}
"""What hurts in what they are answered."""

Document = Mapping[str, Any]


def operation_changes(old: Document, new: Document) -> Iterator[str]:
    """A sentence for each change that a client of before stumbles over."""
    for path, methods in old["paths"].items():
        for method in methods.keys() & set(METHODS):
            name, now = f"{method.upper()} {path}", new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{name} is gone: clients call it. Keep it, and add the new one beside it."
            else:
                yield from map(_words, _operation(name, Part(methods[method], _schemas(old)), Part(now, _schemas(new))))


def _words(change: Change) -> str:
    detail = f" ({change.detail})" if change.detail else ""
    return f"{change.path} {change.kind}{detail}: clients of before stumble over it. Leave it as it is and add to it."


def _operation(name: str, old: Part, new: Part) -> Iterator[Change]:
    yield from _parameters(name, old, new)
    before, after = (_json(part.schema.get("requestBody", {})) for part in (old, new))
    if before is not None and after is not None:
        yield from _hurting(SENT, old.at(before), new.at(after), f"{name} body")
    if after is not None and before is None and new.schema["requestBody"].get("required"):
        yield Change(f"{name} body", Kind.NEWLY_REQUIRED)
    for status, answer in old.schema["responses"].items():
        if status.startswith("2"):
            now = new.schema["responses"].get(status)
            if now is None:
                yield Change(f"{name} answer {status}", Kind.REMOVED)
            elif (was := _json(answer)) is not None:
                yield from _hurting(ANSWERED, old.at(was), new.at(_json(now)), f"{name} answer {status}")


def _parameters(name: str, old: Part, new: Part) -> Iterator[Change]:
    before, after = (
        {(each["name"], each["in"]): each for each in part.schema.get("parameters", ())} for part in (old, new)
    )
    for key, was in before.items():
        where = f"{name} {key[1]} {key[0]}"
        if key not in after:
            yield Change(where, Kind.REMOVED)
            continue
        if after[key].get("required") and not was.get("required"):
            yield Change(where, Kind.NEWLY_REQUIRED)
        yield from _hurting(SENT, old.at(was.get("schema")), new.at(after[key].get("schema")), where)
    for key in after.keys() - before.keys():
        if after[key].get("required"):
            yield Change(f"{name} {key[1]} {key[0]}", Kind.NEWLY_REQUIRED)


def _json(holder: Document) -> Any:
    return holder.get("content", {}).get("application/json", {}).get("schema")


def _hurting(kinds: frozenset[Kind], old: Part, new: Part, path: str) -> Iterator[Change]:
    yield from (change for change in compared(old, new, path, ()) if change.kind in kinds)


def _schemas(document: Document) -> Document:
    found: Document = document.get("components", {}).get("schemas", {})
    return found
