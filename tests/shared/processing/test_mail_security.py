"""Mail over TLS and by login: what was chosen, or nothing goes out and the mail waits."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploy.local.processes import free_port
from shared.model.message import new_id
from shared.model.reaction import Send
from shared.ops.context import Context
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.execution import Caused, carry_out
from shared.processing.mail import Mailer
from shared.store.event_store import Store
from tests.shared.things import render

USER, PASSWORD = "postulo", "a quiet heron"

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Relay:
    """A mail relay that lets in whoever knows the password: keeps who tried, and what it was sent over what."""

    def __init__(self) -> None:
        self.tried = list[tuple[bytes, bytes]]()
        self.taken = list[tuple[str, bool]]()

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.tried.append((data.login, data.password))
        return AuthResult(success=self.tried[-1] == (USER.encode(), PASSWORD.encode()), handled=False)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        subject = str(message_from_bytes(envelope.content or b"")["Subject"])  # type: ignore[arg-type]
        assert server.transport is not None
        self.taken.append((subject, server.transport.get_extra_info("ssl_object") is not None))
        return "250 OK"


@contextmanager
def listening(relay: Relay, **options: Any) -> Iterator[str]:
    """Its address, while it listens."""
    port = free_port()
    controller = Controller(
        relay, hostname="127.0.0.1", port=port, authenticator=relay.authenticate, auth_required=True, **options
    )
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


@asynccontextmanager
async def relay_of(security: str, certificate: ssl.SSLContext) -> AsyncIterator[tuple[Relay, str]]:
    """What the relay offers: `starttls`, `tls`, or `none`, where it would take a password in the clear too."""
    options: dict[str, dict[str, Any]] = {
        "starttls": {"tls_context": certificate, "require_starttls": True},
        "tls": {"ssl_context": certificate, "auth_require_tls": False},
        "none": {"auth_require_tls": False},
    }
    relay = Relay()
    opened = listening(relay, **options[security])
    address = await asyncio.to_thread(opened.__enter__)
    try:
        yield relay, address
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


class Trust(NamedTuple):
    """An authority, and how a relay that it knows shows itself."""

    authority: trustme.CA
    certificate: ssl.SSLContext

    @property
    def pem(self) -> str:
        return pem(self.authority)


@pytest.fixture(scope="module")
def trust() -> Trust:
    authority = trustme.CA()
    return Trust(authority, certificate(authority, "127.0.0.1"))


def certificate(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def pem(authority: trustme.CA) -> str:
    return str(authority.cert_pem.bytes().decode())


async def send(store: Store, settings: Settings, **chosen: str) -> Any:
    """Queues a mail and sends what is due with these settings; returns what is kept of the mail."""
    async with store.pool.acquire() as connection, connection.transaction():
        mail = Send(new_id(), "anna@example.org", "things/mail/hello", "en", {}, whose="")
        await carry_out(connection, store, render, [Caused(Context(), [mail])], "test")
    sending = Settings.model_validate({**settings.model_dump(), **chosen})
    assert await Mailer(store.pool, sending, Metrics("things")).send_due() == 1
    return await store.pool.fetchrow("select sent_at is not null as sent, due is null as over, error from mails")


def login(**more: str) -> dict[str, str]:
    return {"smtp_user": USER, "smtp_password": PASSWORD, **more}


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_goes_out_encrypted_and_logged_in(
    store: Store, settings: Settings, trust: Trust, security: str, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text(trust.pem)
    ca = str(tmp_path / "ca.pem") if security == "tls" else trust.pem
    async with relay_of(security, trust.certificate) as (relay, address):
        kept = await send(store, settings, smtp=address, smtp_security=security, smtp_ca=ca, **login())
    assert relay.tried == [(USER.encode(), PASSWORD.encode())]
    assert relay.taken == [("things/mail/hello", True)]
    assert (kept["sent"], kept["error"]) == (True, "")


async def test_a_relay_without_starttls_is_told_neither_password_nor_mail(
    store: Store, settings: Settings, trust: Trust
) -> None:
    async with relay_of("none", trust.certificate) as (relay, address):
        kept = await send(
            store, settings, smtp=address, smtp_security="starttls", smtp_ca=trust.pem, **login()
        )  # fmt: skip
    assert (relay.tried, relay.taken) == ([], [])
    assert tuple(kept) == (False, False, "SMTPException")


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["authority", "name", "system"])
async def test_a_certificate_of_somebody_else_is_refused_and_the_mail_waits(
    store: Store, settings: Settings, trust: Trust, security: str, wrong: str
) -> None:
    ca = {"authority": pem(trustme.CA()), "name": trust.pem, "system": ""}[wrong]
    shown = certificate(trust.authority, "mail.example.org") if wrong == "name" else trust.certificate
    async with relay_of(security, shown) as (relay, address):
        kept = await send(store, settings, smtp=address, smtp_security=security, smtp_ca=ca, **login())
    assert (relay.tried, relay.taken) == ([], [])
    assert (kept["sent"], kept["over"]) == (False, False)


async def test_a_wrong_password_keeps_the_mail_until_the_right_one_is_set(
    store: Store, settings: Settings, trust: Trust
) -> None:
    chosen = {"smtp_security": "tls", "smtp_ca": trust.pem}
    async with relay_of("tls", trust.certificate) as (relay, address):
        kept = await send(store, settings, smtp=address, **login(smtp_password="wrong"), **chosen)
        assert tuple(kept) == (False, False, "SMTPAuthenticationError")
        assert relay.taken == []
        await store.pool.execute("update mails set due = now()")
        right = Settings.model_validate({**settings.model_dump(), "smtp": address, **login(), **chosen})
        assert await Mailer(store.pool, right, Metrics("things")).send_due() == 1
    assert relay.taken == [("things/mail/hello", True)]


async def test_what_a_relay_offers_is_not_taken_where_none_was_chosen(
    store: Store, settings: Settings, trust: Trust
) -> None:
    relay = Relay()
    port = free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=port, tls_context=trust.certificate)
    await asyncio.to_thread(controller.start)
    kept = await send(store, settings, smtp=f"127.0.0.1:{port}", smtp_security="none")
    await asyncio.to_thread(controller.stop)
    assert relay.taken == [("things/mail/hello", False)]
    assert kept["sent"]
