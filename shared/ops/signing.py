"""Signatures on what a browser carries for us: what comes back unchanged was given out by one of our own processes."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

LENGTH: Final = 16
"""Bytes of a signature: HMAC-SHA-256, truncated (RFC 2104 §5)."""


class Signer:
    """Signs texts for a purpose, each purpose with a key of its own derived from the master key."""

    def __init__(self, master_key: str) -> None:
        self._master = master_key.encode()

    @classmethod
    def of_this_process(cls) -> "Signer":
        """One whose signatures nobody else knows: for an application that stands alone."""
        return cls(secrets.token_urlsafe(32))

    def signed(self, purpose: str, text: str) -> str:
        """The text with its signature before it: `signature.text`, in the alphabet of the text, `-`, `_` and `.`."""
        return f"{self._signature(purpose, text)}.{text}"

    def read(self, purpose: str, signed: str) -> str | None:
        """The text, if it was signed here for this purpose."""
        signature, _, text = signed.partition(".")
        right = self._signature(purpose, text)
        return text if hmac.compare_digest(signature.encode(), right.encode()) else None

    def _signature(self, purpose: str, text: str) -> str:
        key = hmac.digest(self._master, purpose.encode(), "sha256")
        digest = hmac.digest(key, text.encode(errors="surrogateescape"), "sha256")
        return urlsafe_b64encode(digest[:LENGTH]).decode().rstrip("=")
