"""What the comparison sees of unions and of words that it does not know, and what clients of HTTP stumble over."""

import json
from typing import Any, Final

import jsonschema_rs
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as some

from tests.contracts.comparing import Kind, changes
from tests.contracts.gate import kept
from tests.contracts.operations import operation_changes

LEAVES: Final = [
    {"type": "string"},
    {"type": "string", "format": "date"},
    {"type": "string", "maxLength": 1},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "string", "enum": ["a"]},
    {"type": "string", "const": "a"},
    {"type": "integer"},
    {"type": "integer", "minimum": 1},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"$ref": "#/$defs/Named"},
    {},
]
VALUES: Final = [None, True, 0, 1, 1.5, "a", "b", "bb", "2026-11-28", [], ["a"], [1], {}, {"name": "a"}, {"name": 1}]
DEFINITIONS: Final = [{"type": "object", "properties": {"name": {"type": of}}} for of in ("string", "integer")]


def schemas() -> some.SearchStrategy[dict[str, Any]]:
    """Schemas of one field, of the kinds that pydantic writes."""
    leaf = some.sampled_from(LEAVES)
    value = some.one_of(
        leaf,
        some.lists(leaf, min_size=2, max_size=3).map(lambda each: {"anyOf": each}),
        leaf.map(lambda each: {"type": "array", "items": each}),
        leaf.map(lambda each: {"type": "object", "additionalProperties": each}),
    )
    return some.builds(
        lambda of, required, named: {
            "type": "object",
            "properties": {"value": of},
            "required": ["value"] if required else [],
            "$defs": {"Named": named},
        },
        value,
        some.booleans(),
        some.sampled_from(DEFINITIONS),
    )


def accepts(schema: dict[str, Any]) -> list[bool]:
    """Which of all data with and without the field it takes."""
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    return [validator.is_valid(each) for each in ({}, *({"value": value} for value in VALUES))]


@forall(schemas(), schemas())
@settings(max_examples=300)
def test_where_no_change_is_told_either_takes_what_the_other_does(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changes(old, old, "Thing") == []
    if not changes(old, new, "Thing"):
        assert accepts(old) == accepts(new)


def either(*schemas: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"value": {"anyOf": [*schemas]}}}


def test_of_several_objects_each_is_compared() -> None:
    one, other, third = ({"type": "object", "properties": {name: {"type": "string"}}} for name in "abc")
    assert changes(either(one, other), either(other, one), "Thing") == []
    assert [each.kind for each in changes(either(one, other), either(one, other, third), "Thing")] == [Kind.WIDENED]
    assert [each.kind for each in changes(either(one, other), either(one, third), "Thing")] == [Kind.RETYPED]


def test_of_several_named_objects_one_may_have_an_optional_field_more() -> None:
    one, other = ({"type": "object", "properties": {name: {"type": "string"}}} for name in "ab")
    more = {"type": "object", "properties": {**one["properties"], "c": {"type": "string"}}}  # type: ignore[dict-item]
    named = either({"$ref": "#/$defs/One"}, {"$ref": "#/$defs/Other"})
    before, after = ({**named, "$defs": {"One": of, "Other": other}} for of in (one, more))
    assert changes(before, after, "Thing") == []
    assert [str(each).partition(":")[0] for each in changes(after, before, "Thing")] == ["Thing.value.c was removed"]


@pytest.mark.parametrize("word", ["pattern", "prefixItems", "propertyNames", "allOf"])
def test_what_the_gate_does_not_know_counts_as_a_change(word: str) -> None:
    old, new = ({"properties": {"value": {"type": "string", word: [of, of]}}} for of in ({"a": 1}, {"a": 2}))
    assert [str(each).partition(":")[0] for each in changes(old, new, "Thing")] == [
        f"Thing.value is of another type ({word})"
    ]


def changed_openapi(edit: Any) -> list[str]:
    old = kept("vacancies")["openapi.json"]
    new = json.loads(json.dumps(old))
    edit(new)
    return [*operation_changes(old, new)]


def test_an_operation_that_went_or_asks_for_more_or_answers_less_is_told() -> None:
    path = "/vacancies/api/vacancies"

    def gone(document: dict[str, Any]) -> None:
        del document["paths"][path]["get"]

    def asks(document: dict[str, Any]) -> None:
        document["paths"][path]["get"]["parameters"].append({"name": "who", "in": "query", "required": True})

    def answers(document: dict[str, Any]) -> None:
        del document["components"]["schemas"]["Results"]["properties"]["total"]

    def more(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Results"]["properties"]["pages"] = {"type": "integer"}

    assert [each.partition(":")[0] for edit in (gone, asks, answers, more) for each in changed_openapi(edit)] == [
        f"GET {path} is gone",
        f"GET {path} query who is newly required",
        f"GET {path} answer 200.total was removed",
    ]
