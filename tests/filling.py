"""Forms as a browser posts them: a section's own fields on its page, each of its entries on a page of its own."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from tests.platform import Visitor


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as a browser posts them: dates in three boxes, several choices as a repeated field."""
    posted: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            posted |= zip((f"{name}-year", f"{name}-month", f"{name}-day"), value.split("-"), strict=True)
        else:
            posted[name] = value
    return posted


async def fill_in(someone: Visitor, section: str, values: Mapping[str, Any], action: str = "save") -> httpx.Response:
    """Fills in the section at this address, entries first; returns what its button leads to."""
    groups = {
        name: value
        for name, value in values.items()
        if value and isinstance(value, list) and isinstance(value[0], dict)
    }
    for name, entries in groups.items():
        for number, entry in enumerate(entries):
            saved = await someone.post_form(f"{section}/{name}/{number}", {**typed(entry), "_action": "save"})
            assert saved.status_code == 200, saved.text
    plain = {name: value for name, value in values.items() if name not in groups}
    return await someone.post_form(section, {**typed(plain), "_action": action})
