"""Messages: what is misspelt fails where it is written, what is unknown is passed over where it is read."""

import json
from typing import Any
from uuid import UUID

import pytest

from shared.model.message import (
    OWN,
    Command,
    Event,
    Message,
    Personal,
    Published,
    derived_id,
    new_id,
    personal_fields,
)
from shared.model.testing import recorded

FACT = UUID(int=7)


class Address(Message):
    """Part of a fact."""

    town: Personal[str]


class Moved(Event):
    """A fact with personal fields."""

    whose = OWN

    to: Personal[Address]
    count: int = 0


class Leave(Command):
    """A wish."""

    reason: str = ""


class Stayed(Event):
    """A fact that never leaves."""


PUBLISHED = Published("people", {"person": (Moved,), "house": (Stayed,)}, redacted=(Moved,))


@pytest.mark.parametrize(
    ("kind", "fields", "unknown"),
    [
        (Moved, {"to": Address(town="Tunis"), "cuont": 3}, "cuont"),
        (Address, {"town": "Tunis", "zip": "1000"}, "zip"),
        (Leave, {"reasn": "", "whn": 1}, "reasn, whn"),
    ],
)
def test_a_message_is_not_made_with_a_field_that_it_does_not_have(
    kind: type[Message], fields: dict[str, Any], unknown: str
) -> None:
    with pytest.raises(TypeError, match=f"^{kind.__name__} has no field {unknown}$"):
        kind(**fields)


def test_a_reader_passes_over_the_fields_of_a_newer_writer_at_every_depth() -> None:
    text = '{"to": {"town": "Sfax", "x": 1}, "y": 2}'
    assert Moved.model_validate_json(text) == Moved(to=Address(town="Sfax"))
    assert Moved.model_validate(json.loads(text)) == Moved(to=Address(town="Sfax"))


def test_a_message_does_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Leave().reason = "tired"  # type: ignore[misc]


def test_the_stream_names_the_kind_of_aggregate_and_its_key_even_if_that_holds_a_hyphen() -> None:
    event = recorded(Stayed(), "house-a-b")
    assert (event.category, event.key) == ("house", "a-b")


def test_a_service_says_on_which_topics_its_facts_leave() -> None:
    assert PUBLISHED.topic("person", "test") == "test.people.person.v1"
    assert PUBLISHED.topics() == {"postulo.people.person.v1", "postulo.people.house.v1"}
    assert PUBLISHED.topics(only=[Stayed]) == {"postulo.people.house.v1"}
    assert PUBLISHED.events == (Moved, Stayed)


def test_personal_fields_are_known_by_their_annotation() -> None:
    assert personal_fields(Moved) == {"to"}
    assert not personal_fields(Stayed)


def test_an_event_says_whose_its_personal_fields_are_and_points_only_to_such() -> None:
    with pytest.raises(TypeError, match="Left has personal fields and must say whose they are"):
        type("Left", (Event,), {"__module__": __name__, "__annotations__": {"to": Personal[str]}})
    with pytest.raises(TypeError, match="Came has no personal fields to fetch at /things/"):
        type("Came", (Event,), {"__module__": __name__, "dataref": "/things/{id}"})


def test_ids_follow_time_and_say_their_version() -> None:
    ids = [new_id() for _ in range(50)]
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert [each.int >> 80 for each in ids] == sorted(each.int >> 80 for each in ids)
    assert len(set(ids)) == len(ids)


def test_what_a_fact_causes_has_the_same_id_in_every_replay_and_one_of_its_own() -> None:
    assert derived_id(FACT, "mail") == derived_id(FACT, "mail")
    assert len({derived_id(FACT, "mail"), derived_id(FACT, "timer"), derived_id(UUID(int=8), "mail")}) == 3
