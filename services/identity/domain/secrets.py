"""What makes a password good enough, how long a guesser waits, and how user codes are made. Pure; nothing random."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Final
from uuid import UUID

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from shared.model.errors import N_, Problem
from shared.vocabulary.words import fold

SHORTEST, LONGEST = 15, 128
BOUND: Final = 8 * LONGEST
"""Characters of a password that are looked at; no composition makes as many short enough to be one."""

SITE: Final = ("postulo", "inspira", "careers", "united nations", "nations unies", "un")
"""Names that everybody tries here first."""

GUESSED_LENGTH: Final = 10
"""Digits and signs beside a common word that guessers go through as well."""

TRIES: Final = 5
"""How often a mailed code may be tried."""

CODE_LASTS: Final = timedelta(minutes=30)
LINK_LASTS: Final = timedelta(minutes=30)
LAPSES_AFTER: Final = timedelta(hours=24)
"""How long a registration waits for its address to be proven; new codes can be asked for meanwhile."""

AT_ONCE: Final = 20
"""How many tries of one network may be judged at the same time: people behind one address log in together."""

FORGOTTEN_AFTER: Final = timedelta(hours=1)
LONGEST_PAUSE: Final = 8.0
PATIENCE: Final = 10.0
"""Seconds: whoever would wait longer for the turn of their network is told when to come back."""

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without signs that are mistaken for each other."""


def normal(password: str) -> str:
    """The same characters however the keyboard composed them (NFC; RFC 8265)."""
    return unicodedata.normalize("NFC", password[:BOUND])


def password_problems(password: str, about: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with a password; `about`: texts about its owner, which are the first guesses."""
    return [Problem("password", *problem) for problem in _first_problem(normal(password), about)]


def _first_problem(password: str, about: Iterable[str]) -> list[tuple[str, dict[str, int]]]:
    if not password:
        return [(N_("Enter a password"), {})]
    if len(password) < SHORTEST:
        message = N_(
            "The password is too short: %(length)s of at least %(shortest)s characters. Take a few unrelated words"
        )
        return [(message, {"length": len(password), "shortest": SHORTEST})]
    if len(password) > LONGEST:
        return [(N_("The password can have at most %(longest)s characters"), {"longest": LONGEST})]
    if _is_known(_folded(password)) or _is_padded_word(_folded(password), about):
        return [(N_("This password is too common. Take a few unrelated words"), {})]
    return []


@cache
def commonest() -> frozenset[str]:
    """The 30,000 commonest passwords (the list that zxcvbn ships), folded."""
    return frozenset(fold(password) for password in FREQUENCY_LISTS["passwords"])


_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ENDS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SIGNS_FOR_LETTERS: Final = str.maketrans("@4301!5$7", "aaeolisst")


def _folded(password: str) -> str:
    return fold(unicodedata.normalize("NFKC", password))


def _is_known(password: str) -> bool:
    """Known as common, one piece over and over, be the last cut, or a run of neighbours: abcdef…, 987654…, 890123…."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    turns = {step % 10 for step in steps} if password.isdecimal() else set()
    return password in commonest() or _is_repeated(password) or steps in ({1}, {-1}) or turns in ({1}, {9})


def _is_repeated(password: str) -> bool:
    lengths = range(1, len(password) // 2 + 1)
    return any(password == (password[:length] * len(password))[: len(password)] for length in lengths)


def _is_padded_word(password: str, about: Iterable[str]) -> bool:
    """Made of names (the site's, the owner's) and at most one common word, beside a few digits and signs."""
    rest = password
    for name in sorted(_names(about), key=len, reverse=True):
        rest = rest.replace(name, " ")
    words = set(_LETTERS.findall(rest))
    if not words:
        return rest != password
    core = _ENDS.sub("", rest)
    signs_for_letters = core.translate(_SIGNS_FOR_LETTERS) in commonest()
    padding = (rest.replace(core, "") if signs_for_letters else _LETTERS.sub("", rest)).replace(" ", "")
    common = signs_for_letters or (len(words) == 1 and words <= commonest())
    return common and (len(padding) < GUESSED_LENGTH or _is_known(padding))


def _names(about: Iterable[str]) -> set[str]:
    texts = {_folded(text.strip()) for text in (*SITE, *about)}
    parts = {part for text in texts for part in _LETTERS.findall(text) if len(part) > 2}
    return {text for text in texts if len(text) > 1} | parts


def pause(failures: int, longest: float = LONGEST_PAUSE) -> float:
    """Seconds to wait before the next try: none up to four failures, then doubling, never more than `longest`."""
    return 0.0 if failures < 5 else float(min(2 ** min(failures - 5, 30), longest))


def user_code(account_id: UUID, draw: int) -> str:
    """An opaque code such as P7K4-2QXM for an account; `draw` counts on when a code is taken already."""
    number = int.from_bytes(sha256(f"{account_id}/{draw}".encode()).digest())
    signs = [ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(8)]
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def hashed(secret: str) -> bytes:
    """What is kept of a long random secret. (Passwords are short and hashed slowly: api/passwords.py.)"""
    return sha256(secret.encode()).digest()
