"""What the schema of an event says of its personal part."""

from typing import Any

import pytest

from shared.model.message import PART, Event, Personal, Subject
from shared.model.schemas import schema_of


class Met(Event):
    """Somebody was met; who it was can be fetched nowhere."""

    whose = Subject("person", "owner")

    owner: str
    name: Personal[str]


class Filed(Met):
    """It can be fetched."""

    dataref = "/things/api/files/{id}"


def said(event: type[Event], **options: Any) -> str:
    """What the schema says of the part; "" if there is none in it."""
    part: dict[str, str] = schema_of(event, **options)["properties"].get(PART, {})
    return part.get("description", "")


@pytest.mark.parametrize(("event", "fetched"), [(Met, False), (Filed, True)])
def test_only_what_can_be_fetched_refers_to_where(event: type[Event], fetched: bool) -> None:
    assert said(event).startswith("All that is about a person")
    assert ("ce_dataref" in said(event)) is fetched
    assert said(event, redacted=True) == ""
