"""Mail: written in the transaction that decided it, sent by SMTP with growing pauses under one Message-ID."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from operator import itemgetter
from typing import Final

import aiosmtplib
import asyncpg
import structlog

from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.ops.tls import client_context
from shared.ops.tracing import Tracing, mailing
from shared.ops.waiting import Waiting
from shared.processing.answering import answering
from shared.processing.mail_message import message_of
from shared.processing.transient import transient
from shared.store.database import Pool

log = structlog.get_logger(__name__)

BATCH: Final = 20
PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600, *[4 * 3600] * 18))
"""Three days of attempts; then the mail stays, unsent, with its last error, for the operator and whoever waits."""

CONNECTIONS: Final = 4
"""So many at once, where more is due than one batch."""
PATIENCE: Final = 60.0
"""Seconds for which a batch is sent, half as long as its mails are claimed."""
CONNECTING: Final = 20.0
LEAVING: Final = 2.0
"""Seconds for making a connection, and for its goodbye."""
FINISHING: Final = 5.0
"""Seconds for which a process that stops waits for what the mail server says of the mails that it was given."""

REFUSED: Final = aiosmtplib.SMTPRecipientsRefused.__name__
"""The error of a mail whose recipient, and nobody else's, is the cause that it waits."""
SENT: Final = """update mails set sent_at = now(), due = null, error = '', recipient = '', subject = '', body_text = '',
    body_html = '', headers = '{}' where id = $1"""
"""What was said to whom is not kept: a code or a link in it was for one reader, who may close the account."""

_POSTPONE: Final = """update mails set due = now() + $3::interval, error = $4
    where id = $1 and attempts = $2 and sent_at is null"""
_GIVE_BACK: Final = """update mails set due = now(), attempts = mails.attempts - 1
    from unnest($1::uuid[], $2::int[]) as ours (id, attempts)
    where mails.id = ours.id and mails.attempts = ours.attempts and sent_at is null"""
"""Unless the claim has ended meanwhile and somebody else has the mail: each claim counts one attempt more."""

_LAST = """select distinct on (about) about, recipient, due is null and sent_at is null as given_up from mails
    where about = any($1) and about <> '' order by about, queued_at desc"""

DUE: Final = "from mails where due <= now()"
_CLAIM = f"""update mails set due = now() + interval '2 minutes', attempts = attempts + 1 where id in (
    select id {DUE} order by due limit $1 for update skip locked
) returning id, recipient, template, subject, body_text, body_html, headers::text, attempts, queued_at, correlation,
    trace"""  # noqa: S608 - of our own constant


async def given_up(pool: Pool, *about: object) -> dict[str, str]:
    """Of these, each whose last mail was given up, with the address that it could not be delivered to."""
    rows = await pool.fetch(_LAST, [str(each) for each in about])
    return {row["about"]: row["recipient"] for row in rows if row["given_up"]}


class ServerAway(Exception):
    """Nobody takes mails there, or nobody takes ours; the cause says why."""


