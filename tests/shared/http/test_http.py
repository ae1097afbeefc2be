"""The doors: every refusal and fault is a problem document, and nothing comes in that should not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from shared.http.problems import UNREADABLE
from tests.shared.web.site import browser, site

SITE = site()


async def ask(method: str, path: str, **options: object) -> httpx.Response:
    async with browser(SITE) as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("conflict", 409, "conflict"),
        ("missing", 404, "not-found"),
        ("invalid", 422, "invalid-input"),
        ("nul", 422, "unstorable-text"),
        ("bug", 500, "internal-error"),
        ("database", 503, "unavailable"),
        ("refused", 503, "unavailable"),
        ("password", 503, "unavailable"),
        ("garbled", 503, "unavailable"),
        ("slow", 503, "unavailable"),
        ("full", 503, "unavailable"),
    ],
)
async def test_what_is_raised_becomes_a_problem_document(kind: str, status: int, reason: str) -> None:
    answer = await ask("GET", f"/sample/api/fault/{kind}")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"urn:postulo:problem:{reason}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["reference"] == answer.headers["x-correlation-id"]
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_problems_name_the_field_in_the_accepted_language() -> None:
    answer = await ask("GET", "/sample/api/fault/invalid", headers={"accept-language": "de, fr;q=0.8, en;q=0.3"})
    assert answer.json()["errors"] == [
        {"field": "jobs.0.title", "pointer": None, "message": "À renseigner\u00a0: Année"}
    ]
    assert answer.json()["title"] == "Il y a un problème"


@pytest.mark.parametrize(
    ("body", "field", "pointer", "said"),
    [
        (b'{"pages": 2}', "title", "/title", "title is missing"),
        (b'{"title": "x", "pages": "many"}', "pages", "/pages", "pages must be a whole number"),
        (b'{"title": 1}', "title", "/title", "title must be text"),
        (b"[]", "body", "", "body must be an object"),
        (b'{"title"', "body", "", "The body is not valid JSON"),
        (b'{"title": "\\u0000"}', "title", "/title", UNREADABLE),
        (b'{"title": "x", "more": {"deep": ["\\ud800"]}}', "more.deep.0", "/more/deep/0", UNREADABLE),
        (b'{"title": "x", "more": {"a/b~c.d": "\\u0000"}}', "more.a/b~c.d", "/more/a~1b~0c.d", UNREADABLE),
    ],
)
async def test_invalid_json_is_refused_with_the_field(body: bytes, field: str, pointer: str, said: str) -> None:
    answer = await ask("POST", "/sample/api/notes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": field, "pointer": pointer, "message": said}]


@pytest.mark.parametrize("body", [b'{"title": "\xff"}', b"[" * 100_000, b'{"title": ' + b"9" * 6000 + b"}"])
async def test_hostile_json_never_answers_500(body: bytes) -> None:
    answer = await ask("POST", "/sample/api/notes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


async def test_pairs_of_surrogates_are_ordinary_text() -> None:
    body = b'{"title": "\\ud83d\\ude00"}'
    answer = await ask("POST", "/sample/api/notes", content=body, headers={"content-type": "application/json"})
    assert answer.json()["title"] == "😀"


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/sample/api/nothing", 404, "not-found"),
        ("PUT", "/sample/api/notes", 405, "method-not-allowed"),
        ("GET", "/sample/api/mine", 401, "not-authenticated"),
        ("GET", "/sample/api/mine?x=%00", 422, "unstorable-text"),
    ],
)
async def test_the_frameworks_refusals_are_problem_documents_too(
    method: str, path: str, status: int, reason: str
) -> None:
    answer = await ask(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:postulo:problem:{reason}"


async def test_a_body_of_another_kind_is_415() -> None:
    answer = await ask("POST", "/sample/api/notes", content=b"title: x", headers={"content-type": "text/yaml"})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:postulo:problem:unsupported-format")


async def test_a_body_too_large_is_413_as_declared_and_as_it_streams() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b" " * 50_000

    declared = await ask("POST", "/sample/api/notes", json={"title": "x" * 2_000_001})
    streamed = await ask("POST", "/sample/api/notes", content=endless(), headers={"content-type": "application/json"})
    for refused in (declared, streamed):
        assert (refused.status_code, refused.json()["type"]) == (413, "urn:postulo:problem:too-large")


async def test_files_may_be_larger() -> None:
    answer = await ask("POST", "/sample/api/files", files={"file": b"x" * 5_000_000})
    assert answer.json() == {"size": 5_000_000}
    assert (await ask("POST", "/sample/api/files", files={"file": b"x" * 12_500_000})).status_code == 413


async def test_what_was_written_comes_back_as_header_and_cookie_and_is_understood_again() -> None:
    async with browser(SITE) as client:
        answer = await client.post("/sample/api/wrote")
        signature, _, text = answer.headers["postulo-wrote"].partition(".")
        assert (len(signature), text.startswith("sample:7.42:")) == (22, True)
        unchanged = await client.get("/sample/form")
        assert "postulo-wrote" not in unchanged.headers
        assert list(SITE.state.seen.wrote) == ["sample"]
        assert SITE.state.seen.wrote["sample"].position == (7, 42)


@pytest.mark.parametrize("where", ["header", "cookie"])
@pytest.mark.parametrize(
    "forged",
    [
        "sample:9223372036854775807.1:",
        "AAAAAAAAAAAAAAAAAAAAAA.sample:9223372036854775807.1:",
        "é",
        "%s" * 50,
        "~" * 3000,
    ],
)
async def test_what_nobody_wrote_is_not_waited_for(where: str, forged: str) -> None:
    named = {"header": "postulo-wrote", "cookie": "cookie"}[where]
    value = forged if where == "header" else f"__Host-wrote={forged}"
    answer = await ask("GET", "/sample/form", headers=[(named.encode(), value.encode())])
    assert (answer.status_code, SITE.state.seen.wrote) == (200, {})


async def test_the_server_itself_cannot_be_asked_for() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await SITE({"type": "http", "method": "OPTIONS", "path": "*", "query_string": b"", "headers": []}, receive, send)
    assert sent[0]["status"] == 404


def nested(depth: int, kind: str) -> str:
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}")}[kind]
    return f'{{"title": "x", "more": {{"a": {opening * depth}1{closing * depth}}}}}'


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize(("depth", "status"), [(18, 200), (19, 422), (900, 422), (50_000, 400)])
async def test_json_that_is_nested_too_deeply_is_refused_however_deep(kind: str, depth: int, status: int) -> None:
    answer = await ask(
        "POST", "/sample/api/notes", content=nested(depth, kind), headers={"content-type": "application/json"}
    )
    assert answer.status_code == status
    if status == 422:
        (error,) = answer.json()["errors"]
        assert error == {
            "field": "body",
            "pointer": "",
            "message": "Lists and objects stand in one another more than 20 deep",
        }


MANY_VALUES = {
    "field": "body",
    "pointer": "",
    "message": "The body holds more than 30,000 values, or a list or an object in it more than 1,000",
}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([1] * 1_000, 200),
        ([1] * 1_001, 422),
        ([[1] * 999] * 29, 200),
        ([[1] * 999] * 31, 422),
        ([{}] * 61_000, 422),
        ({str(number): 1 for number in range(1_000)}, 200),
        ({str(number): 1 for number in range(1_001)}, 422),
        ("," * 200_000, 200),
        ("," * 300_001, 422),
    ],
    ids=[
        "a list",
        "too long a list",
        "lists",
        "too many values",
        "objects",
        "names",
        "too many names",
        "a text",
        "a text of commas",
    ],
)
async def test_a_body_holds_so_many_values(more: Any, status: int) -> None:
    answer = await ask("POST", "/sample/api/notes", json={"title": "x", "more": {"a": more}})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"] == [MANY_VALUES]


async def test_of_many_problems_a_hundred_are_told_and_no_name_is_repeated_whole() -> None:
    strangers = {f"{number}{'x' * 1_000}": 1 for number in range(500)}
    answer = await ask("POST", "/sample/api/strict", json={"title": "x", **strangers})
    errors = answer.json()["errors"]
    assert (answer.status_code, len(errors)) == (422, 100)
    assert all(len(error["field"]) == 100 and len(error["message"]) < 150 for error in errors)


@pytest.mark.parametrize(
    ("path", "headers", "status", "title"),
    [
        ("/sample/api/x?a=" + "b" * 30_000, {}, 414, "This address is too long"),
        ("/sample/api/x?" + "a&" * 1_000, {}, 414, "This address is too long"),
        ("/sample/api/" + "x" * 4_000, {}, 414, "This address is too long"),
        ("/sample/api/x", {"x-other": "y" * 16_000}, 431, "This is too large"),
        ("/sample/api/x", {f"x-{number}": "y" * 15_000 for number in range(5)}, 431, "This is too large"),
        ("/sample/api/x", {f"x-{number}": "" for number in range(101)}, 431, "This is too large"),
    ],
    ids=["query", "parameters", "path", "a header", "all headers", "many headers"],
)
async def test_an_address_and_headers_are_refused_unread_if_they_are_too_long(
    path: str, headers: dict[str, str], status: int, title: str
) -> None:
    answer = await ask("GET", path, headers=headers)
    reason = {414: "address-too-long", 431: "headers-too-large"}[status]
    told = answer.json()
    assert (answer.status_code, told["title"], told["type"]) == (status, title, f"urn:postulo:problem:{reason}")
    assert "x-correlation-id" in answer.headers
    page = await ask("GET", path.replace("/api/", "/"), headers={**headers, "accept-language": "fr"})
    assert (page.status_code, page.headers["content-language"]) == (status, "fr")
    assert len(page.content) < 10_000


async def test_an_address_and_headers_within_their_bounds_are_read() -> None:
    for path, headers in (
        ("/sample/api/nothing?" + "&".join(["a=b"] * 1_000), {}),
        ("/sample/api/nothing?a=" + "b" * 29_998, {"x-other": "y" * 15_993}),
    ):
        assert (await ask("GET", path, headers=headers)).status_code == 404


async def test_the_conversation_is_the_callers_or_a_new_one() -> None:
    given = "0191d2d4-0000-7000-8000-000000000001"
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert (await ask("GET", "/sample/api/x", headers={"x-correlation-id": given})).headers["x-correlation-id"] == given
    traced = await ask("GET", "/sample/api/x", headers={"traceparent": trace, "x-correlation-id": "<script>"})
    assert traced.headers["x-correlation-id"].replace("-", "") == trace[3:35]
    fresh = {(await ask("GET", "/sample/api/x")).headers["x-correlation-id"] for _ in range(2)}
    assert len(fresh) == 2


async def test_security_headers_are_on_every_answer() -> None:
    for path in ("/sample/form", "/sample/api/nothing", "/sample/fault"):
        headers = (await ask("GET", path)).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert headers["cache-control"] in ("no-store", "no-cache")


async def test_personal_pages_are_not_stored() -> None:
    async with browser(SITE, cookies={"__Host-session": "anna"}) as client:
        assert (await client.get("/sample/private")).headers["cache-control"] == "no-store"
        assert (await client.get("/sample/api/mine")).json()["code"] == "ANNA"


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"origin": "https://evil.test"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"origin": "https://postulo.test"}, False),
        ({}, False),
    ],
)
async def test_a_post_from_another_site_is_refused(headers: dict[str, str], elsewhere: bool) -> None:
    """Past the guard waits the missing anti-forgery token: also 403, but in other words."""
    answer = await ask("POST", "/sample/form", headers=headers)
    assert answer.status_code == 403
    assert ("another site" in answer.text) == elsewhere


async def test_a_session_is_not_usable_from_another_site_through_the_json_door_either() -> None:
    headers = {"sec-fetch-site": "cross-site", "cookie": "__Host-session=anna"}
    assert (await ask("POST", "/sample/api/wrote", headers=headers)).status_code == 403
    assert (await ask("POST", "/sample/api/wrote", headers={"sec-fetch-site": "cross-site"})).status_code == 200


async def test_head_is_get_without_the_body() -> None:
    answer = await ask("HEAD", "/sample/form")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_request_is_logged_by_its_route_without_what_it_carried() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("INFO"))
    with capture_logs() as lines:
        await ask("GET", "/sample/api/fault/bug?email=anna@example.org")
        await ask("GET", "/assets/nothing")
    request = next(line for line in lines if line["event"] == "request")
    assert (request["route"], request["status"]) == ("/sample/api/fault/{kind}", 500)
    assert len([line for line in lines if line["event"] == "request"]) == 1
    assert not [line for line in lines if "anna" in str({k: v for k, v in line.items() if k != "exc_info"})]


async def test_openapi_documents_every_refusal() -> None:
    document = (await ask("GET", "/sample/api/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 7
    for operation in operations:
        for status in ("401", "403", "404", "409", "413", "415", "422", "429", "500", "503"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    assert document["components"]["schemas"]["ProblemDocument"]["properties"]["errors"]
    assert "/sample/form" not in document["paths"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (r"one\r\ntwo", "one\ntwo"),
        (r"one\u000D\u000atwo\r\n", "one\ntwo\n"),
        (r"\r\n\r\n", "\n\n"),
        (r"C:\\r\\n", r"C:\r\n"),
        (r"\\\r\n", "\\\n"),
        (r"one\rtwo\n\r", "one\rtwo\n\r"),
    ],
)
async def test_a_line_end_is_one_sign_at_a_json_door_as_it_is_on_a_page(typed: str, kept: str) -> None:
    body = f'{{"title": "{typed}"}}'.encode()
    answer = await ask("POST", "/sample/api/notes", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (200, kept), answer.text
