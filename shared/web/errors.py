"""Our pages for refusals and faults, in the reader's language, with the reference number that support asks for."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shared.auth import COOKIE, Who
from shared.model.errors import N_, Problem
from shared.ops.context import current
from shared.web.page import OTHERS_FORM, PageContext

ADVICE: Mapping[int, str] = {
    400: N_("Go back, check what you entered, and try again."),
    403: N_("Go back, reload the page, and try again."),
    404: N_("Check the address. What you are looking for may have been removed, or may belong to somebody else."),
    405: N_("Go back and use the buttons of the page."),
    408: N_("Go back, and send it again when your connection is better."),
    409: N_("Go back and reload the page to see what has changed."),
    410: N_("Ids, dates and statuses stay; everything personal in it is gone for ever."),
    413: N_("Go back: what you typed may still be in the form."),
    414: N_("Go back, and choose fewer criteria."),
    415: N_("Go back and send a file of another kind."),
    422: N_("Go back, correct it, and send it again."),
    429: N_("What you saved before is safe."),
    431: N_("What you saved before is safe."),
    500: N_("We have recorded what happened. What you saved before is safe. Try again in a few minutes."),
    503: N_("What you saved before is safe. Try again in a minute."),
}

OF_YOUR_NETWORK: Final = N_("Too many requests come from your network")
WAIT: Final = N_("Wait a minute, then try again. What you saved before is safe.")
"""What the gateway says of them (429): it counts by network, not by who asks."""

PATIENCE: Final = 0.25
"""Seconds that a page waits to learn who reads it, where it is shown to anybody."""

OTHERS_ADVICE: Final = N_(
    "Let whoever opened it log in again in another window. Then go back to it, without loading it anew, and send it "
    "again: what was typed is still there."
)


async def page(
    request: Request,
    status: int,
    title: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The error page; plain text if even that fails."""
    try:
        context = PageContext(request, await reader_if_known(request) if status < 500 else None)
        response: Response = context.render("error.html", status, **_context(status, title, problems))
    except Exception as exc:  # noqa: BLE001 - the reader gets an answer, whatever is broken
        structlog.get_logger("shared.web").error("no error page", exc_info=exc)
        response = PlainTextResponse(f"{title} ({status}). Reference: {current().correlation}", status)
    response.headers.update(headers or {})
    return response


def _context(status: int, title: str, reasons: Sequence[Problem]) -> dict[str, Any]:
    advice = ADVICE.get(status, ADVICE[500 if status >= 500 else 400])
    if any(reason.message == OTHERS_FORM for reason in reasons):
        advice = OTHERS_ADVICE
    reference = str(current().correlation)
    return {"status": status, "heading": title, "reasons": reasons, "advice": advice, "reference": reference}


async def reader_if_known(request: Request) -> Who | None:
    """The reader, if that can be told at once and without trouble: the page is shown either way."""
    cookie = request.cookies.get(COOKIE)
    sessions = getattr(request.app.state, "sessions", None)
    if not cookie or sessions is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            found: Who | None = await sessions.resolve(cookie)
    except Exception:  # noqa: BLE001 - identity may be what is broken
        return None
    return found
