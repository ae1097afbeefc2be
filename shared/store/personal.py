"""The personal part of an event: its personal fields together as one text under their subject's key (AES-256-GCM).

It is bound to the event's id, its type and its subject. The other fields stay plain, for whoever has no key.
"""

import os
from base64 import b64decode, b64encode
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.message import PART, Event, personal_fields
from shared.store.codec import encode

NONCE: Final = 12
KEY: Final = 32
"""Bytes of a nonce, and of a subject's key."""


class Of(NamedTuple):
    """What a personal part belongs to."""

    event: UUID
    type: str
    subject: str

    @property
    def bound(self) -> bytes:
        return f"{self.event}/{self.type}/{self.subject}".encode()


def sealed(event: Event, of: Of, cipher: AESGCM | None) -> tuple[str, int]:
    """The event's JSON as it is stored, its personal fields encrypted, and its size in clear, in bytes.

    Without a cipher they are left out: nothing is said in them, or nobody may read it any more.
    """
    fields = personal_fields(type(event))
    plain = encode(event, fields)
    size = len(plain) if plain.isascii() else len(plain.encode())
    if cipher is None:
        return plain, size
    personal = event.model_dump_json(include=fields).encode()  # type: ignore[arg-type] # it takes any set
    nonce = os.urandom(NONCE)
    text = b64encode(nonce + cipher.encrypt(nonce, personal, of.bound)).decode()
    comma = "," if len(plain) > len("{}") else ""
    return f'{plain[:-1]}{comma}"{PART}":"{of.subject}.{text}"}}', size + len(personal)


def subject_in(part: str) -> str:
    """Whose personal part this is."""
    return part.partition(".")[0]


def opened(part: str, of: Of, cipher: AESGCM) -> dict[str, Any]:
    """The personal fields. Raises ValueError for a part that was made for another event, or is damaged."""
    text = b64decode(part[len(of.subject) + 1 :])
    try:
        clear = cipher.decrypt(text[:NONCE], text[NONCE:], of.bound)
    except InvalidTag:
        raise ValueError("the personal part belongs to another event, or is damaged") from None
    found: dict[str, Any] = orjson.loads(clear)
    return found
