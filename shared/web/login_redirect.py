"""Whoever is not logged in is sent to the login page; what they posted waits for them there (R20)."""

from urllib.parse import urlencode, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.auth import COOKIE, Sessions
from shared.model.errors import N_
from shared.web.expired_forms import expired_forms, page_with_form
from shared.web.forms import text
from shared.web.page import NEXT, OWNER_FIELD, PageContext, within

WAITS = N_("Your session had ended, so this is not saved yet. Log in: you will find in the form what you typed")


async def to_login(request: Request) -> Response:
    """303 to the login page, which leads back to the page asked for, or to the page with the form."""
    back = page_with_form(request)
    address = "/identity/login?" + urlencode({NEXT: within(back)})
    page = PageContext(request, None)
    try:
        kept = request.method == "POST" and await _keep(page, urlsplit(back).path)
    except Exception as exc:  # noqa: BLE001 - whatever is broken, the way to the login page is open
        structlog.get_logger("shared.web").warning("form not kept", exc_info=exc)
        kept = False
    return page.redirect(address, None if page.autosave else WAITS) if kept else RedirectResponse(address, 303)


async def _keep(page: PageContext, back: str) -> bool:
    """Whether the form is kept for the account whose session this browser had. Raises Forbidden without its token."""
    request, store = page.request, expired_forms(page.request)
    sessions: Sessions | None = getattr(request.app.state, "sessions", None)
    cookie = request.cookies.get(COOKIE)
    if store is None or sessions is None or not cookie:
        return False
    form = await page.form()
    owner = await sessions.owner_of_ended(cookie)
    if owner is None or (OWNER_FIELD in form and text(form, OWNER_FIELD) != str(owner)):
        return False
    return await store.keep(page.browser(), owner, back, request.url.path, form)
