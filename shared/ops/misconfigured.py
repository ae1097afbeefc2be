"""A setting that cannot be used: named with where it comes from and what to do, never with its value."""

import os
import re
from collections.abc import Collection
from typing import Any, Final

from pydantic import ValidationError

PREFIX: Final = "POSTULO_"
FILE: Final = "_FILE"
_NAME = re.compile(r"\bPOSTULO_[A-Z0-9_]*[A-Z0-9]\b")


class Misconfigured(Exception):
    """What is wrong with the settings, in one line for the operator."""

    @classmethod
    def by(cls, error: ValidationError, given: Collection[str] = ()) -> "Misconfigured":
        """All that the settings' own checks found. given: settings that the program was told of otherwise, by name."""
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return cls(with_sources("; ".join(map(_sentence, found)), {PREFIX + name.upper() for name in given}))


def with_sources(text: str, given: Collection[str] = ()) -> str:
    """The text with the source of each setting that it names, the first time."""
    seen = set[str]()

    def sourced(match: re.Match[str]) -> str:
        name = match[0]
        if name in seen or name.endswith(FILE):
            return name
        seen.add(name)
        return f"{name} ({'given' if name in given else source(name)})"

    return _NAME.sub(sourced, text)


def source(name: str) -> str:
    """Where a setting's value comes from: the environment, a file, or nowhere."""
    if path := os.environ.get(name + FILE):
        return f"file {path}"
    return "environment" if name in os.environ else "not set"


def _sentence(found: Any) -> str:
    where = ".".join(map(str, found["loc"]))
    said = str(found["msg"]).removeprefix("Value error, ")
    said = said.replace("Input should be", "has to be").replace("String should have", "has to have")
    return f"{PREFIX}{where.upper()}: {said}" if where else said
