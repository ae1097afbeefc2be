"""A file that a stranger uploads is looked at before it is accepted: by the virus scanner, if there is one, then by us.

What no scanner has seen is not accepted while one is set: it is away for a moment, and the file can be sent again.
"""

import asyncio
from typing import Final
from urllib.parse import urlsplit

import structlog

from shared.files.answers import Found, Unpacked
from shared.files.clamd import Clamd
from shared.files.icap import Icap
from shared.files.parsing import Parsers
from shared.files.scanner import Address, NoVerdict, Scanner
from shared.model.errors import N_, Invalid, Unavailable

log = structlog.get_logger(__name__)

SECONDS: Final = 20.0
"""For which a scanner may look at one file."""

CLAMD, ICAP = 3310, 1344
"""The ports where they listen unless another is named."""

REFUSED: Final = N_("The virus scanner refused “%(name)s”. Check your computer for viruses, and send another file")
AWAY: Final = N_("“%(name)s” cannot be checked for viruses at the moment, and was not accepted. Try again in a minute")


class Inspector:
    """What every upload of a service passes through."""

    def __init__(self, parsers: Parsers, scanner: Scanner | None = None, seconds: float = SECONDS) -> None:
        self._parsers, self._scanner, self._seconds = parsers, scanner, seconds

    async def look(self, name: str, content: bytes, field: str = "") -> Found:
        """What the content is. Raises Invalid for a virus, or if that takes too much to tell, Unavailable for now.

        field: in which the file came, for what is said of the scanner.
        """
        if self._scanner:
            await self._scan(self._scanner, name, content, field)
        return await self._parsers.look(content)

    async def unpack(self, name: str, content: bytes, field: str = "") -> Unpacked:
        """What a program wrote into it. Raises as `look` does."""
        if self._scanner:
            await self._scan(self._scanner, name, content, field)
        return await self._parsers.unpack(content)

    async def _scan(self, scanner: Scanner, name: str, content: bytes, field: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                found = await scanner.found(content)
        except (NoVerdict, OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            log.error("the virus scanner gave no verdict", error=type(error).__name__)
            raise Unavailable.because(AWAY, field, name=name) from None
        if found:
            log.warning("the virus scanner refused a file", found=found[:100])
            raise Invalid.because(REFUSED, field, name=name)


def scanner_of(url: str) -> Scanner | None:
    """The scanner at this address, clamd://host:port or icap://host:port/service; none where there is no address."""
    if not url:
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "clamd":
        return Clamd(Address(host, parts.port or CLAMD))
    return Icap(Address(host, parts.port or ICAP), url)
