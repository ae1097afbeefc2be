"""V16, logging and errors: what matters to security is logged, nothing secret or personal is, and errors say little."""

import io
import json
from collections.abc import Iterator
from typing import Final

import pytest

from tests.containers import ROOT
from tests.identity.people import log_in, new_address, registration
from tests.platform import PASSWORD, Kit, add_app
from tests.shared.logged import logged

WRONG: Final = "wrong horse battery staple"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written to the log as production writes it."""
    with logged("INFO") as stream:
        yield stream


async def test_failed_logins_are_logged_and_no_password_address_token_or_code_is(
    platform: Kit, written: io.StringIO
) -> None:
    anna = await platform.candidate(given_names="Ottilie", family_name="Kanarienvogel")
    await log_in(platform.visitor(), anna.email, WRONG)
    secret, codes = await add_app(anna)
    stranger = platform.visitor()
    await log_in(stranger, anna.email)
    await stranger.api("POST", "/identity/api/login/second-factor", json={"code": codes[0]})
    await stranger.api("POST", "/identity/api/reminders/password", json={"login": anna.email})
    body = registration(email=new_address())
    await platform.visitor().api("POST", "/identity/api/registrations", json=body)
    await platform.settled()
    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line for line in lines if line["event"] == "login failed"]
    session = anna.client.cookies["__Host-session"]
    secrets = (WRONG, PASSWORD, anna.email, anna.user_code, "Ottilie", "Kanarienvogel", secret, *codes, session)
    assert [each for each in (*secrets, body["email"]) if each in text] == []


async def test_a_line_says_whose_it_is(platform: Kit, written: io.StringIO) -> None:
    await platform.candidate()
    await platform.settled()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    whose = {event: {line.get("service") for line in lines if line["event"] == event} for event in LINES}
    assert whose["mail sent"] == {"identity"}
    assert {"profile", "support"} <= whose["handled"]
    assert whose["request"] >= {"identity"}
    assert [line for line in lines if line["event"] in LINES and not line.get("service")] == []


LINES: Final = ("handled", "mail sent", "request")
SIGNS: Final = ("Traceback", "asyncpg", "uvicorn", "starlette", "fastapi", str(ROOT), ".py", "postgres")


@pytest.mark.parametrize("path", ["/identity/api/nothing", "/nothing"])
async def test_an_error_says_nothing_of_how_things_are_made(platform: Kit, path: str) -> None:
    answer = await platform.visitor().get(path)
    assert answer.status_code == 404
    assert [sign for sign in SIGNS if sign in answer.text] == []
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/vacancies/api/vacancies", "/vacancies"])
async def test_a_fault_of_ours_says_a_reference_and_nothing_of_itself(
    platform: Kit, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"asyncpg at postgres in {ROOT}/secret.py")

    monkeypatch.setattr(platform.service("vacancies").kernel, "now", broken)
    answer = await platform.visitor().get(path)
    assert answer.status_code == 500
    assert [sign for sign in SIGNS if sign in answer.text] == []
    assert answer.headers["x-correlation-id"] in answer.text
