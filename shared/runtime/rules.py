"""What the services' rules are made of, named by a digest: a snapshot that other code has folded does not count."""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pydantic

import shared.model
import shared.vocabulary
from shared.model.decider import AnyDecider

OF_SERVICES: Final = ("*/domain/**/*", "*/events.*", "*/events/**/*")
"""Rules use these, and of other services the events alone, beside the packages below: the contract "pure" says so."""
KINDS: Final = (".py", ".json")


def rules_of(deciders: Sequence[AnyDecider]) -> str:
    """A digest of all that these can use; "" without any."""
    return _digest(deciders[0].evolve.__module__.partition(".")[0]) if deciders else ""


@cache
def _digest(package: str) -> str:
    total = hashlib.sha256(f"{sys.version_info[:2]} {pydantic.VERSION}".encode())
    for path in sorted(_sources(package)):
        total.update(path.read_bytes())
    return total.hexdigest()


def _sources(package: str) -> Iterable[Path]:
    for part in (shared.model, shared.vocabulary):
        yield from _of_kind(Path(part.__path__[0]).glob("**/*"))
    folder = Path(sys.modules[package].__path__[0])
    for pattern in OF_SERVICES:
        yield from _of_kind(folder.glob(pattern))


def _of_kind(paths: Iterable[Path]) -> Iterable[Path]:
    return (path for path in paths if path.suffix in KINDS)
