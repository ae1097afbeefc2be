"""The embedded platform's mailbox: a real SMTP server that keeps every mail on disk, and a page that shows them."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from socket import socket

from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

SIZE_LIMIT = 20_000_000
KEPT = 2_000
RECIPIENT = "X-Postulo-Delivered-To"
# A mail is somebody's text: it is shown in a sandbox without origin or scripts, and its links open in a new tab.
ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGES = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)


@dataclass(frozen=True)
class Mail:
    """A mail that arrived. `to` are the addresses it was delivered to; `text` and `html` are empty if it has none."""

    id: str
    received_at: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


class Mailbox:
    """Mails in a folder, one file each, named so that their order is that of arrival."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._count = itertools.count()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd; the mail is on disk before it is accepted."""
        await asyncio.to_thread(self.keep, list(envelope.rcpt_tos), envelope.original_content or b"")
        return "250 Message accepted for delivery"

    def keep(self, recipients: list[str], content: bytes) -> str:
        name = f"{time.time_ns():020}-{next(self._count):06}"
        unfinished = self.folder / f"{name}.part"
        delivered = "".join(f"{RECIPIENT}: {recipient}\r\n" for recipient in recipients)
        unfinished.write_bytes(delivered.encode() + content)
        unfinished.rename(self.folder / f"{name}.eml")
        for old in self._names()[KEPT:]:
            (self.folder / f"{old}.eml").unlink(missing_ok=True)
        return name

    def newest_first(self, to: str = "") -> Iterator[Mail]:
        for name in self._names():
            mail = read(self.folder / f"{name}.eml")
            if not to or to.lower() in (address.lower() for address in mail.to):
                yield mail

    def find(self, name: str) -> Mail:
        if name not in self._names():
            raise HTTPException(404)
        return read(self.folder / f"{name}.eml")

    def _names(self) -> list[str]:
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)


@lru_cache(KEPT)
def read(path: Path) -> Mail:
    """A file never changes once it has its name."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(
        id=path.stem,
        received_at=datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9).astimezone().isoformat("T", "seconds"),
        sender=str(message.get("From", "")),
        to=tuple(str(address) for address in message.get_all(RECIPIENT, [])),
        subject=str(message.get("Subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items() if name != RECIPIENT),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def application(mailbox: Mailbox) -> Starlette:
    """The pages: all mails, one mail, its HTML and its source; and all of it as JSON."""

    def every(request: Request) -> Response:
        to = request.query_params.get("to", "")
        return HTMLResponse(PAGES.get_template("mails.html").render(mails=list(mailbox.newest_first(to)), to=to))

    def one(request: Request) -> Response:
        return HTMLResponse(PAGES.get_template("mail.html").render(mail=mailbox.find(request.path_params["id"])))

    def html(request: Request) -> Response:
        content = '<base target="_blank">' + mailbox.find(request.path_params["id"]).html
        return HTMLResponse(content, headers={"content-security-policy": ALONE})

    def source(request: Request) -> Response:
        name = mailbox.find(request.path_params["id"]).id
        return PlainTextResponse((mailbox.folder / f"{name}.eml").read_bytes())

    def data(request: Request) -> Response:
        return JSONResponse([asdict(mail) for mail in mailbox.newest_first(request.query_params.get("to", ""))])

    routes = [
        Route("/", every),
        Route("/mails/{id}", one),
        Route("/mails/{id}/html", html),
        Route("/mails/{id}/source", source),
        Route("/api/mails", data),
    ]
    # A page elsewhere must not read the mails through a name that it points to this machine.
    only_local = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=routes, middleware=[only_local])


@asynccontextmanager
async def receiving(mailbox: Mailbox, listener: socket) -> AsyncIterator[None]:
    """Accept mails by SMTP on this socket until the block ends."""
    loop = asyncio.get_running_loop()

    def session() -> asyncio.Protocol:
        return SMTP(mailbox, hostname="postulo.local", data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(session, sock=listener)
    try:
        yield
    finally:
        server.close()
