"""The process that parses uploads, one after the other and within limits: `python -m shared.files.parser`.

In: a byte that says what is asked, four bytes of length, then the content. Out: an empty line once it is ready, then
a line of JSON for each: what it is and its flaw or null, or what it holds. It is killed by the system when a file
takes more processor time or memory than it may, and by its parent when the clock runs out.
"""

import json
import resource
import sys
import time
from typing import Any, BinaryIO, Final

from shared.files.answers import READY, UNPACK
from shared.files.kinds import look
from shared.files.unpacking import unpack

CPU_SECONDS: Final = 5
MEMORY: Final = 320_000_000
"""Bytes of address space: a picture of 25 megapixels in four colours, sent in scans, takes 270 MB of it."""


def main(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Parses what comes in until there is no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    outgoing.write(READY)
    outgoing.flush()
    while head := incoming.read(5):
        content = incoming.read(int.from_bytes(head[1:], "big"))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))
        outgoing.write(json.dumps(_answer(head[:1], content)).encode() + b"\n")
        outgoing.flush()


def _answer(asked: bytes, content: bytes) -> list[Any]:
    if asked == UNPACK:
        held = unpack(content)
        return [held.format, held.content, held.flaw and held.flaw.model_dump()]
    found = look(content)
    return [found.kind, found.flaw and found.flaw.model_dump()]


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
