"""What an address takes: its methods as `Allow` lists them, and bodies only as they are."""

import httpx
import pytest

from tests.shared.web.site import browser, site

SITE = site()


async def ask(method: str, path: str, **options: object) -> httpx.Response:
    async with browser(SITE) as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/sample/api/notes", "OPTIONS, POST"),
        ("/sample/api/mine", "GET, HEAD, OPTIONS"),
        ("/sample/form", "GET, HEAD, OPTIONS, POST"),
        ("/assets/postulo.css", "GET, HEAD, OPTIONS"),
    ],
)
async def test_allow_lists_the_methods_of_all_routes_of_an_address(path: str, allowed: str) -> None:
    refused, asked = await ask("DELETE", path), await ask("OPTIONS", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allowed, b"")


async def test_options_of_an_address_that_there_is_not_is_404() -> None:
    answer = await ask("OPTIONS", "/sample/api/nothing")
    assert (answer.status_code, answer.headers.get("allow")) == (404, None)


async def test_head_of_what_cannot_be_read_is_refused() -> None:
    answer = await ask("HEAD", "/sample/api/notes")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "OPTIONS, POST", b"")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "GZIP"])
@pytest.mark.parametrize("path", ["/sample/api/notes", "/sample/form"])
async def test_what_is_compressed_is_refused_and_told_what_is_read(path: str, coding: str) -> None:
    headers = {"content-encoding": coding, "content-type": "application/json"}
    answer = await ask("POST", path, content=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert "without Content-Encoding" in answer.text
    if path == "/sample/api/notes":
        assert answer.json()["type"] == "urn:postulo:problem:unsupported-format"


async def test_a_second_line_of_the_header_hides_no_coding() -> None:
    headers = [(b"content-encoding", b"identity"), (b"content-encoding", b"gzip")]
    assert (await ask("POST", "/sample/api/notes", content=b"\x1f\x8b", headers=headers)).status_code == 415


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
async def test_a_body_that_is_said_to_be_as_it_is_is_read(coding: str) -> None:
    answer = await ask("POST", "/sample/api/notes", json={"title": "x"}, headers={"content-encoding": coding})
    assert answer.status_code == 200
