"""What counts of a form's values, as data: numbers are numbers, and what does not apply is gone."""

from typing import Any, Final

import jsonschema_rs
import pytest
from pydantic import TypeAdapter

from shared.model.schemas import OPEN
from shared.vocabulary.fields import COUNTRIES, Entries, Field, Option, display
from shared.vocabulary.fields.typed import shape_of, typed

COLOURS: Final = (Option("red", "Red"), Option("blue", "Blue"))
HEIGHT: Final = Field("height", "Height", "number")
FIELDS: Final = (
    Field("name", "Name"),
    Field("born", "Born", "date"),
    HEIGHT,
    Field("happy", "Happy?", "yesno"),
    Field("why", "Why", "textarea", when=("happy", ("yes",))),
    Field("colour", "Colour", "choice", options=COLOURS),
    Field("colours", "Colours", "choices", options=COLOURS),
    Field("country", "Country", "lookup", options=COUNTRIES),
    Entries("pets", "Pets", "Pet", (Field("name", "Name"), Field("legs", "Legs", "number"))),
)
SCHEMA: Final = TypeAdapter(shape_of("Somebody", FIELDS)).json_schema()


@pytest.mark.parametrize(
    ("values", "data"),
    [
        ({"height": "180"}, {"height": 180}),
        ({"height": " 1,5 "}, {"height": 1.5}),
        ({"height": "0"}, {"height": 0}),
        ({"born": " 2026-01-31 "}, {"born": "2026-01-31"}),
        ({"name": " Anna "}, {"name": " Anna "}),
        ({"name": "  ", "height": "", "colours": [], "born": None}, {}),
        ({"happy": "no", "why": "it was so once"}, {"happy": "no"}),
        ({"why": "nobody asked"}, {}),
        ({"happy": "yes", "why": "so"}, {"happy": "yes", "why": "so"}),
        ({"colours": ["red", "blue"]}, {"colours": ["red", "blue"]}),
        ({"pets": []}, {"pets": []}),
        ({"pets": [{"name": "Rex", "legs": "4"}, {"name": ""}]}, {"pets": [{"name": "Rex", "legs": 4}, {}]}),
        ({"gone": "a field of an earlier version"}, {}),
    ],
)
def test_what_counts_is_data_that_its_shape_takes_and_stays_as_it_is(
    values: dict[str, Any], data: dict[str, Any]
) -> None:
    assert typed(FIELDS, values) == data
    assert typed(FIELDS, data) == data
    jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).validate(data)


@pytest.mark.parametrize(
    "number", ["many", "inf", "nan", "1e999", "1e300", "99999999999999999999", "9007199254740993", "1_000"]
)
def test_what_a_draft_has_that_is_no_number_stays_as_it_was_typed(number: str) -> None:
    assert typed(FIELDS, {"height": number}) == {"height": number}
    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid({"height": number})


def test_the_shape_says_what_each_field_holds_and_which_lists_are_open() -> None:
    fields = SCHEMA["properties"]
    assert fields["colour"] == {
        "description": "Colour.", "title": "Colour", "type": "string", OPEN: ["red", "blue"],
    }  # fmt: skip
    assert fields["happy"]["enum"] == ["yes", "no"]
    assert fields["why"]["description"] == "Why (only if happy is yes)."
    assert fields["country"]["description"] == "Country: a code of the list countries."
    assert "required" not in SCHEMA


def test_a_number_is_read_as_the_language_writes_it() -> None:
    assert [display(HEIGHT, value, "fr", str) for value in (1.5, 180, "1,5")] == ["1,5", "180", "1,5"]
    assert display(HEIGHT, 1.5, "en", str) == "1.5"
