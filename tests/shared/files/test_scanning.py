"""Virus scanners by their protocols: what they find, what they cannot say, and that nothing passes unscanned."""

import socket
from collections.abc import AsyncIterator
from typing import Final

import pytest

from shared.files.inspecting import AWAY, REFUSED, Inspector, scanner_of
from shared.files.parsing import Parsers
from shared.files.scanner import CHUNK, Scanner
from shared.model.errors import Invalid, Unavailable
from shared.ops.settings import Settings
from tests.shared.files.scanners import EICAR, SIGNATURE, ClamdServer, IcapServer, Talk, listening, saying, silent
from tests.shared.files.test_parsing import pdf

LARGE: Final = pdf() + b"%" + bytes(range(256)) * 4_000
"""Of sixteen pieces, and a part of one."""

SCHEMES: Final = {"clamd": "clamd://{}", "icap": "icap://{}/avscan"}


def scanner_at(scheme: str, address: str) -> Scanner:
    found = scanner_of(SCHEMES[scheme].format(address))
    assert found is not None
    return found


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    found = Parsers()
    yield found
    await found.close()


def where_nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


async def test_clamd_gets_the_file_in_pieces_and_says_what_it_found() -> None:
    server = ClamdServer()
    async with listening(server) as address:
        scanner = scanner_at("clamd", address)
        assert await scanner.found(LARGE) == ""
        assert server.pieces == [CHUNK] * (len(LARGE) // CHUNK) + [len(LARGE) % CHUNK]
        assert await scanner.found(b"") == ""
        assert await scanner.found(LARGE[: CHUNK - 20] + EICAR + LARGE) == SIGNATURE, "across two pieces too"
    assert server.seen[:2] == [LARGE, b""]


@pytest.mark.parametrize("methods", ["RESPMOD, REQMOD", "REQMOD", "respmod"])
@pytest.mark.parametrize("clean", ["204", "as it was"])
async def test_icap_gets_the_file_whole_by_a_method_that_it_offers(methods: str, clean: "str") -> None:
    server = IcapServer(methods.upper(), "204" if clean == "204" else "as it was")
    async with listening(server) as address:
        scanner = scanner_at("icap", address)
        for content in (LARGE, b"", b"%PDF-"):
            assert await scanner.found(content) == ""
        assert await scanner.found(LARGE + EICAR + LARGE) == f"Type=0; Resolution=2; Threat={SIGNATURE};"
    method = "REQMOD" if methods == "REQMOD" else "RESPMOD"
    assert server.seen == [(method, each) for each in (LARGE, b"", b"%PDF-", LARGE + EICAR + LARGE)]


@pytest.mark.parametrize("methods", ["RESPMOD", "REQMOD"])
@pytest.mark.parametrize("dirty", ["a page", "changed"])
async def test_icap_refuses_without_a_name_where_something_else_comes_back(methods: str, dirty: str) -> None:
    server = IcapServer(methods, "as it was", "a page" if dirty == "a page" else "changed")
    async with listening(server) as address:
        scanner = scanner_at("icap", address)
        assert await scanner.found(EICAR) == "something that was not named"
        assert await scanner.found(pdf()) == ""


async def test_icap_is_asked_anew_what_it_offers_after_it_had_no_verdict(parsers: Parsers) -> None:
    server = IcapServer("RESPMOD")
    async with listening(server) as address:
        inspector = Inspector(parsers, scanner_at("icap", address))
        assert (await inspector.look("a.pdf", pdf())).kind == "application/pdf"
        server.methods = "REQMOD"
        with pytest.raises(Unavailable):
            await inspector.look("a.pdf", pdf())
        assert (await inspector.look("a.pdf", pdf())).kind == "application/pdf"
    assert [method for method, _ in server.seen] == ["RESPMOD", "REQMOD"]


@pytest.mark.parametrize(("scheme", "server"), [("clamd", ClamdServer()), ("icap", IcapServer())])
async def test_what_passes_the_scanner_is_parsed_and_what_does_not_is_named(
    parsers: Parsers, scheme: str, server: Talk
) -> None:
    async with listening(server) as address:
        inspector = Inspector(parsers, scanner_at(scheme, address))
        assert (await inspector.look("good.pdf", pdf())).kind == "application/pdf"
        assert (await inspector.look("what.pdf", b"nothing known")).kind is None
        with pytest.raises(Invalid) as refused:
            await inspector.look("bad.pdf", pdf() + EICAR)
    (problem,) = refused.value.problems
    assert (problem.message, problem.params) == (REFUSED, {"name": "bad.pdf"})


AWAY_OR_ODD: Final[dict[str, tuple[str, Talk]]] = {
    "clamd: silent": ("clamd", silent),
    "clamd: gone": ("clamd", saying(b"")),
    "clamd: cut short": ("clamd", saying(b"stream: O")),
    "clamd: another answer": ("clamd", saying(b"stream: maybe\0")),
    "clamd: another question": ("clamd", saying(b"/tmp/x: OK\0")),
    "clamd: too large": ("clamd", ClamdServer(largest=100)),
    "clamd: endless": ("clamd", saying(b"s" * 200_000)),
    "icap: silent": ("icap", silent),
    "icap: gone": ("icap", saying(b"")),
    "icap: HTTP": ("icap", saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "icap: no methods": ("icap", IcapServer("")),
    "icap: no such service": ("icap", saying(b"ICAP/1.0 404 Service not found\r\n\r\n")),
    "icap: no status": ("icap", saying(b"ICAP/1.0 \r\n\r\n")),
}


@pytest.mark.parametrize("case", AWAY_OR_ODD)
async def test_without_a_verdict_nothing_is_accepted(parsers: Parsers, case: str) -> None:
    scheme, server = AWAY_OR_ODD[case]
    async with listening(server) as address:
        inspector = Inspector(parsers, scanner_at(scheme, address), seconds=1.0 if server is silent else 20.0)
        with pytest.raises(Unavailable) as refused:
            await inspector.look("a.pdf", LARGE)
    (problem,) = refused.value.problems
    assert (problem.message, problem.params) == (AWAY, {"name": "a.pdf"})


@pytest.mark.parametrize(
    "answer",
    [
        b"ICAP/1.0 500 Server error\r\n\r\n",
        b"ICAP/1.0 200 OK\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=x\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=99999999\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=-5\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\nzz\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n5\r\nab",
    ],
)
async def test_an_answer_of_icap_that_cannot_be_read_is_no_verdict(parsers: Parsers, answer: bytes) -> None:
    whole = IcapServer()

    async def talk(reader: object, writer: object) -> None:
        """Offers what it has, then answers so."""
        server = whole if not asked else saying(answer)
        asked.append(server)
        await server(reader, writer)  # type: ignore[arg-type]

    asked: list[Talk] = []
    async with listening(talk) as address:
        inspector = Inspector(parsers, scanner_at("icap", address))
        with pytest.raises(Unavailable):
            await inspector.look("a.pdf", pdf())
    assert len(asked) == 2


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_where_nobody_listens_nothing_is_accepted(parsers: Parsers, scheme: str) -> None:
    with pytest.raises(Unavailable):
        await Inspector(parsers, scanner_at(scheme, where_nobody_listens())).look("a.pdf", pdf())


async def test_without_a_scanner_nothing_is_asked(parsers: Parsers) -> None:
    assert scanner_of(Settings(environment="test").scanner) is None
    assert (await Inspector(parsers, None).look("a.pdf", pdf() + EICAR)).kind == "application/pdf"


@pytest.mark.parametrize("url", [
    "clamd", "http://host/x", "clamd://", "clamd://host:port", "clamd://host:0", "clamd://host/x", "icap://",
    "icap://host/a b", "icap://user:secret@host/x", "icap://host/é", "icap://host/x\r\nX: y",
])  # fmt: skip
def test_what_is_no_address_of_a_scanner_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="has to be like clamd://host:port or icap://host:port/service") as refused:
        Settings.model_validate({"environment": "test", "scanner": url})
    assert "secret" not in str(refused.value)
