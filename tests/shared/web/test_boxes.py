"""The checkboxes of a long list are those of the design system."""

import re
from typing import Any

from markupsafe import Markup

from shared.web.boxes import boxes
from shared.web.environment import govuk_macros

ITEMS: list[dict[str, Any]] = [
    {"value": "a", "text": "Geneva", "checked": True},
    {"value": "b\"'<", "text": "<b>Bern & Rome</b>", "checked": False},
    {"value": "c", "text": "C", "id": "own"},
]


def told(html: str) -> list[str]:
    """Tags and texts, each without the blanks around it."""
    return [part.strip() for part in re.split(r"(<[^>]+>)", html) if part.strip()]


def before(html: Markup) -> dict[str, Any]:
    return {"items": [], "formGroup": {"beforeInputs": {"html": html}}}


def test_they_are_what_the_macro_makes_of_each() -> None:
    macro = govuk_macros()["govukCheckboxes"]
    common = {"name": "places", "idPrefix": "places", "fieldset": {"legend": {"text": "Places"}}, "hint": {"text": "?"}}
    assert told(macro(common | before(boxes("places", "places", ITEMS)))) == told(macro(common | {"items": ITEMS}))
