"""Lists of our own that several services pick from, of jobs, of places, and of organisations of the United Nations.

Each is a JSON file beside this module: a code, its names by language and, where there is one, its parent's code;
`others` are further names under which it is looked for, `country` is the country of a place (ISO 3166-1).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from shared.vocabulary.fields import PromptList
from shared.vocabulary.fields.lists import WIDELY_KNOWN, in_order

_DASH: Final = " – "


@cache
def _rows(name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads((files(__name__) / f"{name}.json").read_text("utf-8")))


@cache
def _labels(name: str, ranked: bool, language: str) -> Mapping[str, str]:
    labels = {row["code"]: row[language] for row in _rows(name)}
    return MappingProxyType(labels) if ranked else in_order(labels, language)


@cache
def _others(name: str) -> Mapping[str, Sequence[str]]:
    """Both sides of a dash name the same: "OMS – Organisation mondiale de la Santé"."""
    return {
        row["code"]: [
            row["code"],
            *(side for language in WIDELY_KNOWN for side in row[language].split(_DASH)),
            *row.get("others", ()),
        ]
        for row in _rows(name)
    }


def _list(name: str, ranked: bool = False) -> PromptList:
    """A list sorted by its names in the reader's language, or, if it is ranked, in the order of its file."""
    return PromptList(name, partial(_labels, name, ranked), others=partial(_others, name))


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


@cache
def country_of(duty_station: str) -> str:
    """Where a duty station lies (ISO 3166-1); "" for an unknown one, and for Jerusalem, whose status is not settled."""
    return _parents("duty_stations", "country").get(duty_station, "")


def _parents(name: str, parent: str) -> Mapping[str, str]:
    return {row["code"]: row[parent] for row in _rows(name) if parent in row}


def code_of(prompts: PromptList, text: str) -> str:
    """The code meant by a code or by a name in any of our languages, however it is written; "" if it is unknown."""
    return prompts.names.coded(text) or prompts.names.named(text)


def name_of(prompts: PromptList, text: str, language: str) -> str:
    """The name in this language of what a code or a name in any of them means; the text itself if it is unknown."""
    return prompts.label(code_of(prompts, text) or text, language)
