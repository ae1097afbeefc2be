"""The six official languages of the United Nations: in these the platform speaks, and notices are written.

Whatever says which languages there are takes them from here.
"""

from collections.abc import Mapping
from typing import Final, Literal

from shared.model.errors import N_

Official = Literal["ar", "zh", "en", "fr", "ru", "es"]

OFFICIAL: Final[tuple[Official, ...]] = ("ar", "zh", "en", "fr", "ru", "es")
"""In the order in which the United Nations name them."""

DEFAULT: Final[Official] = "en"

ENDONYMS: Final[Mapping[str, str]] = {
    "ar": "العربية", "zh": "中文", "en": "English", "fr": "Français", "ru": "Русский", "es": "Español",
}  # fmt: skip
"""Each as its own readers call it."""

RIGHT_TO_LEFT: Final = frozenset({"ar"})

NAMES: Final[Mapping[str, str]] = {
    "ar": N_("Arabic"),
    "zh": N_("Chinese"),
    "en": N_("English"),
    "fr": N_("French"),
    "ru": N_("Russian"),
    "es": N_("Spanish"),
}
"""Catalogue keys."""
