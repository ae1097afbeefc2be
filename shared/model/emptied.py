"""What stands in place of personal fields that nobody can read any more: values that are empty, but of their shape."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from shared.model.message import personal_fields

_PLAIN: Final[Mapping[type, Any]] = {
    bool: False,
    int: 0,
    float: 0.0,
    str: "",
    UUID: str(UUID(int=0)),
    datetime: "0001-01-01T00:00:00+00:00",
    date: "0001-01-01",
}
"""Of a type and those derived from it, as JSON has it; the more special ones come first."""
_LISTS: Final = (list, tuple, set, frozenset)


@cache
def emptied_fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """The model's personal fields without a default, each with an empty value as JSON has it; not to be changed."""
    return _of(model, personal_fields(model))


def _of(model: type[BaseModel], names: frozenset[str]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {name: _empty(field.annotation) for name, field in fields if name in names and field.is_required()}


def _empty(annotation: Any) -> Any:
    """Raises TypeError for a type that has no empty value."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _empty(args[0])
    if origin is Literal:
        return args[0]
    if origin in (Union, UnionType):
        return None if NoneType in args else _empty(args[0])
    return _of_type(origin or annotation)


def _of_type(kind: Any) -> Any:
    if issubclass(kind, BaseModel):
        return _of(kind, frozenset(kind.model_fields))
    if issubclass(kind, Enum):
        return next(iter(kind)).value
    if issubclass(kind, Mapping):
        return {}
    if issubclass(kind, _LISTS):
        return []
    found = [value for known, value in _PLAIN.items() if issubclass(kind, known)]
    if not found:
        raise TypeError(f"{kind.__name__} has no empty value: a personal field cannot hold it")
    return found[0]
