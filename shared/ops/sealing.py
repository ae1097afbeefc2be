"""Secrets that are kept readable for us alone: encrypted under keys derived from the master key (AES-256-GCM)."""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12


@dataclass(frozen=True)
class Resealed:
    """How many secrets were sealed anew, and how many no master key opens that is known."""

    anew: int = 0
    closed: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.anew + other.anew, self.closed + other.closed)


Keep = Callable[[Any, bytes, bytes], Awaitable[object]]
"""Keeps a secret, given by what it belongs to and as it was sealed, as it is sealed now."""


class Sealer:
    """Encrypts for a purpose, each with a key of its own, and bound to what a text belongs to.

    before: the master key until a moment ago; what it sealed is still opened, and sealed anew.
    upcoming: the one that other processes may seal under already; what it sealed is opened, and stays as it is.
    """

    def __init__(self, master_key: str, before: str = "", upcoming: str = "") -> None:
        self._masters = [key.encode() for key in (master_key, before, upcoming) if key]
        self._before = before.encode()

    def sealed(self, purpose: str, text: bytes, belongs_to: object = "") -> bytes:
        """The nonce and the encrypted text."""
        nonce, cipher = os.urandom(NONCE), _cipher(self._masters[0], purpose)
        return nonce + cipher.encrypt(nonce, text, str(belongs_to).encode())

    def opened(self, purpose: str, sealed: bytes, belongs_to: object = "") -> bytes | None:
        """The text; None if it was sealed under another master key, for something else, or changed since."""
        opened = (_opened(master, purpose, sealed, str(belongs_to).encode()) for master in self._masters)
        return next((text for text in opened if text is not None), None)

    def resealed(self, purpose: str, sealed: bytes, belongs_to: object = "") -> bytes | None:
        """The same text sealed under the master key of today; None if that of before has not sealed it."""
        if not self._before or self._before == self._masters[0]:
            return None
        text = _opened(self._before, purpose, sealed, str(belongs_to).encode())
        return None if text is None else self.sealed(purpose, text, belongs_to)

    async def reseal(self, purpose: str, secrets: Iterable[tuple[Any, bytes]], keep: Keep) -> Resealed:
        """Has those kept that are to be sealed anew. secrets: what each belongs to, and as it is sealed."""
        count = Resealed()
        for belongs_to, sealed in secrets:
            if self.opened(purpose, sealed, belongs_to) is None:
                count += Resealed(closed=1)
            elif anew := self.resealed(purpose, sealed, belongs_to):
                await keep(belongs_to, sealed, anew)
                count += Resealed(anew=1)
        return count

    def handed_out(self, purpose: str, text: bytes, belongs_to: object = "") -> str:
        """The sealed text for a form that brings it back."""
        return urlsafe_b64encode(self.sealed(purpose, text, belongs_to)).decode()

    def handed_back(self, purpose: str, sealed: str, belongs_to: object = "") -> bytes | None:
        """What was handed out; None for anything else."""
        try:
            return self.opened(purpose, urlsafe_b64decode(sealed.encode()), belongs_to)
        except ValueError:
            return None


def _opened(master: bytes, purpose: str, sealed: bytes, owner: bytes) -> bytes | None:
    try:
        return _cipher(master, purpose).decrypt(sealed[:NONCE], sealed[NONCE:], owner)
    except (InvalidTag, ValueError):
        return None


def _cipher(master: bytes, purpose: str) -> AESGCM:
    return AESGCM(hmac.digest(master, f"sealing/{purpose}".encode(), "sha256"))
