"""Words for searching: one analyser for vacancy search and for alert matching, so that a word means the same to both."""

import re
import unicodedata

from Stemmer import Stemmer

_STEMMERS = {"en": Stemmer("english"), "fr": Stemmer("french")}
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def fold(text: str) -> str:
    """Case and accents removed: « Économie » and "economie" are one word (Unicode NFKD, casefold)."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).replace("œ", "oe")


def stems(text: str, language: str) -> list[str]:
    """The text's words in order, folded and stemmed (Snowball) in its language; unknown languages are folded only."""
    words = _WORD.findall(fold(text))
    stemmer = _STEMMERS.get(language)
    return stemmer.stemWords(words) if stemmer else words
