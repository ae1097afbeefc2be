"""Words for searching: one analyser for vacancy search and for alert matching, so that a word means the same."""

import html
import re
import unicodedata
from typing import Final

from Stemmer import Stemmer

LONGEST_NAME: Final = 1_000
"""Characters of a text of which it is asked in which direction it runs."""
_STEMMERS = {"en": Stemmer("english"), "fr": Stemmer("french")}
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|(?:jus|lors|puis|pres|quel|quoi)?qu)['’](?=\w)")
_TAG = re.compile(r"<[^>]*>")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def fold(text: str) -> str:
    """Case and accents removed: « Économie » and "economie" are one word (Unicode NFKD, casefold)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LIGATURES)


def isolated(text: str) -> str:
    """Words that run from right to left set apart, so that they do not turn their neighbours around (UAX #9)."""
    leftwards = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text[:LONGEST_NAME])
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if leftwards else text


def stems(text: str, language: str) -> list[str]:
    """The text's words in order, folded and stemmed (Snowball) in its language; unknown languages are folded only.

    « L’eau » gives "eau": the article elided before a word is not part of it.
    """
    plain = fold(text)
    words = _WORD.findall(_ELIDED.sub("", plain) if language == "fr" else plain)
    stemmer = _STEMMERS.get(language)
    return stemmer.stemWords(words) if stemmer else words


def without_tags(markup: str) -> str:
    """The text of HTML; a tag separates words.

    What opens behind the last end of a tag is none: looking for its end from every place would never be done.
    """
    tagged, end, rest = markup.rpartition(">")
    return html.unescape(_TAG.sub(" ", tagged + end) + rest)
