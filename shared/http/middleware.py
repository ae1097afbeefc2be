"""Around every request: its context, its log line, what its browser wrote, security headers, an answer to any fault."""

import re
import time
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import COOKIE
from shared.http import write_tokens
from shared.http.bounds import bare, excess
from shared.http.problems import answer_to
from shared.http.responses import respond
from shared.http.watched import QUIET, route_of, watched
from shared.model.message import new_id
from shared.ops.context import Context, entered, working_for
from shared.ops.signing import Signer
from shared.vocabulary import cookies

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_TRACE = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

log = structlog.get_logger("shared.http")


class Conversation:
    """Enters a context for the request; answers what nobody else answered; HEAD is GET without the body."""

    def __init__(self, app: ASGIApp, service: str, signer: Signer) -> None:
        self.app, self.service, self.signer = app, service, signer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if refused := excess(scope):
            scope = bare(scope)
        exchange = Exchange(scope, send, self.signer)
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        with working_for(self.service), entered(exchange.conversation), watched(scope, exchange):
            try:
                await self._ask(scope, receive, exchange.send, refused)
            except Exception as exc:  # noqa: BLE001 - whatever it is, somebody waits for an answer
                await self._answer(exc, Request(scope, receive), exchange)
            finally:
                exchange.log(scope)
        return None

    async def _ask(self, scope: Scope, receive: Receive, send: Send, refused: tuple[int, str] | None) -> None:
        if refused:
            raise HTTPException(*refused)
        await self.app(scope, receive, send)

    async def _answer(self, exc: Exception, request: Request, exchange: "Exchange") -> None:
        answer = answer_to(exc)
        if answer.status >= 500:
            log.error("request failed", status=answer.status, exc_info=exc)
        if exchange.status:
            raise exc  # the answer has begun: only breaking it off tells the client
        await (await respond(request, answer))(request.scope, request.receive, exchange.send)


class Exchange:
    """One request's context and the answer as it leaves: its headers completed, its status remembered."""

    def __init__(self, scope: Scope, send: Send, signer: Signer) -> None:
        self._signer = signer
        self.headers, self._send, self._head = Headers(scope=scope), send, scope["method"] == "HEAD"
        self.cookies = cookie_parser(self.headers.get("cookie", ""))
        self.began, self.status = time.perf_counter(), 0
        remembered = self.headers.get(write_tokens.HEADER) or self.cookies.get(write_tokens.COOKIE, "")
        self.wrote = write_tokens.decoded(signer.read(write_tokens.PURPOSE, remembered) or "")
        trace = self.headers.get("traceparent", "")
        named = self.headers.get("x-correlation-id", ""), self.headers.get("x-request-id", "")
        correlation = correlation_of(*named, trace)
        self.conversation = Context(correlation, trace=trace if _TRACE.fullmatch(trace) else "", wrote=dict(self.wrote))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._complete(MutableHeaders(raw=message["headers"]))
        elif self._head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        for name, value in SECURITY.items():
            headers.setdefault(name, value)
        headers["x-correlation-id"] = str(self.conversation.correlation)
        personal = COOKIE in self.cookies or "authorization" in self.headers
        if personal or "json" in headers.get("content-type", "") or "set-cookie" in headers:
            headers.setdefault("cache-control", "no-store")
        headers.setdefault("cache-control", "no-cache")
        if self.conversation.wrote != self.wrote and not self.conversation.discreet:
            text = self._signer.signed(write_tokens.PURPOSE, write_tokens.encoded(self.conversation.wrote))
            headers[write_tokens.HEADER] = text
            cookie = (
                f"{write_tokens.COOKIE}={text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={cookies.WROTE.seconds}"
            )
            headers.append("set-cookie", cookie)

    def log(self, scope: Scope) -> None:
        """The route's template, not the path: a path may hold a token."""
        if QUIET.match(scope["path"]):
            return
        milliseconds = round((time.perf_counter() - self.began) * 1000, 1)
        log.info("request", method=scope["method"], route=route_of(scope), status=self.status, ms=milliseconds)


def correlation_of(named: str, request: str, trace: str) -> UUID:
    """The caller's conversation if it is a UUID; else its trace (W3C Trace Context); else the gateway's request id."""
    match = _TRACE.fullmatch(trace)
    found = (_uuid(each) for each in (named, match[1] if match else "", request))
    return next((each for each in found if each), None) or new_id()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
