"""What is refused before any door: bodies that are too large, posts from other sites, unstorable addresses."""

from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import COOKIE
from shared.http.problems import UNREADABLE
from shared.http.responses import is_api
from shared.http.room import Room
from shared.model.errors import N_, Forbidden, Invalid
from shared.model.reasons import Reason
from shared.web.forms import TOO_LARGE

LARGEST, LARGEST_WITH_FILES = 2_000_000, 12_000_000
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

ELSEWHERE = N_("This form was sent from another site. Open the page here and send it again")
COMPRESSED = N_("Send the request as it is, without Content-Encoding: what is compressed is not read")


class Guards:
    """Checks a request's origin and address, has its body wait for room, and counts it while it streams in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._room = app, Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if not scope["path"].startswith("/"):
            raise HTTPException(404)  # `OPTIONS *` asks for the server, which nobody does.
        if any(coding.strip().lower() not in ("", "identity") for coding in headers.getlist("content-encoding")):
            raise HTTPException(415, COMPRESSED, {"Accept-Encoding": "identity"})
        if "\0" in scope["path"] or not storable(unquote_to_bytes(scope.get("query_string", b""))):
            raise Invalid.because(UNREADABLE, reason=Reason.UNSTORABLE)
        if scope["method"] not in SAFE and not same_site(headers, scope["path"]):
            raise Forbidden.because(ELSEWHERE, reason=Reason.FROM_ELSEWHERE)
        size, limit = announced(headers)
        async with self._room.taken(size):
            return await self.app(scope, limited(receive, limit), send)


def storable(query: bytes) -> bool:
    """Whether it is text that can be stored: UTF-8 without NUL."""
    try:
        return "\0" not in query.decode()
    except UnicodeDecodeError:
        return False


def same_site(headers: Headers, path: str) -> bool:
    """Whether an unsafe request comes from our own pages, as the browser says (Fetch Metadata, else Origin).

    A client that is not a browser sends neither and is let through: it carries nobody's cookies. A machine's call
    without a session may come from anywhere.
    """
    if is_api(path) and COOKIE not in cookie_parser(headers.get("cookie", "")):
        return True
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def announced(headers: Headers) -> tuple[int, int]:
    """How many bytes the body will have at most, and how many are accepted; refuses (413) one that says it has more."""
    files = headers.get("content-type", "").startswith("multipart/form-data")
    limit = LARGEST_WITH_FILES if files else LARGEST
    declared = headers.get("content-length", str(limit) if "transfer-encoding" in headers else "0")
    if not declared.isdecimal() or int(declared[:12]) > limit:
        raise HTTPException(413, TOO_LARGE)
    return int(declared), limit


def limited(receive: Receive, limit: int) -> Receive:
    """`receive` that refuses (413) as soon as more has come than is accepted."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, TOO_LARGE)
        return message

    return counted
