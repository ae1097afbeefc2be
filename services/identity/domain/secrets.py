"""What makes a password good enough, how long a guesser waits, and how codes are written. Pure; nothing random here."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final
from uuid import UUID

from shared.model.errors import N_, Problem

SHORTEST, LONGEST = 15, 128
BOUND: Final = 8 * LONGEST
"""Characters of a password that are looked at; no composition makes as many short enough to be one."""

COMMONEST: Final = frozenset(
    {
        "mailcreated5240",
        "polniypizdec0211",
        "polniypizdec110211",
        "momsanaladventure",
        "hd764nw5d7e1vb1",
        "23176djivanfros",
        "zqjphsyf6ctifgu",
        "lhbjkjubz2957704",
        "nemvxyheqdd5oqxyxyzi",
        "bpgjldsgjldthnf",
        "passwordstandard",
        "1qaz2wsx3edc4rfv",
        "1qazxsw23edcvfr4",
        "1qa2ws3ed4rf5tg",
        "qazwsxedcrfvtgb",
        "qwertasdfgzxcvb",
        "zxcvbnm123456789",
        "q1w2e3r4t5y6u7i8",
        "q1w2e3r4t5y6u7i8o9p0",
        "1234qwerasdfzxcv",
        "qwertyuiop12345",
        "qwerty123456789",
        "123456789qwerty",
        "1234567890qwerty",
        "123456789987654321",
        "12345678900987654321",
        "12345678987654321",
        "1234567890987654321",
        "1234567887654321",
        "111222333444555",
        "122333444455555",
    }
)
"""Of the 30,000 commonest passwords (the list that zxcvbn 4.5 ships), all that have 15 characters or more."""

TRIES: Final = 5
"""How often a mailed code may be tried."""

CODE_LASTS: Final = timedelta(minutes=30)
LINK_LASTS: Final = timedelta(minutes=30)
LAPSES_AFTER: Final = timedelta(hours=24)
"""How long a registration waits for its address to be proven; new codes can be asked for meanwhile."""

MAILS_AN_HOUR: Final = 5
"""How many mails strangers can cause to one address."""

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
    if _is_common(password.casefold()) or _is_about(password.casefold(), about):
        return [(N_("This password is among the first that are guessed. Take a few unrelated words"), {})]
    return []


def _is_common(password: str) -> bool:
    """Known as common, one piece over and over, be the last cut, or a run of neighbours: abcdef…, 987654…, 890123…."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    turns = {step % 10 for step in steps} if password.isdecimal() else set()
    return password in COMMONEST or _is_repeated(password) or steps in ({1}, {-1}) or turns in ({1}, {9})


def _is_repeated(password: str) -> bool:
    lengths = range(1, len(password) // 2 + 1)
    return any(password == (password[:length] * len(password))[: len(password)] for length in lengths)


def _is_about(password: str, about: Iterable[str]) -> bool:
    """Made of nothing but what is known of its owner, digits and signs aside."""
    rest = password
    for text in sorted({text.strip().casefold() for text in about}, key=len, reverse=True):
        rest = rest.replace(text, "") if len(text) > 1 else rest
    return rest != password and not re.search(r"[^\W\d_]", rest)


def pause(failures: int, longest: float = LONGEST_PAUSE) -> float:
    """Seconds to wait before the next try: none up to four failures, then doubling, never more than `longest`."""
    return 0.0 if failures < 5 else float(min(2 ** min(failures - 5, 30), longest))


def user_code(account_id: UUID, draw: int) -> str:
    """An opaque code such as P7K4-2QXM for an account; `draw` counts on when a code is taken already."""
    number = int.from_bytes(sha256(f"{account_id}/{draw}".encode()).digest())
    signs = [ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(8)]
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def as_user_code(typed: str) -> str | None:
    """What was typed as a user code in its one spelling; None if it cannot be one."""
    signs = re.sub(r"[\s-]", "", typed[:BOUND].upper())
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 8 and set(signs) <= set(ALPHABET) else None


def as_digits(typed: str) -> str:
    """A mailed code without the spaces that make it readable."""
    return re.sub(r"[\s-]", "", typed[:BOUND])


def hashed(secret: str) -> bytes:
    """What is kept of a long random secret. (Passwords are short and hashed slowly: api/passwords.py.)"""
    return sha256(secret.encode()).digest()
