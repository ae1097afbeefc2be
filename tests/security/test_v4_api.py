"""V4, API and web service: every door reads what it says, in the method that it says, and refuses all else alike."""

import re
from typing import Any, Final

import httpx
import pytest

from tests.platform import Kit

DOOR: Final = "/identity/api/login"
DEEP: Final = "[" * 900 + "]" * 900


def is_a_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert {"type", "title", "status", "detail", "reference", "errors"} <= told.keys()
    assert "Traceback" not in answer.text
    assert "asyncpg" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (DEEP.encode(), "application/json", 422),
        (b'{"login": ' + DEEP.encode() + b', "password": "x"}', "application/json", 422),
        (b'{"login": "\\ud800", "password": "x"}', "application/json", 422),
        (b'{"login": "\\u0000", "password": "x"}', "application/json", 422),
        (b"{", "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"<login/>", "application/xml", 415),
        (b"login=x", "text/plain", 415),
        (b"{}", "application/json", 422),
        (b'{"login": 1, "password": []}', "application/json", 422),
        (b'{"login": "x", "password": "y", "role": "hr"}', "application/json", 422),
        (b"x" * 2_000_001, "application/json", 413),
    ],
)
async def test_a_body_that_is_none_is_refused_as_a_problem(
    platform: Kit, content: bytes, kind: str, status: int
) -> None:
    headers = {"content-type": kind}
    is_a_problem(await platform.visitor().client.post(DOOR, content=content, headers=headers), status)


@pytest.mark.parametrize("content", [b"[" * 30, b"[1" + b",1" * 1_001, b"[" * 50_000, b'"\\u0000"', b'{"\\ud800'])
async def test_a_door_without_a_body_refuses_what_is_none_too(platform: Kit, content: bytes) -> None:
    door = "/identity/api/registrations/0191d2d4-0000-7000-8000-0000000000ff/codes"
    headers = {"content-type": "application/json"}
    is_a_problem(await platform.visitor().client.post(door, content=content, headers=headers), 422)
    answer = await platform.visitor().client.request("GET", "/vacancies/api/lists", content=content, headers=headers)
    is_a_problem(answer, 422)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_a_method_that_a_door_has_not_is_refused_and_told_what_works(platform: Kit, method: str) -> None:
    answer = await platform.visitor().client.request(method, DOOR)
    is_a_problem(answer, 405)
    assert answer.headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "aes128gcm"])
async def test_what_may_unpack_to_anything_is_not_unpacked(platform: Kit, coding: str) -> None:
    headers = {"content-encoding": coding, "content-type": "application/json"}
    answer = await platform.visitor().client.post(DOOR, content=b"\x1f\x8b\x08", headers=headers)
    is_a_problem(answer, 415)
    assert answer.headers["accept-encoding"] == "identity"
    page = await platform.visitor().client.post("/identity/login", content=b"\x1f\x8b\x08", headers=headers)
    assert (page.status_code, page.headers["accept-encoding"]) == (415, "identity")


async def test_asking_for_the_server_as_a_whole_asks_for_nothing(platform: Kit) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "OPTIONS", "path": "*", "raw_path": b"*", "query_string": b"", "headers": [],
        "client": ("10.1.1.1", 1), "server": ("careers.test", 443), "scheme": "https", "http_version": "1.1",
        "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await platform.host(scope, receive, send)
    assert sent[0]["status"] == 404


@pytest.mark.parametrize("cookie", ["__Host-wrote=identity:999999999999.1:", "__Host-wrote=x.y", "__Host-flash=%(x)9s"])
async def test_a_forged_cookie_changes_nothing_of_an_answer(platform: Kit, cookie: str) -> None:
    forged = await platform.visitor().get("/identity/login", headers={"cookie": cookie})
    plain = await platform.visitor().get("/identity/login")
    assert (forged.status_code, plain.status_code) == (200, 200)
    assert without_tokens(forged.text) == without_tokens(plain.text)
    assert "postulo-wrote" not in forged.headers


def without_tokens(html: str) -> str:
    """The page but for what is drawn anew each time."""
    return re.sub(r'(name="_\w+" value=")[^"]*', r"\1", html)


@pytest.mark.parametrize("path", ["/identity/api/nothing", "/identity/api/openapi.yaml", "/docs", "/redoc", "/debug"])
async def test_there_is_nothing_beside_what_is_documented(platform: Kit, path: str) -> None:
    assert (await platform.visitor().get(path)).status_code == 404


@pytest.mark.parametrize("query", ["%00", "%ff%fe", "%ed%a0%80"])
async def test_an_address_that_is_no_text_is_refused(platform: Kit, query: str) -> None:
    visitor = platform.visitor()
    is_a_problem(await visitor.get(f"/vacancies/api/vacancies?keywords={query}"), 422)
    assert (await visitor.get(f"/vacancies?keywords={query}")).status_code == 422
