"""Words for searching: one analyser for vacancy search and for alert matching, so that a word means the same."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from Stemmer import Stemmer

LONGEST_NAME: Final = 1_000
"""Characters of a text of which it is asked in which direction it runs."""
_STEMMERS: Final = {
    "ar": Stemmer("arabic"),
    "en": Stemmer("english"),
    "es": Stemmer("spanish"),
    "fr": Stemmer("french"),
    "ru": Stemmer("russian"),
}
LATIN: Final = frozenset({"en", "es", "fr"})
"""The languages whose words are written in Latin letters: in others such words have no other forms."""
UNSTEMMED: Final = ""
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|(?:jus|lors|puis|pres|quel|quoi)?qu)['’](?=\w)")
_ARTICLE = re.compile(r"\b(?:[وف]?(?:[بك]?ال|لل))(?=\w{2})")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]+")
_SHORT_I: Final = "й"
_TAG = re.compile(r"<[^>]*>")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def fold(text: str) -> str:
    """Case and accents removed: « Économie » and "economie" are one word (Unicode NFKD, casefold)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LIGATURES)


def in_order_of(language: str) -> Callable[[str], str]:
    """The key by which names are sorted in a language (CLDR): its alphabet, or pinyin."""
    return _ORDERS.get(language, fold)


def _spanish(name: str) -> str:
    """Ñ is a letter of its own behind N."""
    return fold(unicodedata.normalize("NFC", name).lower().replace("ñ", "n\N{LATIN SMALL LETTER Z WITH STROKE}"))


def _chinese(name: str) -> str:
    """GB 2312 has the 3,755 usual signs in the order of pinyin; what is rarer follows them."""
    return unicodedata.normalize("NFKC", name).lower().encode("gb18030").decode("latin-1")


def isolated(text: str, *, among_leftward: bool = False) -> str:
    """Words set apart that run against their neighbours, so that they do not turn them around (UAX #9).

    among_leftward: whether the words around it run from right to left.
    """
    against = ("L",) if among_leftward else ("R", "AL")
    is_against = any(unicodedata.bidirectional(sign) in against for sign in text[:LONGEST_NAME])
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if is_against else text


def stems(text: str, language: str) -> list[str]:
    """The text's words in order, folded and stemmed (Snowball) in its language; unknown languages are folded only.

    « L’eau » gives "eau": the article elided before a word is not part of it; nor is the one that Arabic joins to it,
    with what is joined before that. Chinese is parted into the words of a dictionary.
    """
    if language == "zh":
        return [*_parted(fold(text))]
    words = _WORD.findall(_PREPARED.get(language, fold)(text))
    stemmer = _STEMMERS.get(language)
    return stemmer.stemWords(words) if stemmer else words


def _without_elided(text: str) -> str:
    return _ELIDED.sub("", fold(text))


def _without_article(text: str) -> str:
    return _ARTICLE.sub("", fold(text))


def _folded_russian(text: str) -> str:
    """Й is no И with a sign that may be missing: endings have it, by which words are known."""
    parts = unicodedata.normalize("NFC", text).lower().split(_SHORT_I)
    return _SHORT_I.join(map(fold, parts))


_ORDERS: Final[Mapping[str, Callable[[str], str]]] = {
    "es": _spanish,
    "ru": _folded_russian,
    "zh": _chinese,
}
_PREPARED: Final[Mapping[str, Callable[[str], str]]] = {
    "ar": _without_article,
    "fr": _without_elided,
    "ru": _folded_russian,
}


def _parted(plain: str) -> Iterator[str]:
    """The words of folded Chinese; what is not written in its signs is a word as it stands."""
    for run in _WORD.findall(plain):
        place = 0
        for signs in _HAN.finditer(run):
            yield from filter(None, [run[place : signs.start()]])
            yield from _dictionary().cut(signs[0], hmm=False)
            place = signs.end()
        yield from filter(None, [run[place:]])


@cache
def _dictionary() -> Any:
    """Read when Chinese is met for the first time: it takes 30 MB."""
    from rjieba import Jieba  # noqa: PLC0415

    return Jieba()


def without_tags(markup: str) -> str:
    """The text of HTML; a tag separates words.

    What opens behind the last end of a tag is none: looking for its end from every place would never be done.
    """
    tagged, end, rest = markup.rpartition(">")
    return html.unescape(_TAG.sub(" ", tagged + end) + rest)
