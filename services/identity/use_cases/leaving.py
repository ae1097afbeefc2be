"""What a browser has of somebody who was logged in, and how it is told to forget it."""

from typing import Final

from starlette.responses import Response

from services.identity.use_cases.logging_in import PENDING
from shared.auth import COOKIE
from shared.http import write_tokens
from shared.ops.context import current
from shared.web.expired_forms import BROWSER
from shared.web.page import TOKEN

CLEARED: Final = '"cache", "storage"'
"""Without "cookies", which would take the language that was chosen and the notice that is still to be shown."""

MAILED: Final = "__Host-mailed"
"""Which address a code was mailed to, hidden in part."""

OURS: Final = (COOKIE, PENDING, TOKEN, BROWSER, MAILED, write_tokens.COOKIE)
"""The cookies that go by name instead: all but these two."""


def forget(response: Response) -> None:
    """Whoever sits down at this browser next finds nothing of whoever got up."""
    response.headers["clear-site-data"] = CLEARED
    for name in OURS:
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
    current().discreet = True  # Else what was written last would be remembered again.
