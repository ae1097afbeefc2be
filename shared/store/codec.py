"""Events to JSON and back. Old versions are lifted by pure upcasters over raw dictionaries, so they decode for ever."""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from shared.model.emptied import emptied_fields
from shared.model.message import PART, Event, Position, Recorded, Upcasters, personal_fields


class Raw(NamedTuple):
    """An event as it is stored or carried, not yet decoded. `data` is JSON text; `source` the recording service."""

    id: UUID
    stream: str
    version: int
    type: str
    schema_version: int
    data: str | bytes
    correlation: UUID
    causation: UUID | None
    actor: str
    trace: str
    at: datetime
    position: Position
    source: str = ""


_VALUES: Final = itemgetter(*Raw._fields[:-2])
_POSITION: Final = itemgetter(*Position._fields)


def raw_of(row: Any, source: str) -> Raw:
    """A row with the columns of `events`, `data` as text, as an undecoded event."""
    return Raw._make((*_VALUES(row), Position._make(_POSITION(row)), source))


class CannotDecode(Exception):
    """An event that this version of the code cannot read: a newer schema version, or data that do not fit it."""


class Codec:
    """Decodes the events of one service, or of those it consumes. `knows` tells which types it can decode."""

    def __init__(self, events: Iterable[type[Event]], upcasters: Upcasters | None = None) -> None:
        self._types = {event.__name__: event for event in events}
        self._upcasters = dict(upcasters or {})
        self._personal = frozenset(name for name, event in self._types.items() if personal_fields(event))

    def knows(self, type_name: str) -> bool:
        return type_name in self._types

    def is_personal(self, type_name: str) -> bool:
        """Whether events of this type have personal fields, for which a key is needed."""
        return type_name in self._personal

    def decode(self, raw: Raw) -> Recorded[Any]:
        """An event in which nothing is encrypted, in its envelope; raises CannotDecode."""
        return _recorded(raw, self.data(raw.type, raw.schema_version, raw.data))

    def decode_fields(self, raw: Raw, fields: dict[str, Any], *, erased: bool = False) -> Recorded[Any]:
        """An event of which the personal fields stand among the others, or are gone; raises CannotDecode.

        Those that are not there are empty in their shape; of what is erased, for upcasters too.
        """
        model = self._model(raw.type, raw.schema_version)
        try:
            empty = emptied_fields(model)
            there = {**empty, **fields} if erased else fields
            lifted = self._lift(raw.type, raw.schema_version, model.schema_version, there)
            data = model.model_validate({**empty, **lifted})
        except ValueError as error:
            raise _unreadable(raw.type, raw.schema_version, error) from None
        return _recorded(raw, data, erased=erased)

    def data(self, type_name: str, schema_version: int, data: str | bytes) -> Event:
        """The event itself; raises CannotDecode, naming type and version but never the data, which may be personal."""
        model = self._model(type_name, schema_version)
        try:
            if schema_version == model.schema_version:
                return model.model_validate_json(data)
            return model.model_validate(self._lift(type_name, schema_version, model.schema_version, orjson.loads(data)))
        except ValueError as error:
            raise _unreadable(type_name, schema_version, error) from None

    def _model(self, type_name: str, schema_version: int) -> type[Event]:
        model = self._types.get(type_name)
        if model is None or schema_version > model.schema_version:
            raise CannotDecode(f"{type_name} version {schema_version} is unknown here, or newer than this code")
        return model

    def _lift(self, type_name: str, version: int, target: int, data: dict[str, Any]) -> dict[str, Any]:
        for step in range(version, target):
            upcaster = self._upcasters.get((type_name, step))
            if upcaster is None:
                raise CannotDecode(f"no upcaster from {type_name} version {step} to {step + 1}")
            data = upcaster(data)
        return data


def _recorded(raw: Raw, data: Event, *, erased: bool = False) -> Recorded[Any]:
    return Recorded(
        data, raw.id, raw.stream, raw.version, raw.position, raw.at, raw.correlation, raw.causation, raw.actor,
        raw.trace, erased,
    )  # fmt: skip


def _unreadable(type_name: str, version: int, error: ValueError) -> CannotDecode:
    fields = ", ".join(".".join(map(str, e["loc"])) for e in getattr(error, "errors", list)()) or "not JSON"
    return CannotDecode(f"{type_name} version {version}: {fields}")


def encode(event: Event, but: AbstractSet[str] = frozenset()) -> str:
    """The event's data as JSON text, without some fields."""
    return event.model_dump_json(exclude=but)  # type: ignore[arg-type] # it takes any set


def without(data: str | bytes, hidden: Collection[str]) -> bytes:
    """An event's JSON without these fields and without its personal part."""
    fields = orjson.loads(data)
    return orjson.dumps({name: value for name, value in fields.items() if name not in hidden and name != PART})
