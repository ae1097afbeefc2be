"""Events to JSON and back. Old versions are lifted by pure upcasters over raw dictionaries, so they decode for ever."""

from collections.abc import Collection, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from shared.model.message import Event, Position, Recorded, Upcasters


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

    def knows(self, type_name: str) -> bool:
        return type_name in self._types

    def decode(self, raw: Raw) -> Recorded[Any]:
        """The event in its envelope; raises CannotDecode."""
        return Recorded(
            self.data(raw.type, raw.schema_version, raw.data), raw.id, raw.stream, raw.version, raw.position,
            raw.at, raw.correlation, raw.causation, raw.actor, raw.trace,
        )  # fmt: skip

    def data(self, type_name: str, schema_version: int, data: str | bytes) -> Event:
        """The event itself; raises CannotDecode, naming type and version but never the data, which may be personal."""
        model = self._types.get(type_name)
        if model is None or schema_version > model.schema_version:
            raise CannotDecode(f"{type_name} version {schema_version} is unknown here, or newer than this code")
        try:
            if schema_version == model.schema_version:
                return model.model_validate_json(data)
            return model.model_validate(self._lift(type_name, schema_version, model.schema_version, orjson.loads(data)))
        except ValueError as error:
            fields = ", ".join(".".join(map(str, e["loc"])) for e in getattr(error, "errors", list)()) or "not JSON"
            raise CannotDecode(f"{type_name} version {schema_version}: {fields}") from None

    def _lift(self, type_name: str, version: int, target: int, data: dict[str, Any]) -> dict[str, Any]:
        for step in range(version, target):
            upcaster = self._upcasters.get((type_name, step))
            if upcaster is None:
                raise CannotDecode(f"no upcaster from {type_name} version {step} to {step + 1}")
            data = upcaster(data)
        return data


def encode(event: Event) -> str:
    """The event's data as JSON text."""
    return event.model_dump_json()


def redacted(data: str | bytes, hidden: Collection[str]) -> bytes:
    """An event's JSON with these fields emptied: every text, list and number in them, but not their shape, is gone.

    So every reader still decodes it, an older one too.
    """
    fields = orjson.loads(data)
    return orjson.dumps({name: _emptied(value) if name in hidden else value for name, value in fields.items()})


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(inner) for name, inner in value.items()}
    return type(value)()
