"""Where names come from: files of our own beside this module, and the translations that pycountry brings along."""

import gettext
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pycountry import LOCALES_DIR

_FOLDERS: Final = {"zh": "zh_CN"}
"""Where it has a language under another name."""


@cache
def known_names(name: str) -> Mapping[str, Mapping[str, Any]]:
    """By code what {name}.json says: a label in each language where ours differs, and further names as `others`."""
    rows = json.loads((files(__package__) / f"{name}.json").read_text("utf-8"))
    return {row["code"]: row for row in rows}


@cache
def translated(standard: str, language: str) -> Callable[[str], str]:
    """From a standard's English names to those of a language, as far as there are; "iso639-3" or "iso3166-1"."""
    folders = [_FOLDERS.get(language, language)]
    return gettext.translation(standard, LOCALES_DIR, languages=folders, fallback=True).gettext
