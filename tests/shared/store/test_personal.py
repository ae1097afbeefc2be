"""The personal part of an event: read with its subject's key alone, and for no other event."""

import json
import os
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shared.model.emptied import emptied_fields
from shared.model.message import (
    OWN,
    PART,
    Event,
    Personal,
    Subject,
    key_needed,
    new_id,
    personal_fields,
    subject_of,
)
from shared.store.codec import CannotDecode, Codec
from shared.store.personal import Of, opened, sealed, subject_in
from tests.shared.keys import raw_of_event

OWNER = new_id()


class Met(Event):
    """Two people met."""

    whose = Subject("person", "owner")

    owner: Any = None
    place: str = "Genève"
    name: Personal[str]
    born: Personal[date | None] = None
    notes: Personal[dict[str, Any]] = {}  # noqa: RUF012 - pydantic copies it


FIELDS = personal_fields(Met)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def of(subject: str = "person-1") -> Of:
    return Of(new_id(), "Met", subject)


@given(name=TEXTS, place=TEXTS, notes=st.dictionaries(TEXTS, TEXTS))
def test_what_is_sealed_is_opened_again_and_stands_nowhere_else(name: str, place: str, notes: dict[str, str]) -> None:
    event, belongs, key = Met(name=name, place=place, notes=notes), of(), AESGCM(os.urandom(32))
    text, size = sealed(event, belongs, key)
    fields = json.loads(text)
    assert set(fields) == {"owner", "place", PART}
    assert (fields["place"], subject_in(fields[PART])) == (place, "person-1")
    assert opened(fields[PART], belongs, key) == json.loads(event.model_dump_json(include=set(FIELDS)))
    assert size >= len(event.model_dump_json().encode()) - len(",")


def test_the_same_is_never_sealed_alike() -> None:
    event, belongs, key = Met(name="Anna"), of(), AESGCM(os.urandom(32))
    assert sealed(event, belongs, key) != sealed(event, belongs, key)


@pytest.mark.parametrize("changed", ["event", "type", "subject", "key", "text"])
def test_a_part_is_read_for_its_own_event_type_and_subject_only(changed: str) -> None:
    belongs, key = of(), AESGCM(os.urandom(32))
    part = json.loads(sealed(Met(name="Anna"), belongs, key)[0])[PART]
    match changed:
        case "event":
            belongs = belongs._replace(event=new_id())
        case "type":
            belongs = belongs._replace(type="Left")
        case "subject":
            part, belongs = part.replace("person-1", "person-2"), belongs._replace(subject="person-2")
        case "key":
            key = AESGCM(os.urandom(32))
        case _:
            part = part[:-4] + ("AAA=" if part[-4:] != "AAA=" else "BBB=")
    with pytest.raises(ValueError, match="another event, or is damaged"):
        opened(part, belongs, key)


def test_without_a_key_nothing_personal_is_left_and_the_rest_is() -> None:
    text, size = sealed(Met(name="Anna", born=date(1990, 11, 23)), of(), None)
    assert (json.loads(text), size) == ({"owner": None, "place": "Genève"}, len(text.encode()))
    read = Codec([Met]).decode_fields(raw_of_event(Met(name=""), text), json.loads(text), erased=True)
    assert (read.data, read.erased) == (Met(name=""), True)


def test_an_event_says_whose_it_is_and_its_own_stream_where_it_names_nobody() -> None:
    assert subject_of(Met(name="", owner=OWNER), "visit-1") == f"person-{OWNER}"
    assert subject_of(Met(name=""), "visit-1") == "visit-1"
    assert key_needed(Met(name=""), "visit-1") == "visit-1"


def test_an_event_that_says_nothing_personal_needs_no_key() -> None:
    class Rated(Event):
        """A remark is not needed."""

        whose = OWN

        stars: int
        remark: Personal[str] = ""

    assert key_needed(Rated(stars=3), "film-1") == ""
    assert key_needed(Rated(stars=3, remark="Anna"), "film-1") == "film-1"


def test_a_class_with_personal_fields_does_not_start_without_a_subject() -> None:
    with pytest.raises(TypeError, match="must say whose they are"):
        type("Lost", (Event,), {"__annotations__": {"name": Personal[str]}, "__module__": __name__})
    with pytest.raises(TypeError, match="may have no field personal"):
        type("Taken", (Event,), {"__annotations__": {PART: str}, "__module__": __name__})


def test_a_type_that_cannot_be_empty_is_refused() -> None:
    class Odd(Event):
        """With a field of no shape."""

        whose = OWN

        thing: Personal[complex]

    with pytest.raises(TypeError, match="complex has no empty value"):
        emptied_fields(Odd)


def test_damage_is_told_without_the_data() -> None:
    raw = raw_of_event(Met(name=""), '{"place": 1, "name": "Anna"}')
    with pytest.raises(CannotDecode) as told:
        Codec([Met]).decode_fields(raw, json.loads(raw.data))
    assert "Anna" not in str(told.value)
