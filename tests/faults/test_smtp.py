"""The gate before the mailbox: what a sender learns, and what arrives."""

import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from deploy.local.mailbox import Mailbox, receiving
from tests.faults.reading import Post
from tests.faults.smtp import EVERY, Gate, Mode


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)  # noqa: FBT003 Its only argument.
        async with (
            receiving(Mailbox(tmp_path), listener),
            Gate("127.0.0.1", listener.getsockname()[1]).opened() as gate,
        ):
            yield gate


async def sent(gate: Gate, name: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "us@example.org", "anna@example.org", f"<{name}@example.org>"
    mail.set_content("Your code")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=gate.port, timeout=5)


async def test_an_open_gate_hands_a_mail_on(gate: Gate, tmp_path: Path) -> None:
    await sent(gate, "first")
    assert Post(tmp_path).arrived() == {"first": 1}


async def test_a_gate_that_is_shut_takes_nobody_and_one_that_is_open_again_does(gate: Gate, tmp_path: Path) -> None:
    await gate.set(Mode.SHUT)
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await sent(gate, "first")
    await gate.set(Mode.OPEN)
    await sent(gate, "second")
    assert Post(tmp_path).arrived() == {"second": 1}


async def test_where_it_cuts_the_mail_arrives_and_its_sender_does_not_learn_it(gate: Gate, tmp_path: Path) -> None:
    await gate.set(Mode.CUT)
    for number in range(1, EVERY):
        await sent(gate, f"told {number}")
    with pytest.raises(aiosmtplib.SMTPException):
        await sent(gate, "cut")
    await sent(gate, "after it")
    assert Post(tmp_path).arrived()["cut"] == 1
    assert gate.cut == {"cut@example.org": 1}