class Mailer:
    """Sends what is due. SMTP may be down, slow or cut: mails wait and go out later."""

    def __init__(
        self, pool: Pool, settings: Settings, metrics: Metrics, *, tracing: Tracing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.pool, self.settings, self.metrics, self._clock = pool, settings, metrics, clock
        self.tracing = tracing
        self.waiting = Waiting("mail", clock=clock)
        self.noting = Waiting("noting what became of mails", clock=clock)
        self._away_until = 0.0
        self._stopping, self._sending = False, asyncio.Lock()

    async def finish(self) -> None:
        """Claims no more, gives back what has not been begun, and returns when nothing is under way, or is late.

        A mail that the server took, and of which that was not noted, would be sent once more.
        """
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISHING), self._sending:
                pass

    async def send_due(self) -> int:
        """Claims and sends what is due, the oldest first, over several connections if it is much; returns how many were
        claimed. Claims nothing for a while after nobody took mails.
        """
        if self._clock() < self._away_until:
            return 0
        async with self._sending:
            rows = await self._claim()
            more = CONNECTIONS - 1 if len(rows) == BATCH else 0
            drains = (self._drain(rows), *(self._drain() for _ in range(more)))
            sent = await asyncio.gather(*drains, return_exceptions=True)
        failed = [each for each in sent if isinstance(each, BaseException)]
        if failed:
            raise failed[0]
        return sum(each for each in sent if isinstance(each, int))

    async def _claim(self) -> list[asyncpg.Record]:
        if self._stopping:
            return []
        return sorted(await self.pool.fetch(_CLAIM, BATCH), key=itemgetter("queued_at"))

    async def _drain(self, rows: list[asyncpg.Record] | None = None) -> int:
        """Sends batches over one connection until nothing is due any more; returns how many mails were claimed."""
        smtp, count = _client(self.settings), 0
        try:
            while rows or (rows is None and (rows := await self._claim())):
                count += len(rows)
                rows = None if await self._send_all(smtp, rows) and len(rows) == BATCH else []
        finally:
            await _leave(smtp)
        return count

    async def _send_all(self, smtp: aiosmtplib.SMTP, rows: Sequence[asyncpg.Record]) -> bool:
        """Whether the connection was good for all of them. What it was not good for waits; nothing stays claimed."""
        begun, left = self._clock(), deque(rows)
        try:
            while left and not self._stopping and self._clock() - begun < PATIENCE:
                await self._send(smtp, left[0])
                left.popleft()
        except ServerAway as away:
            await self._wait_for_server(left, away.__cause__ or away)
            return False
        except Exception:
            left.popleft()  # It may have been sent: its claim has to end first.
            await self._give_back(left)
            raise
        await self._give_back(left)
        return not left

    async def _send(self, smtp: aiosmtplib.SMTP, row: asyncpg.Record) -> None:
        """Raises ServerAway, and what the database raises."""
        try:
            with mailing(self.tracing, row["trace"], row["template"]):
                message = message_of(row, self.settings)
                await self._connect(smtp)
                async with asyncio.timeout(PATIENCE - CONNECTING):
                    await smtp.send_message(message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if not isinstance(error, aiosmtplib.SMTPRecipientsRefused):
                smtp.close()
            log.warning("mail not sent", **_which(row), error=type(error).__name__)
            await self._postpone(row, error)
        else:
            await self._settle(SENT, row["id"])
            self.metrics.mails_sent.inc()
            log.info("mail sent", **_which(row))

    async def _connect(self, smtp: aiosmtplib.SMTP) -> None:
        if smtp.is_connected:
            return
        try:
            async with asyncio.timeout(CONNECTING):
                await smtp.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerAway from error
        self.waiting.over()

    async def _wait_for_server(self, rows: Iterable[asyncpg.Record], error: BaseException) -> None:
        """None of these would have been taken either."""
        self.waiting.tell(error, "the mail server")
        self._away_until = self._clock() + self.waiting.backoff.pause()
        for row in rows:
            await self._postpone(row, error)

    async def _give_back(self, rows: Iterable[asyncpg.Record]) -> None:
        """Their claims would end before they are sent, and another process would send them too."""
        if rows := list(rows):
            await self._settle(_GIVE_BACK, [row["id"] for row in rows], [row["attempts"] for row in rows])

    async def _postpone(self, row: asyncpg.Record, error: BaseException) -> None:
        pause = PAUSES[row["attempts"] - 1] if row["attempts"] <= len(PAUSES) and not _hopeless(error) else None
        await self._settle(_POSTPONE, row["id"], row["attempts"], pause, type(error).__name__)

    async def _settle(self, sql: str, *values: object) -> None:
        """Notes what became of a mail, however long the database is away: nobody else knows it."""
        while True:
            try:
                await self.pool.execute(sql, *values)
            except Exception as error:
                if not transient(error):
                    raise
                await self.noting.after(error, partial(answering, self.pool), of="the database")
            else:
                return self.noting.over()


def _which(row: asyncpg.Record) -> dict[str, str]:
    """What the log says of a mail."""
    return {"mail": str(row["id"]), "template": row["template"], "correlation": str(row["correlation"] or "")}


async def _leave(smtp: aiosmtplib.SMTP) -> None:
    """Says goodbye (RFC 5321 §4.1.1.10), if somebody is there to hear it."""
    if smtp.is_connected:
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.quit(timeout=LEAVING)
    smtp.close()


def _client(settings: Settings) -> aiosmtplib.SMTP:
    """Encrypts if it was told to and not if it was not: what the server offers could be anybody's answer."""
    host, _, port = settings.smtp.rpartition(":")
    secure = settings.smtp_security != "none"
    return aiosmtplib.SMTP(
        hostname=host,
        port=int(port),
        timeout=CONNECTING,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        tls_context=client_context(settings.smtp_ca) if secure else None,
        username=settings.smtp_user or None,
        password=settings.smtp_password or None,
    )


def _hopeless(error: BaseException) -> bool:
    """Whether trying again is in vain: the address was refused for good (RFC 5321: 5yz), or is not an address."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    return isinstance(error, ValueError) and not isinstance(error, OSError)  # A wrong certificate is both.
