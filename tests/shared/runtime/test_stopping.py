"""What a process that is told to stop still does."""

import asyncio
import signal

import asyncpg
import pytest

from deploy.local.processes import free_port
from shared.ops.settings import Settings
from shared.runtime.declaration import Service
from shared.runtime.host import Host
from shared.runtime.kernel import Kernel
from shared.runtime.process import ServiceProcess
from shared.store.database import open_pool
from tests.shared.processing.test_mail import Postbox, mail, queue
from tests.shared.things import COUNTER, PUBLISHED
from tests.shared.waiting import eventually


async def test_a_mail_that_the_server_has_taken_is_noted_before_the_process_ends(
    database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.processing.mail.FINISHING", 60.0)
    postbox = Postbox(free_port())
    await asyncio.to_thread(postbox.controller.start)
    sending = settings.model_copy(update={"smtp": f"127.0.0.1:{postbox.port}"})
    pool = await open_pool(database, 6, "things")
    process = ServiceProcess(Kernel(Service("things", PUBLISHED, deciders=(COUNTER,)), sending, pool), "test")
    await process.start()
    postbox.answers.clear()
    await queue(process.kernel.store, mail())

    await eventually(postbox.taken, "the mail is taken")
    stopping = asyncio.create_task(process.stop())
    await asyncio.sleep(0)
    postbox.answers.set()
    await stopping
    await asyncio.to_thread(postbox.controller.stop)
    looking = await asyncpg.connect(database)
    assert await looking.fetchval("select sent_at is not null from mails")
    await looking.close()


def test_however_many_databases_are_replaced_a_process_is_told_to_end_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[signal.Signals] = []
    monkeypatch.setattr(signal, "raise_signal", told.append)
    host = Host({}, "")
    for service in ("identity", "careers"):
        host.end(service, "it was one and is another")
    assert told == [signal.SIGTERM]
    assert host.outdated
