"""Codes, however they are typed: mailed ones, user codes, those of an app (RFC 6238), those to recover with. Pure."""

import hmac
import unicodedata
from datetime import datetime, timedelta
from typing import Final

import pyotp

from services.identity.domain.secrets import ALPHABET, BOUND

RECOVERY_CODES: Final = 10
RECOVERY_LENGTH: Final = 16
"""Signs: 78 bits, which nobody guesses from a hash either."""

NAME_LENGTH: Final = 60

TOTP_LENGTH: Final = 6
MAILED_LENGTH: Final = 8

STEP: Final = 30
"""Seconds for which an authenticator app shows a code."""

DRIFT: Final = 1
"""How many intervals the clock of a phone may be ahead or behind."""

PENDING_LASTS: Final = timedelta(minutes=10)
"""How long the second factor is awaited after the password, and how long adding one may take."""

ISSUER: Final = "Postulo"


def as_digits(typed: str) -> str:
    """The digits of a code in ours, whatever stands between and around them: blanks, hyphens, a label copied along."""
    return "".join(sign for sign in _plain(typed) if "0" <= sign <= "9")


def as_user_code(typed: str) -> str | None:
    """What was typed as a user code in its one spelling; None if it cannot be one."""
    signs = "" if "@" in typed[:BOUND] else _signs(typed)
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 8 and set(signs) <= set(ALPHABET) else None


def as_totp(typed: str) -> str | None:
    """Six digits; None if it cannot be such a code."""
    digits = as_digits(typed)
    return digits if len(digits) == TOTP_LENGTH and as_recovery_code(typed) is None else None


def _signs(typed: str) -> str:
    """Letters and digits behind a label such as "Code:", without anything between them."""
    return "".join(sign for sign in _plain(typed).rpartition(":")[2] if sign.isalnum())


def _plain(typed: str) -> str:
    """Upper case, full-width and other forms of a sign as the plain one (NFKC), every script's digits as 0 to 9."""
    signs = unicodedata.normalize("NFKC", typed[:BOUND]).upper()
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)


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
    signs = _signs(typed)
    if len(signs) != RECOVERY_LENGTH or not set(signs) <= set(ALPHABET):
        return None
    return "-".join(signs[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))
