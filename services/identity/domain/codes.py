"""Codes in the place of a second factor: those that an app shows (RFC 6238), and those to recover with. Pure."""

import hmac
import re
from datetime import datetime, timedelta
from typing import Final

import pyotp

from services.identity.domain.secrets import ALPHABET, BOUND

RECOVERY_CODES: Final = 10
RECOVERY_LENGTH: Final = 16
"""Signs: 78 bits, which nobody guesses from a hash either."""

NAME_LENGTH: Final = 60

STEP: Final = 30
"""Seconds for which an authenticator app shows a code."""

DRIFT: Final = 1
"""How many intervals the clock of a phone may be ahead or behind."""

PENDING_LASTS: Final = timedelta(minutes=10)
"""How long the second factor is awaited after the password, and how long adding one may take."""

ISSUER: Final = "Postulo"

_DIGITS: Final = re.compile(r"[0-9]{6}")


def as_totp(typed: str) -> str | None:
    """Six digits, without the blanks that make them readable; None if it cannot be such a code."""
    digits = re.sub(r"[\s-]", "", typed[:BOUND])
    return digits if _DIGITS.fullmatch(digits) else None


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The interval in which the app with this secret shows this code, if it is about now."""
    here = int(now.timestamp()) // STEP
    app = pyotp.TOTP(secret)
    steps = [step for step in range(here - DRIFT, here + DRIFT + 1) if hmac.compare_digest(app.at(step * STEP), code)]
    return steps[-1] if steps else None


def enrolment_uri(secret: str, user_code: str) -> str:
    """What the picture says to an authenticator app (key URI format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_code, issuer_name=ISSUER)


def recovery_code(number: int) -> str:
    """A code such as ABCD-EFGH-JKMN-PQRS from a random number below `len(ALPHABET) ** RECOVERY_LENGTH`."""
    signs = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(RECOVERY_LENGTH))
    return "-".join(signs[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))


def as_recovery_code(typed: str) -> str | None:
    """What was typed as a recovery code in its one spelling; None if it cannot be one."""
    signs = re.sub(r"[\s-]", "", typed[:BOUND].upper())
    if len(signs) != RECOVERY_LENGTH or not set(signs) <= set(ALPHABET):
        return None
    return "-".join(signs[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))
