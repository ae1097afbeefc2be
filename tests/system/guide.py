"""Follows docs/integration.md as a reader does: every block as it is written, in order, in one shell."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local.options import ROOT

PAGE: Final = ROOT / "docs" / "integration.md"
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$|^<!-- (.*?) -->$", re.MULTILINE | re.DOTALL)
NAMED: Final = re.compile(r"# ([a-z]+\.py): .*")
PATIENCE: Final = 200.0
"""Seconds for the commands of one block."""
DONE: Final = "-- the block has ended --"

Act = Callable[["Shell"], Awaitable[None]]


class Block(NamedTuple):
    """A block of code in its language, or what somebody else does meanwhile ("act")."""

    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(found[1] or "act", found[2] or found[3]) for found in BLOCK.finditer(PAGE.read_text())]


class Shell:
    """One bash in a folder of its own, in which `make` is that of the clone."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, text: str) -> str:
        """What the lines say; fails the test where a command of them fails."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{text}\necho '{DONE}'\n".encode())
        await self._process.stdin.drain()
        said: list[str] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while DONE not in (line := (await self._process.stdout.readline()).decode()):
                    assert line, f"{text}\nfailed:\n{''.join(said)}"
                    said.append(line)
        except TimeoutError as error:
            error.add_note(f"{text}\nnever ended:\n{''.join(said)}")
            raise
        return "".join(said)


@asynccontextmanager
async def shell(folder: Path, data: Path, variables: Mapping[str, str]) -> AsyncIterator[Shell]:
    around = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
    path = os.pathsep.join((str(Path(sys.executable).parent), around["PATH"]))
    process = await asyncio.create_subprocess_exec(
        "bash", "-eo", "pipefail", stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=folder, start_new_session=True,
        env={**around, **variables, "POSTULO_DATA": str(data), "PATH": path},
    )  # fmt: skip
    try:
        reader = Shell(process)
        await reader.run(f'make() {{ (cd {ROOT} && python3 -m tests.local.commands {data} "$@"); }}')
        yield reader
    finally:
        with suppress(ProcessLookupError):  # With all that its blocks have left running.
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def follow(reader: Shell, folder: Path, acts: Mapping[str, Act]) -> str:
    """All that the blocks say."""
    said = []
    for block in blocks():
        if block.language == "python":
            name = NAMED.match(block.text)
            assert name, f"the block does not say how its file is called: {block.text[:80]}"
            (folder / name[1]).write_text(block.text)
        elif block.language == "act":
            await acts[block.text](reader)
        else:
            assert block.language == "bash"
            said.append(await reader.run(block.text))
    return "".join(said)
