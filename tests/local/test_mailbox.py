"""The mailbox: what arrives by SMTP is kept, listed newest first, and shown without being able to do anything."""

import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from deploy.local.mailbox import Mailbox, application, receiving


class Running:
    """A mailbox at work: somewhere to send to, and its pages."""

    def __init__(self, mailbox: Mailbox, port: int, pages: httpx.AsyncClient) -> None:
        self.mailbox, self.port, self.pages = mailbox, port, pages

    async def send(self, to: str, subject: str, text: str = "Bonjour", html: str = "") -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "Postulo <no-reply@example.org>", to, subject
        message["Message-ID"] = f"<{subject.encode().hex()}@example.org>"
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        await aiosmtplib.send(message, hostname="127.0.0.1", port=self.port)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Running]:
    listener = socket.create_server(("127.0.0.1", 0))
    mailbox = Mailbox(tmp_path / "mails")
    transport = httpx.ASGITransport(app=application(mailbox))
    async with (
        receiving(mailbox, listener),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8025") as pages,
    ):
        yield Running(mailbox, listener.getsockname()[1], pages)


async def test_mails_are_listed_newest_first_and_by_address(box: Running) -> None:
    await box.send("anna@example.org", "Première étape")
    await box.send("omar@example.org", "Second")
    await box.send("anna@example.org", "Third")
    subjects = [mail["subject"] for mail in (await box.pages.get("/api/mails")).json()]
    assert subjects == ["Third", "Second", "Première étape"]
    to_anna = (await box.pages.get("/api/mails", params={"to": "Anna@example.org"})).json()
    assert [mail["subject"] for mail in to_anna] == ["Third", "Première étape"]


async def test_a_mail_is_kept_with_its_texts_and_headers_for_the_next_start(box: Running) -> None:
    await box.send("anna@example.org", "Code", text="Your code: 123456", html="<p>Your code: <b>123456</b></p>")
    again = next(Mailbox(box.mailbox.folder).newest_first())
    assert again.to == ("anna@example.org",)
    assert again.text.strip() == "Your code: 123456"
    assert "<b>123456</b>" in again.html
    assert dict(again.headers)["Message-ID"] == "<436f6465@example.org>"


async def test_a_mail_s_html_can_run_nothing_and_its_subject_is_text(box: Running) -> None:
    await box.send("anna@example.org", "<script>alert(1)</script>", html="<script>alert(2)</script>")
    mail = (await box.pages.get("/api/mails")).json()[0]
    shown = await box.pages.get(f"/mails/{mail['id']}/html")
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    for page in ("/", f"/mails/{mail['id']}"):
        text = (await box.pages.get(page)).text
        assert "<script>" not in text
        assert "&lt;script&gt;alert(1)" in text


async def test_the_source_of_a_mail_is_shown_as_text(box: Running) -> None:
    await box.send("anna@example.org", "Plain")
    name = next(box.mailbox.newest_first()).id
    source = await box.pages.get(f"/mails/{name}/source")
    assert source.headers["content-type"].startswith("text/plain")
    assert "Subject: Plain" in source.text


@pytest.mark.parametrize("path", ["/mails/1", "/mails/..%2F..%2Fsecret", "/mails/1/html", "/mails/1/source"])
async def test_there_is_no_mail_of_another_name(box: Running, path: str) -> None:
    assert (await box.pages.get(path)).status_code == 404


async def test_a_page_that_points_its_own_name_here_reads_nothing(box: Running) -> None:
    assert (await box.pages.get("/api/mails", headers={"host": "evil.example"})).status_code == 400
