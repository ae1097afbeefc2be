"""A stage for every operation: who asks, one of each thing that is somebody's, and bodies that are understood."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from fastapi.routing import APIRoute

from shared.http.responses import is_api
from shared.runtime.feed import feed_router
from tests.applications.doors import API, applicant, draft, fill, kept, publish, submit
from tests.applications.values import pdf
from tests.identity.people import reset_link
from tests.platform import PASSWORD, Candidate, Kit, Visitor
from tests.support.samples import PROBLEM, picture
from tests.support.test_doors import opened, sent
from tests.system.access import OF_ORGANISATIONS, SCOPES, STAFF, Asker
from tests.system.openapi import from_elsewhere
from tests.system.test_openapi import belongings
from tests.vacancies.doors import API as VACANCIES
from tests.vacancies.doors import body as notice
from tests.vacancies.doors import day

FILE: Final = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}

USES_UP: Final = (
    re.compile(r"DELETE .*/(attachments/|accommodation$)|POST .*/remove$|PUT .*/cancellation$"),
    re.compile(r"DELETE .*_id}$|POST .*/(discard|delete)$"),
)


def order(operation: str) -> int:
    """What takes something away is asked last: files before what they belong to."""
    return next((n for n, pattern in enumerate(USES_UP, 1) if pattern.search(operation)), 0)


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes_of(route.original_router.routes)


def operations_of(service: Any) -> set[str]:
    """The operations of both doors, as the table names them."""
    routers = (feed_router(service.published), *service.routers)
    found = routes_of(route for router in routers for route in router.routes)
    return {f"{method} {re.sub(r':[a-z]+}', '}', route.path)}" for route in found for method in route.methods or ()}


GROUPS: Final = {
    "/profile/family": "dependants",
    "/profile/references": "referees",
    "/profile/skills": "languages",
}
"""A list of a section, where it is another than `jobs`."""


@dataclass(frozen=True)
class Stage:
    """Who asks, and what is Anna's: by the name of a path's parameter, one of each for either door, and what HR has.

    notices: by operation, what the organisation has published and a body that names it again.
    over: an application of Anna's that she has withdrawn.
    """

    askers: Mapping[Asker, Visitor]
    hers: Mapping[bool, Mapping[str, str]]
    submitted: Mapping[str, str]
    notices: Mapping[str, dict[str, Any]]
    over: str

    def path(self, operation: str) -> str:
        method, _, path = operation.partition(" ")
        known = {**self.hers[is_api(path)], **(self.submitted if "/submitted/" in path else {})}
        if method == "PUT" and path.startswith(VACANCIES):
            known["vacancy_id"] = self.notices[f"POST {VACANCIES}"]["id"]
        if path.endswith(("/archive", "/restore")):
            known["application_id"] = self.over
        known["section"] = "contact" if path.startswith("/profile") else "preferences"
        known["number"], known["wanted"] = "1", "postulo"
        if path.endswith("/{group}/{number}"):
            group = GROUPS.get(path.removesuffix("/{group}/{number}"), "jobs")
            known |= {"name": "education", "group": group, "number": "0"}
        return re.sub(r"{(\w+)}", lambda found: known[found[1]], path)


async def staged(platform: Kit) -> Stage:
    """Everybody and everything, made through the doors."""
    vacancy, anna = await publish(platform), await applicant(platform)
    sent_in = await _submitted(anna, vacancy)
    other = await publish(platform)
    hers = {door: await _things(platform, anna, other) for door in (True, False)}
    hers[False]["reset"] = await reset_link(platform)
    notices = await _notices(await platform.machine("vacancies.write"))
    over = (await _submitted(anna, await publish(platform)))["application_id"]
    assert (await anna.api("POST", f"{API}/{over}/withdrawal")).status_code == 200
    people: dict[Asker, Visitor] = {
        "nobody": platform.visitor(),
        "owner": anna,
        "another candidate": await platform.candidate(),
        **{role: await platform.staff(role) for role in STAFF},
        **{f"machine: {scope}": await platform.machine(scope) for scope in SCOPES},
        **{f"stranger: {scope}": await platform.machine(scope, organisation="Elsewhere") for scope in OF_ORGANISATIONS},
    }
    await platform.settled()
    return Stage({name: from_elsewhere(platform, who) for name, who in people.items()}, hers, sent_in, notices, over)


async def _notices(hr: Visitor) -> dict[str, dict[str, Any]]:
    """One of either kind, published by a client of the organisation."""
    bodies = {f"POST {VACANCIES}": notice(), "POST /vacancies/api/galaxy-notices": notice(questions=[])}
    answers = {operation: await hr.api(*operation.split(), json=body) for operation, body in bodies.items()}
    assert {answer.status_code for answer in answers.values()} == {201}
    return {operation: {"id": answers[operation].json()["id"], "body": body} for operation, body in bodies.items()}


async def _submitted(anna: Candidate, vacancy: dict[str, Any]) -> dict[str, str]:
    application = await draft(anna, vacancy)
    attached = await anna.api("POST", f"{API}/{application}/attachments", files=FILE)
    assert (await anna.api("PUT", f"{API}/{application}/accommodation", json=NEED)).status_code == 204
    ready = await fill(anna, application)
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    return {"application_id": application, "attachment_id": attached.json()["id"]}


async def _things(platform: Kit, anna: Candidate, vacancy: dict[str, Any]) -> dict[str, str]:
    things = {name: values[0] for name, values in (await belongings(anna, vacancy)).items()}
    asked = await anna.api("PUT", f"{API}/{things['application_id']}/accommodation", json=NEED)
    assert asked.status_code == 204, asked.text
    document = await kept(anna, f"AM_{things['application_id']}.pdf")
    ticket = (await opened(anna, PROBLEM, screenshots=sent(picture())))["id"]
    agent, elsewhere = await platform.machine("support"), platform.visitor()
    await platform.settled()
    answered = await agent.api("POST", f"/support/api/desk/{ticket}/answers", json={"text": "Try again"})
    login = await elsewhere.api("POST", "/identity/api/login", json={"login": anna.email, "password": PASSWORD})
    written = answered.json()
    return things | {
        "ticket": ticket,
        "screenshot": written["screenshots"][0]["id"],
        "message": written["messages"][0]["id"],
        "session_id": login.json()["session_id"],
        "factor_id": str(uuid4()),
        "document_id": document,
        "vacancy": vacancy["id"],
        "entry_id": "fr-licence",
        "topic": "sessions",
        "name": "preferences",
        "token": "guessed",
        "kind": "draft_deadlines",
        "candidate_id": str(anna.account_id),
    }


NEED: Final = {"need": "Questions in writing", "steps": ["interview"]}
AMENDED: Final = {
    name: value
    for name, value in notice(title="Another title").items()
    if name not in ("job_opening_number", "language", "closes_on")
}
BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/sections/{section}": {"values": {}},
    "/{application_id}/vacancy": {"vacancy_id": "{vacancy_id}"},
    "/submission": {"revision": 1, "accept_terms": False},
    "/report": {"level": "doctorat", "explanation": "Research"},
    "/name": {"name": "Water"},
    "/accommodation": NEED,
    "/attachments/documents": {"document_ids": ["{document_id}"]},
    "/alert": {"rhythm": "daily"},
    "/alerts/api/preferences": {"draft_deadlines": True, "opening_deadlines": True, "opening_changes": True},
    "/replies": {"text": "Still broken"},
    "/reading": {"message_id": "{message}"},
    "/verification": {"code": "0000 0000"},
    "/submitted/{application_id}/status": {"status": "under_consideration"},
    "PUT /vacancies/api/vacancies/{vacancy_id}": AMENDED,
    "PUT /vacancies/api/vacancies/{vacancy_id}/deadline": {"closes_on": day(40)},
}
"""What must be right so that the answer is about who asks and not about what was sent; by the end of the path."""


def body_of(stage: Stage, operation: str) -> dict[str, Any]:
    method, path = operation.split()
    if method in ("GET", "DELETE"):
        return {}
    if path.endswith("/attachments"):
        return {"files": FILE}
    if path.endswith("/api/documents"):
        return {"files": {"file": (f"AM_{uuid4().hex[:8]}.pdf", pdf(), "application/pdf")}, "data": {"kind": "diploma"}}
    if path.endswith("/oauth/token"):
        return {"data": {"grant_type": "client_credentials"}}
    if operation in stage.notices:
        return {"json": stage.notices[operation]["body"]}
    known = stage.hers[True]
    body = next((body for end, body in BODIES.items() if operation.endswith(end)), {})
    return {"json": {name: _filled(value, known) for name, value in body.items()}}


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    return value.format(**known) if isinstance(value, str) else value
