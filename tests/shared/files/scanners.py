"""Small scanners that speak the real protocols, find the EICAR test file, and can be told to misbehave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Final, Literal

EICAR: Final = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of all scanners, in two parts, lest one of them finds it here."""

SIGNATURE: Final = "Win.Test.EICAR_HDB-1"
BEGINNING: Final = 200
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    """`host:port` at which each connection is talked with, until the block ends."""

    surprises: list[Exception] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, EOFError):
                await talk(reader, writer)
        except Exception as surprise:  # noqa: BLE001 - it is raised where the test sees it
            surprises.append(surprise)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.close()
    if surprises:
        raise ExceptionGroup("what the scanner was asked", surprises)


async def in_pieces(writer: asyncio.StreamWriter, answer: bytes) -> None:
    """Its beginning byte by byte, as a network may hand it on."""
    for byte in answer[:BEGINNING]:
        writer.write(bytes([byte]))
        await writer.drain()
    writer.write(answer[BEGINNING:])
    await writer.drain()


class ClamdServer:
    """INSTREAM as clamd(8) has it; `seen` holds each file that was streamed whole."""

    def __init__(self, largest: int = 25_000_000) -> None:
        self.largest = largest
        self.seen: list[bytes] = []
        self.pieces: list[int] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readuntil(b"\0") != b"zINSTREAM\0":
            return await in_pieces(writer, b"UNKNOWN COMMAND\0")
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            self.pieces.append(size)
            content += await reader.readexactly(size)
            if len(content) > self.largest:
                return await in_pieces(writer, b"INSTREAM size limit exceeded. ERROR\0")
        self.seen.append(content)
        verdict = f"{SIGNATURE} FOUND" if EICAR in content else "OK"
        return await in_pieces(writer, f"stream: {verdict}\0".encode())


Clean = Literal["204", "as it was"]
Dirty = Literal["named", "a page", "changed"]


class IcapServer:
    """RFC 3507 as antivirus services have it; `seen` holds the method and the file of each question."""

    def __init__(self, methods: str = "RESPMOD, REQMOD", clean: Clean = "204", dirty: Dirty = "named") -> None:
        self.methods, self.clean, self.dirty = methods, clean, dirty
        self.seen: list[tuple[str, bytes]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, headers = await _head(reader)
        method, url, version = line.split(" ")
        assert version == "ICAP/1.0"
        assert url.startswith("icap://127.0.0.1:")
        assert url.endswith("/avscan")
        assert headers["host"] == url.removeprefix("icap://").removesuffix("/avscan")
        if method == "OPTIONS":
            assert headers["encapsulated"] == "null-body=0"
            said = f'ICAP/1.0 200 OK\r\nMethods: {self.methods}\r\nISTag: "1"\r\nEncapsulated: null-body=0\r\n\r\n'
            return await in_pieces(writer, said.encode())
        if method not in self.methods:
            return await in_pieces(writer, b"ICAP/1.0 405 Method not allowed\r\n\r\n")
        content = await self._content(reader, method, headers)
        self.seen.append((method, content))
        return await in_pieces(writer, self._answer(method, content, headers))

    async def _content(self, reader: asyncio.StreamReader, method: str, headers: dict[str, str]) -> bytes:
        """The file, once the message of HTTP around it was found to be one, its parts where they are said to be."""
        places = [part.strip().split("=") for part in headers["encapsulated"].split(",")]
        names = ["req-hdr", "res-hdr", "res-body"] if method == "RESPMOD" else ["req-hdr", "req-body"]
        assert [name for name, _ in places] == names
        offsets = [int(offset) for _, offset in places]
        heads = [await reader.readexactly(end - start) for start, end in pairwise(offsets)]
        assert all(head.endswith(b"\r\n\r\n") for head in heads)
        assert heads[0].split(b" ")[0] == (b"GET" if method == "RESPMOD" else b"PUT")
        content = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            content += await reader.readexactly(size)
            assert await reader.readexactly(2) == b"\r\n"
        assert await reader.readexactly(2) == b"\r\n"
        assert b"Content-Length: %d\r\n" % len(content) in heads[-1]
        return content

    def _answer(self, method: str, content: bytes, headers: dict[str, str]) -> bytes:
        infected = EICAR in content
        if not infected and self.clean == "204":
            assert headers["allow"] == "204"
            return b'ICAP/1.0 204 No modifications needed\r\nISTag: "1"\r\n\r\n'
        if not infected:
            head = (
                b"HTTP/1.1 200 OK\r\nVia: scanner\r\n\r\n" if method == "RESPMOD" else b"PUT /upload HTTP/1.1\r\n\r\n"
            )
            return _modified("res" if method == "RESPMOD" else "req", head, content)
        if self.dirty == "changed":
            return _modified("res", b"HTTP/1.1 200 OK\r\n\r\n", b"This file was removed")
        found = f"X-Infection-Found: Type=0; Resolution=2; Threat={SIGNATURE};\r\n" if self.dirty == "named" else ""
        return _modified("res", b"HTTP/1.1 403 Forbidden\r\n\r\n", content if self.dirty == "a page" else b"", found)


def _modified(part: str, head: bytes, body: bytes, more: str = "") -> bytes:
    """An answer of 200, its body in chunks of seven bytes, one of them with an extension."""
    said = f"ICAP/1.0 200 OK\r\n{more}Encapsulated: {part}-hdr=0, {part}-body={len(head)}\r\n\r\n".encode()
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    chunked = b"".join(b"%x; note=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return said + head + chunked + b"0\r\n\r\n"


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    return line, {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads everything and answers nothing, until whoever asks has given up."""
    while await reader.read(65_536):
        pass


def saying(answer: bytes) -> Talk:
    """Answers this, whatever it is asked, and goes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        await in_pieces(writer, answer)

    return talk
