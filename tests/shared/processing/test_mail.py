"""Mail over real SMTP: queued with what decided it, sent once under one Message-ID, whatever the relay answers."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.processes import free_port
from shared.model.message import new_id
from shared.model.reaction import Send
from shared.ops.context import Context
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.ops.waiting import LONGEST, Waiting
from shared.processing.execution import Caused, carry_out
from shared.processing.mail import BATCH, CONNECTIONS, PAUSES, REFUSED, Mailer, given_up
from shared.processing.mail_message import message_of
from shared.store.database import Pool
from shared.store.event_store import Store
from tests.shared.logged import logged
from tests.shared.things import open_store, render
from tests.shared.waiting import eventually


class Postbox:
    """An SMTP relay: keeps what it accepts, answers as told."""

    def __init__(self, port: int) -> None:
        self.port, self.messages = port, list[Message]()
        self.answer: Callable[[str], str] = lambda _: "250 OK"
        self.cut_after_data = False
        self.connections, self.goodbyes = list[Session](), 0
        self.answers = threading.Event()
        """Whether it says that it has taken what it took."""
        self.answers.set()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def taken(self) -> bool:
        """Whether there is any mail."""
        return bool(self.messages)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answer(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        self.connections.append(session)
        return answers

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.goodbyes += 1
        return "221 Bye"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content or b""))  # type: ignore[arg-type]
        await asyncio.to_thread(self.answers.wait)
        if self.cut_after_data:
            cast(asyncio.Transport, server.transport).abort()
        return "250 OK"


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    postbox = Postbox(free_port())
    await asyncio.to_thread(postbox.controller.start)
    yield postbox
    postbox.answers.set()
    await asyncio.to_thread(postbox.controller.stop)


@pytest.fixture
def sending(settings: Settings, postbox: Postbox) -> Settings:
    return settings.model_copy(update={"smtp": f"127.0.0.1:{postbox.port}", "public_url": "https://careers.example"})


def mailer_of(store: Store, settings: Settings) -> Mailer:
    return Mailer(store.pool, settings, Metrics("things"))


async def queue(store: Store, *mails: Send) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await carry_out(connection, store, render, [Caused(Context(), mails)], "test")


def mail(
    to: str = "anna@example.org", id_: UUID | None = None, headers: Mapping[str, str] | None = None, about: str = ""
) -> Send:
    return Send(id_ or new_id(), to, "things/mail/hello", "en", {"name": "Anna"}, headers or {}, about, whose="")


async def row(store: Store) -> Any:
    return await store.pool.fetchrow("select attempts, due is null as over, sent_at, error from mails")


async def due_now(store: Store) -> None:
    await store.pool.execute("update mails set due = now() where due is not null")


async def test_a_mail_is_sent_once_with_both_bodies_and_its_headers(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    one = mail(headers={"List-Unsubscribe": "<https://careers.example/stop>"})
    await queue(store, one)
    await queue(store, one)
    assert [await mailer_of(store, sending).send_due() for _ in range(2)] == [1, 0]
    (message,) = postbox.messages
    assert (message["To"], message["Subject"]) == ("anna@example.org", "things/mail/hello")
    assert message["Message-ID"] == f"<{one.id}@careers.example>"
    assert (message["Auto-Submitted"], message["X-Postulo-Template"]) == ("auto-generated", "things/mail/hello")
    assert message["List-Unsubscribe"] == "<https://careers.example/stop>"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_of_a_sent_mail_neither_words_nor_reader_are_kept(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    await queue(store, mail("anna@example.org", headers={"List-Unsubscribe": "<https://careers.example/secret>"}))
    assert await mailer_of(store, sending).send_due() == 1
    assert len(postbox.messages) == 1
    kept = str([dict(each) for each in await store.pool.fetch("select * from mails")])
    assert not [word for word in ("anna@", "Anna", "secret", "<p>") if word in kept]


async def test_a_mail_is_queued_only_if_its_transaction_commits(store: Store) -> None:
    async with store.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await carry_out(connection, store, render, [Caused(Context(), [mail()])], "test")
        await transaction.rollback()
    assert await store.pool.fetchval("select count(*) from mails") == 0


async def test_while_smtp_is_down_mails_wait_with_growing_pauses_and_go_out_under_the_same_message_id(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    one = mail()
    await queue(store, one)
    away = sending.model_copy(update={"smtp": f"127.0.0.1:{free_port()}"})
    for seconds in (5, 15, 60):
        begun = await store.pool.fetchval("select clock_timestamp()")
        assert await mailer_of(store, away).send_due() == 1
        pause = "select due - make_interval(secs => $2) between $1 and clock_timestamp() from mails"
        assert await store.pool.fetchval(pause, begun, seconds)
        await due_now(store)
    assert await mailer_of(store, sending).send_due() == 1
    assert [message["Message-ID"] for message in postbox.messages] == [f"<{one.id}@careers.example>"]
    assert (await row(store))["sent_at"] is not None


async def test_a_process_that_stops_notes_what_was_taken_and_gives_back_the_others(
    store: Store, sending: Settings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.processing.mail.FINISHING", 60.0)
    await queue(store, mail(), mail())
    postbox.answers.clear()
    mailer = mailer_of(store, sending)
    under_way = asyncio.create_task(mailer.send_due())
    await eventually(postbox.taken, "the first one is taken")
    finishing = asyncio.create_task(mailer.finish())
    await asyncio.sleep(0)
    postbox.answers.set()
    await finishing
    assert under_way.done()
    states = await store.pool.fetch("select sent_at is not null, attempts, due <= now() from mails order by 1 desc")
    assert [tuple(each) for each in states] == [(True, 1, None), (False, 0, True)]
    assert await mailer.send_due() == 0
    assert await mailer_of(store, sending).send_due() == 1
    assert len({message["Message-ID"] for message in postbox.messages}) == len(postbox.messages) == 2


async def test_a_process_that_stops_does_not_wait_for_ever(
    store: Store, sending: Settings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.processing.mail.FINISHING", 0.05)
    await queue(store, mail())
    postbox.answers.clear()
    mailer = mailer_of(store, sending)
    under_way = asyncio.create_task(mailer.send_due())
    await eventually(postbox.taken, "it is taken")
    await mailer.finish()
    assert not under_way.done()
    postbox.answers.set()
    assert await under_way == 1


async def test_a_recipient_refused_for_good_is_given_up_and_keeps_nobody_waiting(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    postbox.answer = lambda address: "550 nobody here" if address.startswith("gone") else "250 OK"
    await queue(store, mail("gone@example.org"), mail())
    assert await mailer_of(store, sending).send_due() == 2
    assert [message["To"] for message in postbox.messages] == ["anna@example.org"]
    left = await store.pool.fetchrow("select due, error, attempts from mails where sent_at is null")
    assert tuple(left or ()) == (None, "SMTPRecipientsRefused", 1)


async def test_who_waits_for_a_mail_learns_that_it_was_given_up_until_a_later_one_arrives(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    postbox.answer = lambda address: "550 nobody here" if address.startswith("gone") else "250 OK"
    await queue(store, mail("gone@example.org", about="one"), mail(about="two"), mail("gone@example.org"))
    assert await given_up(store.pool, "one", "two") == {}, "nothing is said of what still waits"
    await mailer_of(store, sending).send_due()
    assert await given_up(store.pool, "one", "two", "three", "") == {"one": "gone@example.org"}
    await queue(store, mail(about="one"))
    assert await given_up(store.pool, "one") == {}
    await mailer_of(store, sending).send_due()
    assert await given_up(store.pool, "one") == {}


async def test_who_waits_for_a_mail_learns_that_its_last_attempt_is_over(store: Store, sending: Settings) -> None:
    away = sending.model_copy(update={"smtp": f"127.0.0.1:{free_port()}"})
    await queue(store, mail(about="one"))
    await store.pool.execute("update mails set attempts = $1", len(PAUSES) - 1)
    await mailer_of(store, away).send_due()
    assert await given_up(store.pool, "one") == {}
    await due_now(store)
    await mailer_of(store, away).send_due()
    assert await given_up(store.pool, "one") == {"one": "anna@example.org"}


async def test_a_recipient_refused_for_now_is_tried_again(store: Store, sending: Settings, postbox: Postbox) -> None:
    postbox.answer = lambda _: "451 greylisted, come back"
    await queue(store, mail())
    await mailer_of(store, sending).send_due()
    left = await row(store)
    assert (left["over"], left["error"]) == (False, REFUSED)
    postbox.answer = lambda _: "250 OK"
    await due_now(store)
    await mailer_of(store, sending).send_due()
    assert len(postbox.messages) == 1


async def test_a_connection_cut_after_the_data_sends_the_mail_again_under_the_same_message_id(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    postbox.cut_after_data = True
    await queue(store, mail())
    await mailer_of(store, sending).send_due()
    postbox.cut_after_data = False
    await due_now(store)
    await mailer_of(store, sending).send_due()
    first, second = postbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert (await row(store))["error"] == ""


@pytest.mark.parametrize(
    "to", ["", "nobody", "@", "a@", "a b@c", "<a@b.org>", "a@b.org\nBcc: all@example.org", "änna@b.org"]
)
async def test_what_is_no_address_is_given_up_and_keeps_nobody_waiting(
    store: Store, sending: Settings, postbox: Postbox, to: str
) -> None:
    await queue(store, mail(to), mail())
    assert await mailer_of(store, sending).send_due() == 2
    assert [message["To"] for message in postbox.messages] == ["anna@example.org"]
    assert await store.pool.fetchval("select count(*) from mails where due is null and sent_at is null") == 1


@pytest.mark.parametrize("field", ["subject", "headers"])
def test_a_line_break_injects_no_header(settings: Settings, field: str) -> None:
    evil = "Hello\r\nBcc: everybody@example.org"
    filled = {
        "id": new_id(), "recipient": "anna@example.org", "template": "t", "subject": "s", "body_text": "t",
        "body_html": "<p></p>", "headers": "{}", "queued_at": None,
        "correlation": None,
    }  # fmt: skip
    filled["queued_at"] = "Mon, 23 Nov 2026 12:00:00 +0000"
    filled[field] = evil if field == "subject" else '{"X-Name": "Hello\\r\\nBcc: everybody@example.org"}'
    with pytest.raises(ValueError, match="line"):
        message_of(filled, settings)


class Raw:
    """A relay that keeps each mail byte by byte, and whom it was for."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append((envelope.rcpt_tos, cast(bytes, envelope.content)))
        return "250 OK"


