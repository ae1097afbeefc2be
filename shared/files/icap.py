"""Scanners that speak ICAP (RFC 3507): the file goes as a message of HTTP, and comes back unless something is in it."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from shared.files.scanner import LONGEST, Address, NoVerdict, asked, chunks

FOUND: Final = ("x-infection-found", "x-virus-id", "x-violations-found", "x-virus-name")
"""Headers in which scanners name what they found: the drafts by which most of them go, and what others made of it."""

REQUEST: Final = b"PUT /upload HTTP/1.1\r\nHost: upload.invalid\r\nContent-Type: application/octet-stream\r\n"
ASKED: Final = b"GET /upload HTTP/1.1\r\nHost: upload.invalid\r\n\r\n"
RESPONSE: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"


class Answer(NamedTuple):
    """Status, headers by their names in lower case, and the HTTP message inside: its head and its body."""

    status: int
    headers: Mapping[str, str]
    head: bytes = b""
    body: bytes = b""


class Icap:
    """Asks a service of an ICAP server: by RESPMOD, as if the file were on its way out, or by REQMOD where that is all
    that it offers.
    """

    def __init__(self, address: Address, url: str) -> None:
        self._address, self._url = address, url
        self._method = ""

    async def found(self, content: bytes) -> str:
        method, self._method = self._method or await self._offered(), ""  # Asked anew after anything but a verdict.
        question = self._question(method, content)
        verdict = _verdict(await asked(self._address, question, lambda reader: _answer(reader, len(content))), content)
        self._method = method
        return verdict

    async def _offered(self) -> str:
        answer = await asked(self._address, [self._head("OPTIONS", "Encapsulated: null-body=0")], _options)
        offered = {method.strip().upper() for method in answer.headers.get("methods", "").split(",")}
        for method in ("RESPMOD", "REQMOD"):
            if answer.status == 200 and method in offered:
                return method
        raise NoVerdict(f"OPTIONS: {answer.status}")

    def _question(self, method: str, content: bytes) -> Iterator[bytes]:
        length = b"Content-Length: %d\r\n\r\n" % len(content)
        if method == "RESPMOD":
            before, head, places = ASKED, RESPONSE + length, f"req-hdr=0, res-hdr={len(ASKED)}, res-body="
        else:
            before, head, places = b"", REQUEST + length, "req-hdr=0, req-body="
        yield self._head(method, "Allow: 204", f"Encapsulated: {places}{len(before) + len(head)}")
        yield before + head
        for piece in chunks(content):
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"

    def _head(self, method: str, *headers: str) -> bytes:
        lines = [f"{method} {self._url} ICAP/1.0", f"Host: {urlsplit(self._url).netloc}", "Connection: close", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _verdict(answer: Answer, sent: bytes) -> str:
    """What comes back as it was is clean, as is what need not come back (204); a page in its place says no."""
    for name in FOUND:
        if name in answer.headers:
            return answer.headers[name]
    if answer.status == 204 or (answer.status == 200 and answer.body == sent and not _is_refusal(answer.head)):
        return ""
    if answer.status == 200 and answer.head:
        return "something that was not named"
    raise NoVerdict(str(answer.status))


def _is_refusal(head: bytes) -> bool:
    """Whether the message inside is an answer of HTTP that is no success."""
    return head.startswith(b"HTTP/") and head.split(b" ", 2)[1:2] != [b"200"]


async def _options(reader: asyncio.StreamReader) -> Answer:
    return Answer(*await _begin(reader))


async def _answer(reader: asyncio.StreamReader, most: int) -> Answer:
    """Of the body, one byte more than was sent at most: it is another one then."""
    status, headers = await _begin(reader)
    places = _places(headers.get("encapsulated", ""))
    if status != 200 or not places:
        return Answer(status, headers)
    last, offset = places[-1]
    if offset > LONGEST:
        raise NoVerdict(last)
    head = await reader.readexactly(offset)
    body = b"" if last == "null-body" else await _body(reader, most)
    start = next((start for name, start in places if name == "res-hdr"), 0)
    return Answer(status, headers, head[start:], body)


async def _begin(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    version, _, rest = line.partition(" ")
    if not version.startswith("ICAP/"):
        raise NoVerdict(version[:20])
    pairs = (each.partition(":") for each in lines)
    return int(rest[:3]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def _places(encapsulated: str) -> list[tuple[str, int]]:
    """Where in the body each part of the HTTP message begins. Raises ValueError for what cannot be read."""
    parts = [part.partition("=") for part in encapsulated.split(",") if part]
    return [(name.strip().lower(), int(offset)) for name, _, offset in parts]


async def _body(reader: asyncio.StreamReader, most: int) -> bytes:
    """Chunks as in HTTP (RFC 9112 §7.1), without their extensions and trailers."""
    body = bytearray()
    while len(body) <= most:
        size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
        if not size:
            break
        body += await reader.readexactly(min(size, most + 1))
        if size > most + 1:
            break
        await reader.readexactly(2)
    return bytes(body)
