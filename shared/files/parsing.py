"""Parsing what strangers upload: in processes of their own, few at a time, each killed when a file takes too much."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Any, Final

import structlog

from shared.files.answers import LOOK, READY, UNPACK, Found, Unpacked
from shared.model.errors import N_, Invalid, Unavailable
from shared.vocabulary.flaws import Flaw

log = structlog.get_logger(__name__)

AT_ONCE: Final = 1
"""A container holds the memory that so many may take, beside its service."""

SECONDS: Final = 8.0
"""What a file may take by the clock, beside others on a busy machine; its processor time has a limit of its own."""

STARTING_SECONDS: Final = 30.0
"""What a parser may take to load its libraries, which is no fault of the file that it is started for."""

LONGEST_ANSWER: Final = 16_000_000
"""Bytes of what a process says of a file: the texts of one that holds much, every sign of them escaped."""

TOO_MUCH: Final = N_("This file takes too long to check. Save or scan it again in a simpler form")
NOT_NOW: Final = N_("Files cannot be checked at the moment. Send yours again in a minute")


class Parsers:
    """The parsers of one service: started when they are needed, kept for the next file, gone with `close`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._free: list[Process] = []
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def look(self, content: bytes) -> Found:
        """What the content is.

        Raises Invalid if it takes too much time or memory to tell, Unavailable if no parser starts.
        """
        kind, flaw = await self._answer(LOOK, content)
        return Found(kind, flaw and Flaw.model_validate(flaw))

    async def unpack(self, content: bytes) -> Unpacked:
        """What a program wrote into it. Raises as `look` does."""
        kind, held, flaw = await self._answer(UNPACK, content)
        return Unpacked(kind, held, flaw and Flaw.model_validate(flaw))

    async def _answer(self, asked: bytes, content: bytes) -> list[Any]:
        async with self._turns:
            process = await self._process()
            try:
                async with asyncio.timeout(self._seconds):
                    found = await _asked(process, asked, content)
            except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                raise Invalid.because(TOO_MUCH) from None
            else:
                self._free.append(process)
                return found
            finally:
                if process not in self._free:
                    await _ended(process)

    async def _process(self) -> Process:
        """One that waits for a file, or a new one."""
        while self._free:
            if (process := self._free.pop()).returncode is None:
                return process
        return await _started()

    async def close(self) -> None:
        while self._free:
            await _ended(self._free.pop())


async def _started() -> Process:
    """Its own errors are thrown away: they would quote the file. Raises Unavailable if it does not start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.files.parser",
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True, limit=LONGEST_ANSWER,
    )  # fmt: skip
    try:
        await _ready(process)
    except BaseException:
        await _ended(process)
        raise
    return process


async def _ready(process: Process) -> None:
    """Waits until it has loaded what it needs. Raises Unavailable if it has ended, or takes too long for that."""
    said = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(STARTING_SECONDS):
            said = await process.stdout.readline() if process.stdout else b""
    if said != READY:
        log.error("the parser of files does not start", ended=process.returncode)
        raise Unavailable.because(NOT_NOW)


async def _asked(process: Process, asked: bytes, content: bytes) -> list[Any]:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError
    process.stdin.write(asked + len(content).to_bytes(4, "big") + content)
    await process.stdin.drain()
    answer: list[Any] = json.loads(await process.stdout.readuntil(b"\n"))
    return answer


async def _ended(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
