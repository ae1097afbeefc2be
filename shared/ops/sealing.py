"""Secrets that are kept readable for us alone: encrypted under keys derived from the master key (AES-256-GCM)."""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12


class Sealer:
    """Encrypts for a purpose, each with a key of its own, and bound to what a text belongs to."""

    def __init__(self, master_key: str) -> None:
        self._master = master_key.encode()

    def sealed(self, purpose: str, text: bytes, belongs_to: object = "") -> bytes:
        """The nonce and the encrypted text."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher(purpose).encrypt(nonce, text, str(belongs_to).encode())

    def opened(self, purpose: str, sealed: bytes, belongs_to: object = "") -> bytes | None:
        """The text; None if it was sealed under another master key, for something else, or changed since."""
        try:
            return self._cipher(purpose).decrypt(sealed[:NONCE], sealed[NONCE:], str(belongs_to).encode())
        except (InvalidTag, ValueError):
            return None

    def handed_out(self, purpose: str, text: bytes, belongs_to: object = "") -> str:
        """The sealed text for a form that brings it back."""
        return urlsafe_b64encode(self.sealed(purpose, text, belongs_to)).decode()

    def handed_back(self, purpose: str, sealed: str, belongs_to: object = "") -> bytes | None:
        """What was handed out; None for anything else."""
        try:
            return self.opened(purpose, urlsafe_b64decode(sealed.encode()), belongs_to)
        except ValueError:
            return None

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(hmac.digest(self._master, f"sealing/{purpose}".encode(), "sha256"))
