"""A page being made: who reads it in which language, the form that came in, and the answer that goes out."""

import base64
import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator
from email.utils import parseaddr
from typing import Annotated, Any, Final, TypeVar, cast
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.auth import MaybeSignedIn, Who
from shared.model.errors import N_, Forbidden, MadeForAnother
from shared.model.message import new_id
from shared.ops.context import current
from shared.ops.settings import Settings
from shared.ops.signing import Signer
from shared.vocabulary import cookies
from shared.vocabulary.cookies import Cookie
from shared.web import canonical
from shared.web.dates import ZONE, zone
from shared.web.environment import Web, web_of
from shared.web.expired_forms import SavedForm, browser_of, expired_forms, new_browser
from shared.web.forms import cleaned, posted, text
from shared.web.language import LANGUAGES, NAMES, Texts, accepted

TOKEN, FLASH, LANG = cookies.FORM.name, cookies.NOTICE.name, cookies.LANGUAGE.name
NEXT: Final = "next"
LONGEST_NEXT: Final = 2_000
"""Characters of an address to which logging in leads on."""
TOKEN_FIELD: Final = "_token"  # noqa: S105 - a name
OWNER_FIELD: Final = "_for"
AUTOSAVE: Final = "postulo-autosave"
LONGEST_TOKEN: Final = 64

R = TypeVar("R", bound=Response)

_PATH: Final = re.compile(r"/(?!/)")
"""One slash and then something else: a browser takes two, or one and a backslash, for the name of another host."""

STALE_FORM = N_("This form could not be checked. Allow cookies for this site, open the page again, and send it again")

OTHERS_FORM = N_("Somebody else was logged in here when this page was opened. Nothing of it was saved")


class PageContext:
    """What a page needs to know of its request, and how it answers."""

    def __init__(self, request: Request, who: Who | None) -> None:
        self.request, self.who = request, who
        self._web: Web = web_of(request)
        self._signer: Signer = request.app.state.signer
        self._cookies: list[tuple[Cookie, str]] = []
        self._dropped: list[Cookie] = []
        self.language = self._chosen_language()
        self.texts: Texts = self._web.texts(self.language)
        self.zone = zone(unquote(request.cookies.get(ZONE, "")))
        token = request.cookies.get(TOKEN, "")
        self._token = token if len(token) <= LONGEST_TOKEN else ""
        self.saved_form: SavedForm | None = None
        self.wanted = _inside(request.query_params.get(NEXT, ""))
        self._action = ""
        self.status = 200

    def _(self, message: str, /, **params: Any) -> str:
        """The sentence in the reader's language."""
        return self.texts(message, **params)

    @property
    def autosave(self) -> bool:
        """Whether this is a form that saves itself in the background: answer with `saved`."""
        return AUTOSAVE in self.request.headers

    @property
    def here(self) -> str:
        """The page's own address, as `next` takes it."""
        url = self.request.url
        return within(f"{url.path}?{url.query}" if url.query else url.path)

    async def form(self, *, checked: bool = True) -> FormData:
        """The posted form, multipart too. Raises Forbidden without its anti-forgery token if `checked`.

        Raises Conflict if the page was made for somebody else than who is logged in now.
        """
        form = await posted(self.request)
        if checked and not (self._token and _same(text(form, TOKEN_FIELD), self._token)):
            raise Forbidden.because(STALE_FORM)
        if self.who:
            if OWNER_FIELD in form and text(form, OWNER_FIELD) != str(self.who.account_id):
                raise MadeForAnother.because(OTHERS_FORM)
            await self._drop_saved_form(self.who)
        self.wanted = _inside(text(form, NEXT, LONGEST_NEXT)) or self.wanted
        return cleaned(form)

    def onward(self, path: str) -> str:
        """A page on the way to where the reader was going before somebody asked who they are."""
        return f"{path}{'&' if '?' in path else '?'}{urlencode({NEXT: self.wanted})}" if self.wanted else path

    async def find_saved_form(self) -> None:
        """What its reader typed here before the session ended will be in the form again (R20)."""
        browser, store = browser_of(self.request), expired_forms(self.request)
        if browser and store and self.who and self.request.method == "GET":
            self.saved_form = await store.find(browser, self.who.account_id, self.request.url.path)

    async def _drop_saved_form(self, who: Who) -> None:
        browser, store = browser_of(self.request), expired_forms(self.request)
        if browser and store:
            await store.drop(browser, who.account_id, self.request.url.path)

    def browser(self) -> str:
        """The key under which this browser's forms are kept."""
        key = browser_of(self.request) or new_browser()
        self._cookies.append((cookies.KEPT, key))
        return key

    def opens(self, action: str) -> SavedForm | None:
        """A form with this action is being drawn: what is kept of it, if anything."""
        self._action = action
        return self.refilled()

    def closes(self) -> str:
        """The form is drawn; nothing to show for it."""
        self._action = ""
        return ""

    def refilled(self) -> SavedForm | None:
        """What is kept of the form that is being drawn."""
        return self.saved_form if self.saved_form and self.saved_form.action == urlsplit(self._action).path else None

    def render(self, template: str, status: int = 200, /, **context: Any) -> HTMLResponse:
        """The template as a page. `problems` in the context mark the title and the fields."""
        self.status = status
        html = self._web.templates.get_template(template).render(self._surroundings() | context)
        response = HTMLResponse(html, status, {"content-language": self.language, "vary": "accept-language, cookie"})
        return self._with_cookies(response)

    def redirect(self, url: str, flash: str | None = None, /, **params: Any) -> Response:
        """303 to a page of this site, never to another one; the sentence is shown once at its top.

        It travels as key and values, signed, and is said in the language of the page that shows it.
        """
        if flash:
            text = json.dumps([self._web.service, flash, {name: str(value) for name, value in params.items()}])
            signed = self._signer.signed(FLASH, base64.urlsafe_b64encode(text.encode()).decode())
            self._cookies.append((cookies.NOTICE, signed))
        return self._with_cookies(RedirectResponse(local(url), 303))

    def saved(self, version: int | str | None = None) -> Response:
        """The answer to a background save; `version` goes into the form's field `_version`."""
        headers = {} if version is None else {"Postulo-Version": str(version)}
        return self._with_cookies(Response(status_code=204, headers=headers))

    def token(self) -> str:
        """The anti-forgery token for a form of this page: masked, so that compression betrays nothing (BREACH)."""
        if not self._token:
            self._token = secrets.token_urlsafe(24)
            self._cookies.append((cookies.FORM, self._token))
        return _masked(self._token)

    def _surroundings(self) -> dict[str, Any]:
        url = self.request.url
        return {
            "_": self.texts,
            "ngettext": self.texts.plural,
            "page": self,
            "language": self.language,
            "languages": NAMES,
            "who": self.who,
            "path": url.path,
            "description": "",
            "address": f"{self._settings().public_url.rstrip('/')}{url.path}",
            "canonical": canonical,
            "lang_url": lambda code: _with_language(url.query, code),
            "stale": current().stale,
            "flash": self._flash(),
            "problems": (),
            "mail_domain": self._mail_domain(),
            "idle_minutes": self._settings().session_idle_minutes,
            "session_seconds": lambda ends: max(0, round((ends - self._settings().now).total_seconds())),
            "request_token": lambda: str(new_id()),
        }

    def _mail_domain(self) -> str:
        """Where our mails come from, so that they can be let through the spam filter (R9)."""
        return parseaddr(self._settings().mail_from)[1].partition("@")[2]

    def _settings(self) -> Settings:
        """Those of the platform; of an application that stands alone, as they are where nothing is set."""
        kernel = getattr(self.request.app.state, "kernel", None)
        return cast(Settings, kernel.settings) if kernel else Settings.model_construct()

    def _chosen_language(self) -> str:
        asked = self.request.query_params.get(LANG, "")
        if asked in LANGUAGES:
            self._cookies.append((cookies.LANGUAGE, asked))
            return asked
        wishes = self.request.cookies.get(LANG), self.who.language if self.who else None
        known = next((wish for wish in wishes if wish in LANGUAGES), None)
        return known or accepted(self.request.headers.get("accept-language", ""))

    def _flash(self) -> str:
        text = self.request.cookies.get(FLASH)
        if not text:
            return ""
        self._dropped.append(cookies.NOTICE)
        if (encoded := self._signer.read(FLASH, text)) is None:
            return ""
        service, message, params = json.loads(base64.urlsafe_b64decode(encoded))
        return self._web.texts_of(service, self.language)(message, **params)

    def _with_cookies(self, response: R) -> R:
        for cookie in self._dropped:
            response.delete_cookie(cookie.name, path="/", secure=True, httponly=True, samesite="lax")
        for cookie, value in self._cookies:
            response.set_cookie(
                cookie.name, value, cookie.seconds, path="/", secure=True, httponly=True, samesite="lax"
            )
        return response


