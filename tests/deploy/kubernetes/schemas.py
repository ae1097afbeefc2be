"""JSON Schemas of the kinds that we use, strict: derived from what the API server publishes, kept beside this file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

FOLDER: Final = Path(__file__).with_name("schemas")
REF: Final = "#/components/schemas/"
JUNCTORS: Final = ("allOf", "anyOf", "oneOf", "not")
KEPT: Final = {
    "type", "enum", "required", "pattern", "items", "minimum", "maximum", "minItems", "maxItems", "minLength",
    "maxLength", "minProperties", "maxProperties", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
}  # fmt: skip

Schema = dict[str, Any]
Kind = tuple[str, str]
"""apiVersion and kind."""


def kind_of(manifest: Mapping[str, Any]) -> Kind:
    return manifest["apiVersion"], manifest["kind"]


def file_of(kind: Kind) -> Path:
    version, name = kind
    return FOLDER / f"{name.lower()}-{version.replace('/', '-')}.json"


def problems(manifest: Mapping[str, Any]) -> list[str]:
    """What is wrong with it, each with its place; a kind without a schema is wrong too."""
    file = file_of(kind_of(manifest))
    if not file.exists():
        return [f"{file.name} is missing: `make kubernetes` writes it"]
    errors = _validator(file).iter_errors(manifest)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


@cache
def _validator(file: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(file.read_text()))


def derived(kinds: Iterable[Kind], ask: Callable[[str], str]) -> dict[Path, str]:
    """The files' texts. ask: the answer of the API server at a path."""
    documents: dict[str, Schema] = {}
    texts = {}
    for version, kind in sorted(set(kinds)):
        if version not in documents:
            place = f"apis/{version}" if "/" in version else f"api/{version}"
            documents[version] = json.loads(ask(f"/openapi/v3/{place}"))["components"]["schemas"]
        schema = _schema((version, kind), documents[version])
        texts[file_of((version, kind))] = json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n"
    return texts


def _schema(kind: Kind, known: Mapping[str, Schema]) -> Schema:
    """Of one kind, with all that it refers to; what only a cluster writes is left out."""
    top = next(name for name, schema in known.items() if kind in _kinds(schema))
    names, new = set[str](), {top}
    while new:
        names |= new
        new = {each for name in new for each in _referred(_without_status(known[name]))} - names
    definitions = {name: strict(_without_status(known[name])) for name in names - {top}}
    itself = strict(_without_status(known[top]))
    itself["properties"] |= {"apiVersion": {"const": kind[0]}, "kind": {"const": kind[1]}}
    itself["required"] = sorted({*itself.get("required", ()), "apiVersion", "kind", "metadata"})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions, **itself}


def _kinds(schema: Schema) -> Iterator[Kind]:
    for each in schema.get("x-kubernetes-group-version-kind", ()):
        yield "/".join(filter(None, (each["group"], each["version"]))), each["kind"]


def _without_status(schema: Schema) -> Schema:
    written = {"status", "managedFields"}
    return schema | {"properties": {k: v for k, v in schema.get("properties", {}).items() if k not in written}}


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix(REF)
        for each in value.values():
            yield from _referred(each)
    elif isinstance(value, list):
        for each in value:
            yield from _referred(each)


def strict(schema: Schema, *, closed: bool = True) -> Schema:
    """The same for JSON Schema 2020-12; where properties are declared, no other is allowed.

    closed: False below a junctor, whose properties are some among those that stand beside it.
    """
    if "$ref" in schema:
        return {"$ref": "#/$defs/" + schema["$ref"].removeprefix(REF)}
    made = {name: value for name, value in schema.items() if name in KEPT}
    if "items" in schema:
        made["items"] = strict(schema["items"], closed=closed)
    if schema.get("properties"):
        made["properties"] = {name: strict(each, closed=closed) for name, each in schema["properties"].items()}
    _others(made, schema, closed=closed)
    for name in JUNCTORS:
        if name in schema:
            made[name] = _junction(schema[name], closed=closed and name == "allOf" and "properties" not in schema)
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _junction(value: Any, *, closed: bool) -> Any:
    return [strict(each, closed=closed) for each in value] if isinstance(value, list) else strict(value, closed=closed)


def _others(made: Schema, schema: Schema, *, closed: bool) -> None:
    """What may stand beside the properties that are declared."""
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = strict(schema["additionalProperties"], closed=closed)
    elif closed and schema.get("properties") and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
