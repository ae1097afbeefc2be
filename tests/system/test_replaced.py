"""A process whose database is put back under it, as a failover to a late replica does: it ends, to start anew."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
import httpx
from aiokafka.errors import KafkaError

from deploy.local.processes import free_port
from deploy.local.servers import Servers
from services.site import chosen, prepare, provision
from shared.ops.settings import Settings
from tests.platform import until
from tests.shared.kafka.records import admin

SECONDS: Final = 60
"""Within which it ends; a gateway would be waited for as long."""


@asynccontextmanager
async def running(service: str, settings: Settings) -> AsyncIterator[Process]:
    """`services run` with these settings, which ends with the block at the latest."""
    given = settings.model_dump(include=settings.model_fields_set)
    around = {**os.environ, **{f"POSTULO_{name.upper()}": str(value) for name, value in given.items()}}
    words = (sys.executable, "-m", "services", "run", service)
    process = await asyncio.create_subprocess_exec(*words, env=around, stdout=PIPE, stderr=STDOUT)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def members(settings: Settings, group: str) -> int:
    """So many have joined it."""
    async with admin(settings) as asking:
        (answer,) = await asking.describe_consumer_groups([group])
    return len(answer.to_object()["groups"][0]["members"])


async def test_a_process_ends_in_order_when_its_database_is_replaced(servers: Servers, tmp_path: Path) -> None:
    name = f"replaced-{uuid4().hex[:8]}"
    settings = Settings(
        database_url=servers.database_url, database_prefix=name, kafka=servers.kafka, topic_prefix=name,
        topic_partitions=1, host="127.0.0.1", port=free_port(), indexes=str(tmp_path), log_format="json",
        leaving_seconds=SECONDS,
    )  # fmt: skip
    await prepare(chosen(["support"]), settings)
    await provision(chosen(None), settings)

    async def ready() -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"http://{settings.host}:{settings.port}/support/readyz")
            return answer.status_code == httpx.codes.OK
        return False

    async def joined() -> bool:
        with suppress(KafkaError):  # The first group of a broker waits for its coordinator.
            return await members(settings, f"{name}.support") == 1
        return False

    async with running("support", settings) as process:
        await until(ready, "a process that is ready")
        await until(joined, "a member of its group")
        administrator = await asyncpg.connect(servers.database_url)
        await administrator.execute(f'drop database "{name}_support" with (force)')
        await administrator.close()
        await prepare(chosen(["support"]), settings)
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)

    lines = [json.loads(line) for line in output.decode().splitlines()]
    assert process.returncode == 0
    (ends,) = [line for line in lines if line["event"] == "ends, to start anew: the database was replaced"]
    assert ends["service"] == "support"
    assert lines[-1]["event"] == "stopped"
    assert b"Traceback" not in output
    # It has left, where others would else be given its partitions only after a while.
    assert await members(settings, f"{name}.support") == 0
