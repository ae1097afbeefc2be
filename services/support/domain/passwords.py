"""Recognises a password that somebody is about to reveal (R65), so that it is refused before it is stored."""

import re

_NAME = r"(?:mots?\s+de\s+passe|mdp|passe?\s*word|passwd|pwd|pass\s?phrase|phrase\s+secr[eè]te)"
_AFTER_COLON = r"""\s*[:：=]\s*(?:[“"'](?=\S)|«\s*)?[^\s“”"'«»]"""
_AFTER_VERB = r"""\s+(?:est|is|was|était)\s*[:：]?\s*[“"'«]?\s*(?=\S*\d)(?=\S*[^\W\d])\S{6,}"""
_REVEALED = re.compile(rf"\b{_NAME}(?:{_AFTER_COLON}|{_AFTER_VERB})", re.IGNORECASE)


def looks_like_password(text: str) -> bool:
    """Whether the text has the shape "mot de passe : …", "password: …", or "password is …" with letters and digits."""
    return _REVEALED.search(text) is not None
