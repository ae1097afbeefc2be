"""Samples of events as they are stored: what is personal in them sealed, under a key that stays the same for ever."""

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.message import PART, Event, Published, personal_fields, subject_of
from shared.runtime.schemas import CONTRACTS, SAMPLE, STREAM, Version, samples_of, sealed_of
from shared.store.codec import Codec
from shared.store.personal import NONCE, Of

KEY: Final = b"of every subject in the samples."
"""The key of every subject of a sample."""


def all_sealed(published: Published, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """Those that are kept, and new ones of the samples of which there is none yet."""
    kept, codec = sealed_of(published.service, folder), Codec(published.events, published.upcasters)
    events = {event.__name__: (name, event) for name, events in published.aggregates.items() for event in events}
    found = {}
    for version, data in samples_of(published.service, folder).items():
        category, model = events[version.type]
        if personal_fields(model):
            event = codec.data(*version, json.dumps(data))
            found[version] = kept.get(version) or _sealed(data, event, subject_of(event, f"{category}-{STREAM}"))
    return found


def _sealed(data: dict[str, Any], event: Event, subject: str) -> dict[str, Any]:
    """The same data, of whichever version, as they would have been stored."""
    hidden, nonce = personal_fields(type(event)), os.urandom(NONCE)
    clear = json.dumps({name: value for name, value in data.items() if name in hidden}, ensure_ascii=False).encode()
    text = AESGCM(KEY).encrypt(nonce, clear, Of(SAMPLE, type(event).__name__, subject).bound)
    plain = {name: value for name, value in data.items() if name not in hidden}
    return {**plain, PART: f"{subject}.{b64encode(nonce + text).decode()}"}


def by_type(samples: dict[Version, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """As the file has them: by type and version."""
    found: dict[str, dict[str, Any]] = {}
    for version, data in samples.items():
        found.setdefault(version.type, {})[str(version.version)] = data
    return found