def local(url: str) -> str:
    """The address if it is a path of this site, else the portal's home: nobody is sent elsewhere by a crafted link."""
    inside = _PATH.match(url) and "\\" not in url and url.isprintable() and not urlsplit(url).netloc
    return url if inside else "/"


def within(address: str) -> str:
    """An address of this site as `next` takes it: without a query that is too long, as no form of ours makes one."""
    return next(each for each in (address, urlsplit(address).path, "/") if len(each) <= LONGEST_NEXT)


def _inside(url: str) -> str:
    """The address if it is a path of this site, else nothing."""
    return url if len(url) <= LONGEST_NEXT and local(url) == url else ""


def _with_language(query: str, code: str) -> str:
    """The same address in this language, relative to itself: however long it is, a page does not repeat it."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != LANG]
    return f"?{urlencode([*kept, (LANG, code)])}"


def _masked(token: str) -> str:
    plain, mask = token.encode(), secrets.token_bytes(len(token))
    return base64.urlsafe_b64encode(mask + _xor(plain, mask)).decode()


def _same(masked: str, token: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(masked.encode())
    except ValueError:
        return False
    half = len(raw) // 2
    return hmac.compare_digest(_xor(raw[half:], raw[:half]), token.encode())


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


async def page_of(request: Request, who: MaybeSignedIn) -> AsyncIterator[PageContext]:
    """Afterwards the uploads are closed, whether or not anybody looked at them."""
    page = PageContext(request, who)
    try:
        await page.find_saved_form()
        yield page
    finally:
        await request.close()


Page = Annotated[PageContext, Depends(page_of)]


def pages_router(**options: Any) -> APIRouter:
    """Routes of pages: no part of the OpenAPI document."""
    return APIRouter(include_in_schema=False, default_response_class=HTMLResponse, **options)
