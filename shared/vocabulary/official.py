"""The six official languages of the United Nations: in these the platform speaks, and notices are written.

Everything that says which languages there are takes them from here.
"""

from collections.abc import Mapping
from typing import Final, Literal

from shared.model.errors import N_
from shared.vocabulary.fields import Option

Official = Literal["ar", "zh", "en", "fr", "ru", "es"]

OFFICIAL: Final[tuple[Official, ...]] = ("ar", "zh", "en", "fr", "ru", "es")
"""In the order in which the United Nations name them."""

DEFAULT: Final[Official] = "en"

ENDONYMS: Final[Mapping[str, str]] = {
    "ar": "العربية", "zh": "中文", "en": "English", "fr": "Français", "ru": "Русский", "es": "Español",
}  # fmt: skip
"""Each as its own readers call it."""

RIGHT_TO_LEFT: Final = frozenset({"ar"})

OPTIONS: Final = (
    Option("ar", N_("Arabic")),
    Option("zh", N_("Chinese")),
    Option("en", N_("English")),
    Option("fr", N_("French")),
    Option("ru", N_("Russian")),
    Option("es", N_("Spanish")),
)
"""As a field lets one choose."""

NAMES: Final[Mapping[str, str]] = {option.value: option.label for option in OPTIONS}
"""Catalogue keys."""
