"""Kafka behind TLS and a login: every client gets in with what the settings say, and a refusal names the setting."""

import asyncio
import io
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import trustme
from aiokafka.errors import KafkaConnectionError

from deploy.local import kafka_security
from deploy.local.processes import free_port
from deploy.local.trouble import Trouble
from services.site import SITE, prepare
from services.site import chosen as named
from shared.kafka.connection import KafkaRefused, reader
from shared.kafka.lineages import Lineages
from shared.kafka.session_endings import hear_endings
from shared.kafka.topics import create_topics, partitions_of
from shared.ops.logs import configure
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.runtime.host import run_services
from shared.runtime.process import ServiceProcess
from shared.store.event_store import Store
from tests.shared.kafka.records import drained, listening, records_of, relay_of, topic
from tests.shared.kafka.secured import Broker, chosen
from tests.shared.things import PUBLISHED, TOTALS, documents, raised, subscription_on
from tests.shared.waiting import equals, eventually, running

# aiokafka leaves a connection open that is being made when its client is stopped; the collector closes it, and says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

WRONG = "not-the-password-of-anybody"


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
async def test_relay_consumers_and_admins_get_in_by_every_mechanism(
    store: Store, other: Store, secured: Settings, mechanism: str
) -> None:
    settings = chosen(secured, kafka_mechanism=mechanism)
    await raised(store, "counter-1", 1, 2, 3)
    async with running(relay_of(store, settings).run()), listening(
        settings, subscription_on(other), [ViewHandler(TOTALS)]
    ):  # fmt: skip
        await equals({"1": {"total": 6, "versions": [1, 2, 3]}}, lambda: documents(other.pool), "all has arrived")
        await drained(store)
    assert len(await records_of(settings)) == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"kafka_password": WRONG}, "POSTULO_KAFKA_PASSWORD"),
        ({"kafka_user": "nobody"}, "POSTULO_KAFKA_USER"),
        ({"kafka_ca": trustme.CA().cert_pem.bytes().decode()}, "POSTULO_KAFKA_CA"),
        ({"kafka_ca": ""}, "POSTULO_KAFKA_CA"),
    ],
)
async def test_a_refusal_names_the_setting_and_not_its_value(
    secured: Settings, wrong: dict[str, str], named: str
) -> None:
    with pytest.raises(KafkaRefused, match=named) as refused:
        await create_topics(chosen(secured, **wrong), [PUBLISHED])
    assert WRONG not in str(refused.value)
    with pytest.raises(KafkaRefused, match=named):
        await hear_endings(chosen(secured, **wrong), topic(secured), "Ended", Lineages(secured, []), lambda _: None)


async def test_what_a_broker_does_not_listen_for_is_named(settings: Settings) -> None:
    login = {"kafka_user": "me", "kafka_password": WRONG}
    with pytest.raises(KafkaRefused, match="POSTULO_KAFKA_SECURITY"):
        await create_topics(chosen(settings, kafka_security="sasl_plaintext", **login), [PUBLISHED])


async def test_what_goes_wrong_while_fetches_fail_is_raised_and_no_connection_is_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetching is told to end while it pauses after its failure."""
    await create_topics(settings, [PUBLISHED])
    failed, connections = asyncio.Event(), list[Any]()

    async def fails(*_: Any, **__: Any) -> None:
        failed.set()
        raise KafkaConnectionError

    async def read() -> None:
        async with reader(settings, retry_backoff_ms=60_000) as consumer:
            consumer.assign(partitions := await partitions_of(consumer, [topic(settings)]))
            connections.extend(consumer._client._conns.values())
            monkeypatch.setattr(consumer._client, "send", fails)
            for partition in partitions:
                consumer.seek(partition, 0)
            await failed.wait()
            raise LookupError("something else")

    with pytest.raises(LookupError, match="something else"):
        await read()
    assert connections
    assert not any(each.connected() for each in connections)


async def test_a_broker_that_is_away_is_no_refusal(secured: Settings) -> None:
    away = chosen(secured, kafka=f"127.0.0.1:{free_port()}", kafka_password=WRONG)
    with pytest.raises(KafkaConnectionError):
        await create_topics(away, [PUBLISHED])


async def test_with_a_wrong_password_commands_go_on_and_one_line_says_why_nothing_leaves(
    store: Store, secured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", said)
        configure("json", "INFO")
        async with running(relay_of(store, chosen(secured, kafka_password=WRONG)).run()):
            await raised(store, "counter-1", 1)
            await eventually(lambda: _says(said), "the relay says why")
            await raised(store, "counter-1", 2)
    structlog.reset_defaults()
    configure("json", "WARNING")
    (line,) = map(json.loads, said.getvalue().splitlines())
    assert (line["level"], line["event"]) == ("error", "relay refuses to publish")
    assert line["reason"].endswith("it does not know POSTULO_KAFKA_USER with this POSTULO_KAFKA_PASSWORD")
    assert WRONG not in said.getvalue()
    async with running(relay_of(store, secured).run()):
        await drained(store)
    assert len(await records_of(secured)) == 2


def test_data_without_a_user_is_told_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="made without a user") as told:
        kafka_security.listener(tmp_path, 1, 2)
    assert "publish everything anew" in told.value.way_out


def test_what_lets_one_in_is_for_its_owner_only(broker: Broker) -> None:
    folder = Path(broker.access["kafka_ca"]).parent
    assert kafka_security.access(folder, "sasl_ssl") == broker.access
    assert kafka_security.access(folder, "plaintext")["kafka_password"] == ""
    for name in ("password", "broker.pem", "server.properties"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name


async def _says(said: io.StringIO) -> bool:
    return bool(said.getvalue())


async def test_a_service_whose_password_is_wrong_works_as_in_an_outage(secured: Settings) -> None:
    wrong = chosen(secured, kafka_password=WRONG)
    services = named(["support"])
    await prepare(services, wrong)
    async with run_services(SITE, services, wrong) as host:
        (process,) = host.processes.values()
        await eventually(lambda: _has_tried(process), "the consumer has tried to get in")
        browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url="http://support.test")
        for door, answer in (("livez", "alive"), ("readyz", "ready")):
            response = await browser.get(f"/support/{door}")
            assert (response.status_code, response.text) == (200, answer)


async def _has_tried(process: ServiceProcess) -> bool:
    return process.tasks.restarts > 0


async def test_topics_with_a_wrong_password_ends_with_one_line(broker: Broker) -> None:
    known = {"kafka": broker.address, **broker.access, "kafka_password": WRONG}
    status, output, errors = await typed("topics", **known)
    assert (status, output) == (1, "")
    assert errors == (
        "Kafka does not let us in: it does not know POSTULO_KAFKA_USER (environment) with this POSTULO_KAFKA_PASSWORD"
        " (environment)\n"
    )


async def typed(word: str, **settings: str) -> tuple[int | None, str, str]:
    """Exit status, output and errors of an operator's command with these settings."""
    environment = os.environ | {f"POSTULO_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", word, env=environment, stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()
