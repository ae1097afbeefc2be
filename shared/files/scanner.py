"""What a virus scanner is asked, whatever it speaks, and a connection for one question."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple, Protocol, TypeVar

T = TypeVar("T")

CHUNK: Final = 65_536
LONGEST: Final = 65_536
"""Bytes of a line, or of headers, that a scanner may answer."""


class NoVerdict(Exception):
    """The scanner answered, but not what the file is."""


class Scanner(Protocol):
    """What can be asked about a file."""

    async def found(self, content: bytes) -> str:
        """What is in it, as the scanner names it; empty: nothing. Raises NoVerdict, OSError, EOFError or ValueError."""


class Address(NamedTuple):
    """Where a scanner listens."""

    host: str
    port: int


def chunks(content: bytes) -> Iterator[bytes]:
    """The content in pieces, none of them empty."""
    return (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))


async def asked(address: Address, parts: Iterable[bytes], read: Callable[[asyncio.StreamReader], Awaitable[T]]) -> T:
    """Sends all parts over a connection of its own while the answer is read, which may come before their end."""
    reader, writer = await asyncio.open_connection(*address, limit=LONGEST)
    sending = asyncio.create_task(_send(writer, parts))
    try:
        return await read(reader)
    finally:
        sending.cancel()
        await asyncio.wait([sending])
        writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> None:
    """Whether it arrived is told by the answer."""
    with suppress(OSError):
        for part in parts:
            writer.write(part)
            await writer.drain()
