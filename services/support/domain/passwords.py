"""Recognises a password that somebody is about to reveal (R65), so that it is refused before it is stored."""

import re
import unicodedata
from typing import Final

_NAME = r"""\b(?: mots?[\s_-]*de[\s_-]*passe | mdp | m\.d\.p\.? | phrase\s+secr[eè]te
    | pass[\s_-]*(?:word|phrase|code)s? | passwd | pword | pwd | p/?w )"""
_QUALIFIED = r"(?: \s+ [^\W\d][\w/-]* ){0,3} (?: \s* \([^()\n]{1,40}\) )?"
"""As in "mot de passe actuel" or "password for Postulo (temporary)"."""

_MARK = r"\s*(?: [:=→](?!//) | [-=]> )\s*"
_VERB = r"(?: \s*,?\s* (?: est | is | was | était | c[’']est ) | [’']s ) \s* :? \s*"
_QUOTE = r"[“\"'«]? \s*"
_NO_WORD = r"""(?!https?://|www\.) (?=\S*[^\W\d]) (?= \S*[\d@\#$%&*+=^~] | \S*[!?]\w ) \S{6,}"""
"""Letters with digits or signs among them."""

_ALONE = r"\S+ [^\S\n]* (?:\n|\Z)"
"""The one thing said in what is left of the line."""

_REVEALED = re.compile(
    rf"""{_NAME} (?:
        {_MARK} (?: [“"'](?=\S) | «\s* )? [^\s“”"'«»]
        | {_QUALIFIED} {_MARK} {_QUOTE} (?: {_NO_WORD} | {_ALONE} )
        | {_QUALIFIED} {_VERB} {_QUOTE} {_NO_WORD}
        | {_VERB} (?<=:\s) {_QUOTE} {_ALONE}
        | \s+ (?: [-–—]\s+ )? {_QUOTE} {_NO_WORD}
    ) | \bpass {_MARK} {_QUOTE} {_NO_WORD}""",
    re.IGNORECASE | re.VERBOSE,
)


LONGEST: Final = 5_000
"""Characters that are looked at: a longer text is refused for its length."""

_BLANKS, _LINES = re.compile(r"[^\S\n]+"), re.compile(r" ?\n[ \n]*")


def looks_like_password(text: str) -> bool:
    """Whether the text has the shape "mot de passe : …" or "password: …", or names one in another common way."""
    return _REVEALED.search(_plain(text[:LONGEST])) is not None


def _plain(text: str) -> str:
    """Full-width letters are letters, and what cannot be seen is not there.

    A run of blanks is one: the pattern would try each way of dividing a long one among its parts.
    """
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _LINES.sub("\n", _BLANKS.sub(" ", seen))
