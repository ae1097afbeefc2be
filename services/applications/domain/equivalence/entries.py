"""The catalogue as it was delivered: degrees of each country, of some schools, and those known everywhere.

Some French engineering diplomas stand there as licence, as they did when it came into force (R70): overrides, reports
and corrections exist because of them.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from services.applications.events import DegreeLevel
from shared.model.message import Message

_FILES: Final = ("international", "europe", "africa", "americas", "asia", "schools")
EVERYWHERE: Final = ""


class Entry(Message):
    """A degree and its level. Without `country` it holds everywhere, without `institution` in all of the country."""

    id: str
    country: str
    title: str
    level: DegreeLevel
    also: tuple[str, ...] = ()
    institution: str = ""
    institution_also: tuple[str, ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.title, *self.also)

    @property
    def institutions(self) -> tuple[str, ...]:
        return (self.institution, *self.institution_also) if self.institution else ()


@cache
def delivered() -> Mapping[str, Entry]:
    """Every entry by its id."""
    rows = (json.loads((files(__package__) / f"{name}.json").read_text("utf-8")) for name in _FILES)
    return MappingProxyType({row["id"]: Entry.model_validate(row) for part in rows for row in part})


@cache
def delivered_for(country: str) -> tuple[Entry, ...]:
    """The entries of a country."""
    return tuple(entry for entry in delivered().values() if entry.country == country)
