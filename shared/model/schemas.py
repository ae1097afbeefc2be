"""What an event looks like when it leaves: its JSON Schema (2020-12), made from the model, without what is personal."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.model.message import PART, Event, Published, personal_fields

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
OPEN: Final = "x-extensible-enum"
"""Lists the values that there are now of a text that may have others later."""
_PART: Final = (
    "All that is about a person, encrypted for our own services under a key that erasure destroys; absent where there"
    " is nothing."
)
_FETCHED: Final = " Who may read it fetches it from `ce_dataref`."


class Untitled(GenerateJsonSchema):
    """Without titles that only repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


class SchemaOf:
    """In an annotation: the value is a plain object that is kept as it is, and documented as this shape."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(core_schema.chain_schema([TypeAdapter(self.shape).core_schema]))  # So it is a named definition.


def schema_of(event: type[Event], *, redacted: bool = False) -> dict[str, Any]:
    """The schema of the event's data as it leaves. redacted: what is personal in it does not, not even encrypted."""
    schema: dict[str, Any] = event.model_json_schema(schema_generator=Untitled, mode=_MODE)
    personal = personal_fields(event)
    fields = {name: of for name, of in schema.get("properties", {}).items() if name not in personal}
    if personal and not redacted:
        fields[PART] = {"description": f"{_PART}{_FETCHED if event.dataref else ''}", "type": "string"}
    required = [name for name in schema.get("required", ()) if name not in personal]
    schema |= {"$schema": DIALECT, "properties": fields, "required": required}
    schema["$defs"] = {name: of for name, of in schema.get("$defs", {}).items() if name in _reached(schema, fields)}
    return {name: schema[name] for name in _ORDER if name in schema and (name != "$defs" or schema[name])}


_MODE: Final[JsonSchemaMode] = "serialization"
_ORDER: Final = ("$schema", "title", "description", "type", "properties", "required", "$defs")


def schemas_of(published: Published) -> dict[str, dict[str, Any]]:
    """By event type, the schema of its present version."""
    return {event.__name__: schema_of(event, redacted=event in published.redacted) for event in published.events}


def _reached(schema: dict[str, Any], part: Any) -> set[str]:
    """The definitions that this part refers to, directly or through others."""
    found: set[str] = set()
    waiting = list(references(part))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(schema["$defs"][name])
    return found


def references(part: Any) -> Iterator[str]:
    """The names of the definitions that a part of a schema refers to itself."""
    if isinstance(part, dict):
        if isinstance(name := part.get("$ref"), str):
            yield name.rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def fields_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field in a schema, with its path, at any depth."""
    for name, part in [("", schema), *schema.get("$defs", {}).items()]:
        yield from _fields(part, name)


def _fields(part: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, list):
        for inner in part:
            yield from _fields(inner, path)
    if isinstance(part, dict):
        for name, field in part.get("properties", {}).items():
            where = f"{path}.{name}".lstrip(".")
            yield where, field
            yield from _fields(field, where)
        for key in ("items", "additionalProperties", "anyOf", "allOf", "prefixItems"):
            yield from _fields(part.get(key), path)