@pytest.fixture
async def raw(settings: Settings) -> AsyncIterator[tuple[Raw, Settings]]:
    relay, port = Raw(), free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    yield relay, settings.model_copy(update={"smtp": f"127.0.0.1:{port}", "public_url": "https://careers.example"})
    await asyncio.to_thread(controller.stop)


def fields_of(content: bytes) -> dict[str, bytes]:
    """The header's fields unfolded (RFC 5322 §2.2.3), read without the library that wrote them."""
    head = content.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    lines = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    return {line.partition(b":")[0].decode().lower(): line.partition(b":")[2].strip() for line in lines}


@pytest.mark.parametrize("length", range(40, 201, 8))
async def test_a_list_s_headers_leave_as_they_are_however_long(
    store: Store, raw: tuple[Raw, Settings], length: int
) -> None:
    relay, sending = raw
    link = "<https://careers.example/alerts/" + "x" * (length - 33) + ">"
    headers = {"List-Unsubscribe": link, "List-Id": f"<{'y' * (length - 20)}.alerts.example>",
               "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip
    await queue(store, mail(headers=headers))
    await mailer_of(store, sending).send_due()
    ((_, content),) = relay.mails
    fields = fields_of(content)
    assert {name: fields[name.lower()] for name in headers} == {name: value.encode() for name, value in headers.items()}
    assert re.fullmatch(rb"<[0-9a-f-]{36}@careers.example>", fields["message-id"])
    assert b"=?" not in b"".join(fields[name.lower()] for name in headers)


async def test_the_name_of_a_domain_goes_out_in_ascii(store: Store, raw: tuple[Raw, Settings]) -> None:
    relay, sending = raw
    await queue(store, mail("anna@müller.example"))
    await mailer_of(store, sending).send_due()
    ((to, content),) = relay.mails
    assert to == ["anna@xn--mller-kva.example"]
    assert fields_of(content)["to"] == b"anna@xn--mller-kva.example"
    assert content.isascii() or b"charset" in content


async def test_two_processes_send_every_mail_once(
    store: Store, database: str, sending: Settings, postbox: Postbox
) -> None:
    mails = [mail(f"a{number}@example.org") for number in range(60)]
    await queue(store, *mails)
    async with open_store(database) as second:
        await asyncio.gather(*(_send_all(mailer_of(each, sending)) for each in (store, second)))
    assert sorted(message["To"] for message in postbox.messages) == sorted(each.to for each in mails)


async def test_a_mail_that_its_process_died_with_goes_out_when_the_claim_has_ended(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    await queue(store, mail())
    asleep = asyncio.Event()

    class Dying(Mailer):
        async def _send(self, *_: Any) -> None:
            asleep.set()
            await asyncio.Event().wait()

    dying = asyncio.create_task(Dying(store.pool, sending, Metrics("things")).send_due())
    await asleep.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await mailer_of(store, sending).send_due() == 0
    await due_now(store)
    assert await mailer_of(store, sending).send_due() == 1
    assert len(postbox.messages) == 1


async def test_after_an_outage_many_mails_go_out_over_a_few_connections_that_are_kept_and_each_once(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    mails = [mail(f"a{number}@example.org") for number in range(CONNECTIONS * BATCH * 2 + 7)]
    await queue(store, *mails)
    assert await mailer_of(store, sending).send_due() == len(mails)
    assert sorted(message["To"] for message in postbox.messages) == sorted(each.to for each in mails)
    assert 1 < len(postbox.connections) <= CONNECTIONS
    assert postbox.goodbyes == len(postbox.connections)


async def test_a_few_mails_go_out_over_one_connection(store: Store, sending: Settings, postbox: Postbox) -> None:
    await queue(store, *(mail(f"a{number}@example.org") for number in range(BATCH - 1)))
    assert await mailer_of(store, sending).send_due() == BATCH - 1
    assert (len(postbox.connections), postbox.goodbyes) == (1, 1)


async def test_a_server_that_is_away_is_asked_once_a_connection_and_then_left_alone_for_a_while(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    now = [1000.0]
    away = sending.model_copy(update={"smtp": f"127.0.0.1:{free_port()}"})
    mailer = Mailer(store.pool, away, Metrics("things"), clock=lambda: now[0])
    await queue(store, *(mail() for _ in range(BATCH - 1)))
    with logged("INFO") as lines:
        assert await mailer.send_due() == BATCH - 1
        assert len(lines.getvalue().splitlines()) == 1
        tried = {tuple(each) for each in await store.pool.fetch("select attempts, error from mails")}
        assert tried == {(1, "SMTPConnectError")}
        await due_now(store)
        assert await mailer.send_due() == 0, "it is not asked again at once"
        now[0] += LONGEST
        mailer.settings = sending
        assert await mailer.send_due() == BATCH - 1
    assert len(postbox.messages) == BATCH - 1


class Breaking:
    """A pool whose connections break, so many times, when something is noted of a mail."""

    def __init__(self, pool: Pool, times: int) -> None:
        self.pool, self.times = pool, times

    async def fetch(self, *args: Any) -> Any:
        return await self.pool.fetch(*args)

    async def fetchval(self, *args: Any) -> Any:
        if self.times:
            raise asyncpg.InterfaceError("connection is closed")
        return await self.pool.fetchval(*args)

    async def execute(self, *args: Any) -> Any:
        if self.times:
            self.times -= 1
            raise asyncpg.InterfaceError("connection is closed")
        return await self.pool.execute(*args)


@pytest.mark.parametrize("times", [1, 50])
async def test_that_a_mail_was_sent_is_noted_however_long_the_database_is_away(
    store: Store, sending: Settings, postbox: Postbox, times: int
) -> None:
    await queue(store, mail(), mail())
    mailer = Mailer(cast(Pool, Breaking(store.pool, times)), sending, Metrics("things"))
    mailer.noting = Waiting("noting", sleep=lambda _: asyncio.sleep(0))
    assert await mailer.send_due() == 2
    assert await store.pool.fetchval("select count(*) from mails where sent_at is not null") == 2
    assert len(postbox.messages) == 2


async def test_a_process_that_was_stopped_longer_than_its_claim_gives_back_only_what_is_still_its_own(
    store: Store, sending: Settings, postbox: Postbox
) -> None:
    now = [0.0]
    await queue(store, mail("a@example.org"), mail("b@example.org"), mail("c@example.org"))

    class Stopped(Mailer):
        async def _send(self, smtp: Any, row: Any) -> None:
            await super()._send(smtp, row)
            now[0] += 600
            await store.pool.execute("update mails set due = now() where recipient = 'b@example.org'")
            assert await mailer_of(store, sending).send_due() == 1

    assert await Stopped(store.pool, sending, Metrics("things"), clock=lambda: now[0]).send_due() == 3
    assert await mailer_of(store, sending).send_due() == 1, "what was its own is due at once, not when the claim ends"
    assert sorted(message["To"] for message in postbox.messages) == ["a@example.org", "b@example.org", "c@example.org"]
    assert await store.pool.fetchval("select count(*) from mails where sent_at is null") == 0


async def _send_all(mailer: Mailer) -> None:
    while await mailer.send_due():
        pass
