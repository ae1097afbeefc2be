"""A process whose database is put back under it, as a failover to a late replica does: it ends, to start anew."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.processes import free_port
from deploy.local.servers import Servers
from tests.platform import until


async def services(settings: Mapping[str, str], *words: str) -> Process:
    there = {**os.environ, **{f"POSTULO_{name}": value for name, value in settings.items()}}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", *words, env=there, stdout=PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def said(process: Process) -> tuple[int, str]:
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def members(kafka: str, group: str) -> int:
    """So many have joined it."""
    asking = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await asking.start()
    try:
        (answer,) = await asking.describe_consumer_groups([group])
    finally:
        await asking.close()
    return len(answer.to_object()["groups"][0]["members"])


async def test_a_process_ends_in_order_when_its_database_is_replaced_and_remembers_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    prefix, port = f"replaced-{uuid4().hex[:8]}", free_port()
    settings = {
        "DATABASE_URL": servers.database_url, "DATABASE_PREFIX": prefix, "KAFKA": servers.kafka,
        "TOPIC_PREFIX": prefix, "TOPIC_PARTITIONS": "1", "HOST": "127.0.0.1", "PORT": str(port),
        "INDEXES": str(tmp_path), "LOG_FORMAT": "json", "LEAVING_SECONDS": "60",
    }  # fmt: skip
    for job in (["migrate", "support"], ["topics"]):
        assert (await said(await services(settings, *job)))[0] == 0
    process = await services(settings, "run", "support")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def ready() -> bool:
            try:
                return (await client.get("/support/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(ready, "a process that is ready", 60)

    async def joined() -> bool:
        with suppress(KafkaError):  # The first group of a broker waits for its coordinator.
            return await members(servers.kafka, f"{prefix}.support") == 1
        return False

    await until(joined, "a member of its group", 60)

    administrator = await asyncpg.connect(servers.database_url)
    await administrator.execute(f'drop database "{prefix}_support" with (force)')
    await administrator.close()
    assert (await said(await services(settings, "migrate", "support")))[0] == 0

    status, output = await asyncio.wait_for(said(process), 60)
    lines = [json.loads(line) for line in output.splitlines()]
    assert status == 0
    (ends,) = [line for line in lines if line["event"] == "ends, to start anew: the database was replaced"]
    assert ends["service"] == "support"
    assert lines[-1]["event"] == "stopped"
    assert "Traceback" not in output
    # It has left, where others would else be given its partitions only after a while.
    assert await members(servers.kafka, f"{prefix}.support") == 0
