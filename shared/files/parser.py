"""The process that parses uploads, one after the other and within limits: `python -m shared.files.parser`.

In: four bytes of length, then the content. Out: a line of JSON, kind and flaw or null. It is killed by the system when
a file takes more processor time or memory than it may, and by its parent when the clock runs out.
"""

import json
import resource
import sys
import time
from typing import BinaryIO, Final

from shared.files.kinds import look

CPU_SECONDS: Final = 5
MEMORY: Final = 1_000_000_000
"""Bytes of address space; a page of 25 megapixels needs a tenth of it."""


def main(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Parses what comes in until there is no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    while head := incoming.read(4):
        content = incoming.read(int.from_bytes(head, "big"))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))
        found = look(content)
        outgoing.write(json.dumps([found.kind, found.flaw and found.flaw.model_dump()]).encode() + b"\n")
        outgoing.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
