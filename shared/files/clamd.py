"""ClamAV's daemon: a file is streamed to it (clamd(8), INSTREAM), and it says in a line what it found."""

import asyncio
from collections.abc import Iterator
from typing import Final

from shared.files.scanner import Address, NoVerdict, asked, chunks

END: Final = b"\0"
"""Of a command that begins with `z`, and of its answer."""


class Clamd:
    """Asks a clamd. A file that is larger than its StreamMaxLength has no verdict."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def found(self, content: bytes) -> str:
        said = await asked(self._address, _stream(content), _line)
        if said == "stream: OK":
            return ""
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise NoVerdict(said)


def _stream(content: bytes) -> Iterator[bytes]:
    """The command, then each piece after its length, and a length of nothing."""
    yield b"zINSTREAM" + END
    for piece in chunks(content):
        yield len(piece).to_bytes(4, "big") + piece
    yield bytes(4)


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(END)).removesuffix(END).decode(errors="replace").strip()
