"""People, job openings and applications for tests through the doors."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from tests.applications.values import ANSWERS, DEGREE, SECTIONS, YES_NO, pdf
from tests.platform import Candidate, Kit
from tests.profile.values import COMPLETE

API = "/applications/api/applications"
SLUGS = {"contact": "contact", "un_employment": "un-employment", "family": "family", "nationality": "nationality"}

_NUMBERS = count(1)


def today() -> date:
    return datetime.now(UTC).date()


async def publish(platform: Kit, **changes: Any) -> dict[str, Any]:
    """A job opening with two screening questions, known to the applications service."""
    hr = await platform.machine("hr")
    notice = {
        "job_opening_number": f"26-APP-{next(_NUMBERS)}",
        "language": "en",
        "title": "Economist",
        "description": "<p>Trade.</p>",
        "family": "ECO",
        "level": "P-3",
        "duty_stations": [{"code": "GENEVA"}],
        "department": "DESA",
        "closes_on": (today() + timedelta(days=30)).isoformat(),
        "questions": [question.model_dump(mode="json") for question in (YES_NO, DEGREE)],
        **changes,
    }
    answer = await hr.api("POST", "/vacancies/api/vacancies", json=notice)
    assert answer.status_code == 201, answer.text
    await platform.settled()
    return {**notice, "id": answer.json()["id"]}


async def applicant(platform: Kit, language: str = "en") -> Candidate:
    """A candidate with a complete profile."""
    anna = await platform.candidate(language=language)
    for section, values in COMPLETE.items():
        saved = await anna.api("PUT", f"/profile/api/{SLUGS[section]}", json={"values": values})
        assert saved.status_code == 200, saved.text
    return anna


async def draft(anna: Candidate, vacancy: dict[str, Any] | None = None, **body: Any) -> str:
    """A new draft through the JSON door."""
    wish = {"confirmed": True, "start": "start_blank", **({"vacancy_id": vacancy["id"]} if vacancy else {}), **body}
    answer = await anna.api("POST", API, json=wish)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def fill(anna: Candidate, application: str, sections: dict[str, Any] | None = None) -> dict[str, Any]:
    """Saves all sections; returns the application."""
    saved: dict[str, Any] = {}
    for name, values in (sections if sections is not None else {**SECTIONS, "screening": ANSWERS}).items():
        answer = await anna.api("PUT", f"{API}/{application}/sections/{name}", json={"values": values})
        assert answer.status_code == 200, answer.text
        saved = answer.json()
    return saved


async def submitted(anna: Candidate, vacancy: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A submitted application for the vacancy."""
    application = await draft(anna, vacancy, **body)
    ready = await fill(anna, application)
    answer = await submit(anna, application, ready["revision"])
    assert answer.status_code == 200, answer.text
    sent: dict[str, Any] = answer.json()
    return sent


async def submit(anna: Candidate, application: str, revision: int, *, accept: bool = True) -> Any:
    wish = {"revision": revision, "accept_terms": accept}
    return await anna.api("POST", f"{API}/{application}/submission", json=wish)


async def kept(anna: Candidate, name: str = "AM_Diploma.pdf", kind: str = "diploma") -> str:
    """A document that Anna keeps."""
    file = {"file": (name, pdf(), "application/pdf")}
    answer = await anna.api("POST", "/applications/api/documents", files=file, data={"kind": kind})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
