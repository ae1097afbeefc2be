"""Lists of our own that several services pick from, of jobs, of places, and of organisations of the United Nations.

Each is a JSON file beside this module: a code, its English and French names and, where there is one, its parent's code.
"""

import json
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shared.vocabulary.fields import PromptList
from shared.vocabulary.words import fold


@cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    return tuple(json.loads((files(__name__) / f"{name}.json").read_text("utf-8")))


@cache
def _labels(name: str, ranked: bool, language: str) -> Mapping[str, str]:
    labels = {row["code"]: row.get(language, row["en"]) for row in _rows(name)}
    return MappingProxyType(labels if ranked else dict(sorted(labels.items(), key=lambda item: fold(item[1]))))


def _list(name: str, ranked: bool = False) -> PromptList:
    """A list sorted by its names in the reader's language, or, if it is ranked, in the order of its file."""
    return PromptList(name, partial(_labels, name, ranked))


NETWORKS: Final = _list("networks")
FAMILIES: Final = _list("families")
CATEGORIES: Final = _list("categories", ranked=True)
LEVELS: Final = _list("levels", ranked=True)
DUTY_STATIONS: Final = _list("duty_stations")
DEPARTMENTS: Final = _list("departments")
ORGANISATIONS: Final = _list("organisations", ranked=True)


@cache
def network_of(family: str) -> str:
    """The network a family belongs to; raises KeyError for an unknown family."""
    return _parents("families", "network")[family]


@cache
def category_of(level: str) -> str:
    """The category a level belongs to; raises KeyError for an unknown level."""
    return _parents("levels", "category")[level]


def _parents(name: str, parent: str) -> Mapping[str, str]:
    return {row["code"]: row[parent] for row in _rows(name)}


@cache
def _codes(name: str) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for row in _rows(name):
        for text in (row["code"], row["en"], row["fr"]):
            known.setdefault(fold(text), row["code"])
    return known


def code_of(prompts: PromptList, text: str) -> str:
    """The code meant by a code or by a name in either language, whatever its case and accents; "" if it is unknown."""
    return _codes(prompts.name).get(fold(text).strip(), "")


def name_of(prompts: PromptList, text: str, language: str) -> str:
    """The name in this language of what a code or a name in either language means; the text itself if it is unknown."""
    return prompts.label(code_of(prompts, text) or text, language)
