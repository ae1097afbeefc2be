"""Notices published through the door, each of its own."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from tests.platform import Kit, Visitor

NUMBERS = count(1)
API = "/vacancies/api/vacancies"
UNKNOWN = "6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911"


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def body(**changes: Any) -> dict[str, Any]:
    """A notice that no other test has, found by a word that no other has."""
    number = next(NUMBERS)
    return {
        "job_opening_number": f"DOOR-{number}",
        "language": "en",
        "title": f"Cartographer of the zone{number}",
        "description": "<p>Draws <b>maps</b> of remote places.</p><script>alert(1)</script>",
        "family": "STA",
        "level": "P-3",
        "duty_stations": [{"code": "NAIROBI"}],
        "department": "UNEP",
        "closes_on": day(30),
        "questions": [{"id": "maps", "type": "yes_no", "text": {"en": "Do you like maps?"}}],
        **changes,
    }


def word(notice: dict[str, Any]) -> str:
    return str(notice["title"]).rpartition(" ")[2]


async def publish(platform: Kit, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], Visitor]:
    """What was sent, what was answered, and who sent it; everybody sees it."""
    hr, notice = await platform.machine("hr"), body(**changes)
    answer = await hr.api("POST", API, json=notice)
    assert answer.status_code == 201, answer.text
    await platform.settled()
    return notice, answer.json(), hr


def problem_fields(answer: httpx.Response, status: int = 422) -> list[str]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]
