"""Every operation × every role × own and somebody else's thing: who is let in, and what everybody else is told."""

from typing import Final

import httpx
import pytest

from services.site import NAMES, chosen
from shared.http.responses import is_api
from tests.platform import Candidate, Kit, Visitor, hidden_fields
from tests.system.access import ACCESS, ASKERS, MATRIX, SCOPE_OF, SCOPES, Asker, Outcome
from tests.system.stage import Stage, body_of, operations_of, order, staged
from tests.system.test_openapi import document_of

ENDING: Final = ("/logout", "/account/sessions")
"""Operations that end sessions: whoever may ask them asks as somebody who has just come."""

OPERATIONS: Final = sorted(ACCESS, key=lambda operation: (order(operation), operation))


def test_every_operation_has_its_row_and_every_row_its_operation() -> None:
    assert set(ACCESS) == set[str]().union(*(operations_of(service) for service in chosen(None)))


@pytest.mark.parametrize("service", NAMES)
async def test_every_documented_operation_has_its_row(platform: Kit, service: str) -> None:
    paths = (await document_of(platform, service))["paths"]
    documented = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert documented - set(ACCESS) == set()


@pytest.mark.parametrize("service", NAMES)
async def test_each_documented_operation_names_the_scope_that_it_needs(platform: Kit, service: str) -> None:
    document = await document_of(platform, service)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            scope = SCOPE_OF.get(ACCESS[f"{method.upper()} {path}"])
            named = [way for way in operation.get("security", []) if any(way.values())]
            assert named == ([{"session": [scope]}, {"machine": [scope]}] if scope else []), (method, path)
    if schemes := document["components"].get("securitySchemes", {}).get("machine"):
        assert set(schemes["flows"]["clientCredentials"]["scopes"]) == set(SCOPES)


@pytest.fixture(scope="session")
async def stage(platform: Kit) -> Stage:
    return await staged(platform)


async def ask(stage: Stage, who: Visitor, operation: str) -> httpx.Response:
    """Calls the operation: as JSON, or as a browser on our own site with its form's token."""
    method, path = operation.partition(" ")[0], stage.path(operation)
    if method == "GET" or is_api(path):
        return await who.client.request(method, path, follow_redirects=False, **body_of(stage, operation))
    form = hidden_fields((await who.client.get("/support")).text) | {
        "text": "Still broken", "seen": stage.hers[False]["message"], "session": "others",
    }  # fmt: skip
    return await who.client.post(path, data=form, follow_redirects=False)


def outcome(answer: httpx.Response) -> Outcome:
    assert answer.status_code < 500, answer.text
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/identity/login")
    if answer.status_code == 401 or to_login:
        return "asked to log in"
    told: dict[int, Outcome] = {403: "refused", 404: "nothing there"}
    return told.get(answer.status_code, "let in")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_lets_in_whom_it_should(platform: Kit, stage: Stage, operation: str) -> None:
    found: dict[Asker, Outcome] = {}
    for asker in ASKERS:
        who = stage.askers[asker]
        if operation.endswith(ENDING) and operation[:3] != "GET" and isinstance(who, Candidate):
            who = await platform.candidate()
        found[asker] = outcome(await ask(stage, who, operation))
    assert found == MATRIX[ACCESS[operation]]
