"""What a browser has of somebody who was logged in, and how it is told to forget it."""

from typing import Final

from starlette.responses import Response

from shared.ops.context import current
from shared.vocabulary import cookies

CLEARED: Final = '"cache", "storage"'
"""Without "cookies", which would take the language that was chosen and the notice that is still to be shown."""

STAY: Final = (cookies.LANGUAGE, cookies.TIME_ZONE, cookies.NOTICE)
GOING: Final = tuple(cookie.name for cookie in cookies.COOKIES if cookie not in STAY)
"""The cookies that go by name instead."""


def forget(response: Response) -> None:
    """Whoever sits down at this browser next finds nothing of whoever got up."""
    response.headers["clear-site-data"] = CLEARED
    for name in GOING:
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
    current().discreet = True  # Else what was written last would be remembered again.
