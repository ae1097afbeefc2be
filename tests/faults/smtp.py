"""A gate before the mailbox, which may be shut, slow, or cut the line once a mail has been taken."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Final

END: Final = b"\r\n.\r\n"
ID: Final = re.compile(rb"^Message-ID: *<([^>]+)>", re.IGNORECASE | re.MULTILINE)
SLOW_SECONDS: Final = 1.5
EVERY: Final = 2
"""Where lines are cut, that of each second mail is: the others show that something gets through."""


class Mode(Enum):
    """What a sender meets."""

    OPEN = "open"
    SHUT = "shut"
    SLOW = "slow"
    CUT = "cut"


class Gate:
    """Hands SMTP on to the mailbox. `cut`: Message-IDs of mails that were taken without their sender learning it."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self._there = host, port
        self.port = 0
        self.cut: Counter[str] = Counter()
        self._mode = Mode.OPEN
        self._server: asyncio.Server | None = None
        self._lines: set[StreamWriter] = set()
        self._mails = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Gate"]:
        await self._listen()
        try:
            yield self
        finally:
            await self.set(Mode.SHUT)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def set(self, mode: Mode) -> None:
        """From now on; whoever is connected when the gate is shut is thrown out."""
        self._mode = mode
        if mode is Mode.SHUT and self._server is not None:
            self._server.close()
            self._server = None
            for line in list(self._lines):
                line.transport.abort()
        elif mode is not Mode.SHUT and self._server is None:
            await self._listen()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._lines.add(writer)
        try:
            back, forth = await asyncio.open_connection(self.host, self._there)
            line = _Line()
            pumps = [asyncio.create_task(self._forth(reader, forth, line)),
                     asyncio.create_task(self._back(back, writer, line))]  # fmt: skip
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            forth.close()
        finally:
            self._lines.discard(writer)
            writer.close()

    async def _forth(self, reader: StreamReader, writer: StreamWriter, line: "_Line") -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self._mode is Mode.SLOW:
                    await asyncio.sleep(SLOW_SECONDS)
                line.hears(data)
                writer.write(data)
                await writer.drain()

    async def _back(self, reader: StreamReader, writer: StreamWriter, line: "_Line") -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if line.ended and self._is_cut(line):
                    return
                writer.write(data)
                await writer.drain()

    def _is_cut(self, line: "_Line") -> bool:
        """Whether the answer to a mail that was sent to its end is kept from its sender."""
        name, self._mails = line.next_mail(), self._mails + 1
        if self._mode is not Mode.CUT or self._mails % EVERY:
            return False
        self.cut[name] += 1
        return True


class _Line:
    """What was said on one connection since its last mail."""

    def __init__(self) -> None:
        self._said = b""

    def hears(self, data: bytes) -> None:
        self._said += data

    @property
    def ended(self) -> bool:
        return END in self._said

    def next_mail(self) -> str:
        """The Message-ID of the mail that was sent to its end; what follows is the next one."""
        mail, _, self._said = self._said.partition(END)
        found = ID.search(mail)
        return found[1].decode() if found else ""
