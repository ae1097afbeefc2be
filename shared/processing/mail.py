"""Mail: written in the transaction that decided it, sent by SMTP with growing pauses under one Message-ID."""

import asyncio
import time
from datetime import timedelta
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from operator import itemgetter
from typing import Any, Final, cast
from urllib.parse import urlsplit

import aiosmtplib
import asyncpg
import orjson
import structlog

from shared.ops.addresses import deliverable
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.ops.tls import client_context
from shared.store.database import Pool

log = structlog.get_logger(__name__)

BATCH: Final = 20
PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600, *[4 * 3600] * 18))
"""Three days of attempts; then the mail stays, unsent, with its last error, for the operator and whoever waits."""

LONGEST_LINE: Final = 998
"""Signs of a line (RFC 5322 §2.1.1)."""

PATIENCE: Final = 60.0
"""Seconds for which a batch is sent, half as long as its mails are claimed."""

SENT: Final = """update mails set sent_at = now(), due = null, error = '', recipient = '', subject = '', body_text = '',
    body_html = '', headers = '{}' where id = $1"""
"""What was said to whom is not kept: a code or a link in it was for one reader, who may close the account."""

_LAST = """select distinct on (about) about, recipient, due is null and sent_at is null as given_up from mails
    where about = any($1) and about <> '' order by about, queued_at desc"""

_CLAIM = """update mails set due = now() + interval '2 minutes', attempts = attempts + 1 where id in (
    select id from mails where due <= now() order by due limit $1 for update skip locked
) returning id, recipient, template, subject, body_text, body_html, headers::text, attempts, queued_at"""


async def given_up(pool: Pool, *about: object) -> dict[str, str]:
    """Of these, each whose last mail was given up, with the address that it could not be delivered to."""
    rows = await pool.fetch(_LAST, [str(each) for each in about])
    return {row["about"]: row["recipient"] for row in rows if row["given_up"]}


class Mailer:
    """Sends what is due. SMTP may be down, slow or cut: mails wait and go out later."""

    def __init__(self, pool: Pool, settings: Settings, metrics: Metrics) -> None:
        self.pool, self.settings, self.metrics = pool, settings, metrics

    async def send_due(self) -> int:
        """Claims and sends up to a batch over one connection, the oldest first; returns how many were claimed."""
        rows = sorted(await self.pool.fetch(_CLAIM, BATCH), key=itemgetter("queued_at"))
        if not rows:
            return 0
        smtp = _client(self.settings)
        begun = time.monotonic()
        try:
            for row in rows:
                await (self._send(smtp, row) if time.monotonic() - begun < PATIENCE else self._give_back(row))
        finally:
            smtp.close()
        return len(rows)

    async def _send(self, smtp: aiosmtplib.SMTP, row: asyncpg.Record) -> None:
        try:
            message = message_of(row, self.settings)
            async with asyncio.timeout(PATIENCE - 10):
                if not smtp.is_connected:
                    await smtp.connect()
                await smtp.send_message(message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if not isinstance(error, aiosmtplib.SMTPRecipientsRefused):
                smtp.close()
            await self._postpone(row, error)
        else:
            await self.pool.execute(SENT, row["id"])
            self.metrics.mails_sent.inc()

    async def _give_back(self, row: asyncpg.Record) -> None:
        """The claim would end before this one is sent, and another process would send it too."""
        await self.pool.execute("update mails set due = now(), attempts = attempts - 1 where id = $1", row["id"])

    async def _postpone(self, row: asyncpg.Record, error: Exception) -> None:
        pause = PAUSES[row["attempts"] - 1] if row["attempts"] <= len(PAUSES) and not _hopeless(error) else None
        log.warning("mail not sent", mail=str(row["id"]), template=row["template"], error=type(error).__name__)
        await self.pool.execute(
            "update mails set due = now() + $2::interval, error = $3 where id = $1",
            row["id"],
            pause,
            type(error).__name__,
        )


def _client(settings: Settings) -> aiosmtplib.SMTP:
    """Encrypts if it was told to and not if it was not: what the server offers could be anybody's answer."""
    host, _, port = settings.smtp.rpartition(":")
    secure = settings.smtp_security != "none"
    return aiosmtplib.SMTP(
        hostname=host,
        port=int(port),
        timeout=20,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        tls_context=client_context(settings.smtp_ca) if secure else None,
        username=settings.smtp_user or None,
        password=settings.smtp_password or None,
    )


def _hopeless(error: Exception) -> bool:
    """Whether trying again is in vain: the address was refused for good (RFC 5321: 5yz), or is not an address."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    return isinstance(error, ValueError) and not isinstance(error, OSError)  # A wrong certificate is both.


class Structured(UniqueUnstructuredHeader):
    """A header that machines read: in one line, however long, and never encoded (RFC 2369, RFC 8058)."""

    name: str

    def fold(self, *, policy: Any) -> str:
        line = f"{self.name}: {self}"
        if not line.isascii() or len(line) > LONGEST_LINE:
            raise ValueError(f"{self.name} is no line of a mail")
        return line + str(policy.linesep)


def _policy() -> Any:
    headers = HeaderRegistry()
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID"):
        headers.map_to_type(name, cast(Any, Structured))
    return SMTP.clone(header_factory=headers)


POLICY: Final[Any] = _policy()


def message_of(row: Any, settings: Settings) -> EmailMessage:
    """The mail as it goes out. Raises ValueError for a recipient that is not one, or a line break in a header."""
    message = EmailMessage(POLICY)
    name, address = parseaddr(settings.mail_from)
    message["From"] = Address(name, addr_spec=deliverable(address))
    message["To"] = Address(addr_spec=deliverable(row["recipient"]))
    message["Subject"] = row["subject"]
    message["Date"] = row["queued_at"]
    host = str(urlsplit(settings.public_url).hostname)
    message["Message-ID"] = f"<{row['id']}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Postulo-Template"] = row["template"]
    for header, value in orjson.loads(row["headers"]).items():
        message[header] = value.replace("{public_url}", settings.public_url).replace("{host}", host)
    message.set_content(row["body_text"])
    message.add_alternative(row["body_html"], subtype="html")
    return message
