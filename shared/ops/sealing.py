"""Secrets that are kept readable for us alone: encrypted under keys derived from the master key (AES-256-GCM)."""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12


class Sealer:
    """Encrypts for a purpose, each with a key of its own, and bound to what a text belongs to.

    before: the master key until a moment ago; what it sealed is still opened.
    """

    def __init__(self, master_key: str, before: str = "") -> None:
        self._masters = [key.encode() for key in (master_key, before) if key]

    def sealed(self, purpose: str, text: bytes, belongs_to: object = "") -> bytes:
        """The nonce and the encrypted text."""
        nonce, cipher = os.urandom(NONCE), _cipher(self._masters[0], purpose)
        return nonce + cipher.encrypt(nonce, text, str(belongs_to).encode())

    def opened(self, purpose: str, sealed: bytes, belongs_to: object = "") -> bytes | None:
        """The text; None if it was sealed under another master key, for something else, or changed since."""
        opened = (_opened(master, purpose, sealed, str(belongs_to).encode()) for master in self._masters)
        return next((text for text in opened if text is not None), None)

    def resealed(self, purpose: str, sealed: bytes, belongs_to: object = "") -> bytes | None:
        """The same text sealed under the master key of today; None if it is already, or cannot be opened at all."""
        owner = str(belongs_to).encode()
        if _opened(self._masters[0], purpose, sealed, owner) is not None:
            return None
        text = self.opened(purpose, sealed, belongs_to)
        return None if text is None else self.sealed(purpose, text, belongs_to)

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
