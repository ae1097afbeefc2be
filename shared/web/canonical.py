"""The one address of a public page in each language, as search engines and whoever is sent a link are told it.

English has the plain address: whoever does not say a language reads it there.
"""

from collections.abc import Mapping
from typing import Final

from shared.vocabulary import cookies
from shared.vocabulary.official import DEFAULT
from shared.web.language import LANGUAGES

LANG: Final = cookies.LANGUAGE.name
"""The parameter of an address that asks for a language."""

ANY: Final = "x-default"
LOCALES: Final = {"ar": "ar_AR", "zh": "zh_CN", "en": "en_GB", "fr": "fr_FR", "ru": "ru_RU", "es": "es_ES"}
"""As the Open Graph protocol names them."""


def in_language(address: str, language: str) -> str:
    """address: absolute, without a query."""
    return address if language == DEFAULT else f"{address}?{LANG}={language}"


def alternates(address: str) -> Mapping[str, str]:
    """By what hreflang calls it: the address for readers of each language, and of any other."""
    return {**{language: in_language(address, language) for language in LANGUAGES}, ANY: address}
