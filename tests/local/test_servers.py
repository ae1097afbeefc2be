"""The embedded PostgreSQL and Kafka: they keep their data, and come back after they or their platform were killed."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka.admin import NewTopic

from deploy.local import kafka, postgres
from deploy.local.processes import Program, free_ports
from deploy.local.servers import Servers
from deploy.local.trouble import Trouble
from shared.ops.settings import Settings
from tests.shared.kafka.records import admin
from tests.shared.waiting import eventually


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A PostgreSQL folder that was used once, in peace."""
    folder = tmp_path_factory.mktemp("cluster")
    postgres.start(folder, durable=False)
    yield folder
    postgres.stop(folder)


@pytest.fixture
def stopped(cluster: Path) -> Path:
    postgres.stop(cluster)
    return cluster


def kill(program: Program) -> None:
    program.process.send_signal(signal.SIGKILL)
    program.process.wait(10)


async def started(folder: Path) -> tuple[Program, str]:
    return await asyncio.to_thread(postgres.start, folder)


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def created(address: str, topic: str) -> None:
    async with admin(Settings(kafka=address)) as asking:
        answer = await asking.create_topics([NewTopic(topic, 1, 1)])
    assert [code for _, code, *_ in answer.topic_errors] == [0], answer


async def shows(address: str, topic: str) -> None:
    """Waits until the broker lists the topic, of which it hears from its controller, also after a start."""
    async with admin(Settings(kafka=address)) as asking:

        async def listed() -> bool:
            return topic in await asking.list_topics()

        await eventually(listed, f"{topic} is listed")


async def test_a_test_run_has_postgresql_18_and_a_kafka_that_creates_topics(servers: Servers) -> None:
    assert str(await ask(servers.database_url, "show server_version")).startswith("18")
    assert await kafka.would_create_topics(servers.kafka)


async def test_what_was_committed_is_there_after_postgresql_was_killed(stopped: Path) -> None:
    program, url = await started(stopped)
    await ask(url, "create table if not exists kept (word text)")
    await ask(url, "insert into kept values ('here')")
    kill(program)
    _, url = await started(stopped)
    assert await ask(url, "select word from kept") == "here"


async def test_a_server_that_a_killed_platform_left_is_stopped_and_replaced(stopped: Path) -> None:
    left, old_url = await started(stopped)
    _, url = await started(stopped)
    assert left.process.wait(10) == 0
    assert len(running(stopped)) == 1
    assert await ask(url, "select 1") == 1
    with pytest.raises(OSError, match="111"):
        await ask(old_url, "select 1")


async def test_a_stale_pid_file_whose_number_another_program_has_now_does_not_stop_the_start(stopped: Path) -> None:
    note = stopped / "data" / "postmaster.pid"
    note.write_text(f"{os.getppid()}\n{stopped / 'data'}\n1700000000\n5432\n\n127.0.0.1\n  1234567  0\nready\n")
    _, url = await started(stopped)
    assert await ask(url, "select 1") == 1


async def test_another_user_of_the_machine_needs_the_password(stopped: Path) -> None:
    _, url = await started(stopped)
    password = (stopped / "password").read_text()
    assert (stopped / "password").stat().st_mode & 0o077 == 0
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(url.replace(password, "guessed"), "select 1")


def test_ports_that_are_taken_together_are_each_another() -> None:
    assert len(set(free_ports(500))) == 500


def test_a_damaged_postgresql_folder_is_told_with_a_way_out(stopped: Path, tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "damaged", copy_function=copy_with_owner)
    own(stopped, tmp_path / "damaged")
    (tmp_path / "damaged" / "data" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(Trouble, match="could not start") as told:
        postgres.start(tmp_path / "damaged")
    assert str(tmp_path / "damaged") in told.value.way_out
    assert not running(tmp_path)


def running(folder: Path) -> list[psutil.Process]:
    """The servers that this test's process started on a folder and that have not ended: no other one is looked at."""

    def words(process: psutil.Process) -> str:
        try:
            return " ".join(process.cmdline())
        except psutil.Error:  # It has ended meanwhile.
            return ""

    return [child for child in psutil.Process().children() if f"{folder}{os.sep}" in words(child)]


def copy_with_owner(source: str, target: str) -> str:
    shutil.copy2(source, target)
    stat = Path(source).stat()
    os.chown(target, stat.st_uid, stat.st_gid)
    return target


def own(source: Path, target: Path) -> None:
    """Folders too belong to whom they belonged."""
    for folder in (path for path in (source, *source.rglob("*")) if path.is_dir()):
        stat = folder.stat()
        os.chown(target / folder.relative_to(source), stat.st_uid, stat.st_gid)


@pytest.mark.parametrize("found", ["17\n", None])
def test_data_of_another_postgresql_is_refused_and_left_alone(tmp_path: Path, found: str | None) -> None:
    (tmp_path / "data").mkdir()
    if found:
        (tmp_path / "data" / "PG_VERSION").write_text(found)
    with pytest.raises(Trouble, match="holds no data of PostgreSQL 18"):
        postgres.start(tmp_path)
    assert (tmp_path / "data").is_dir()


def test_an_initdb_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    postgres.start(tmp_path, durable=False)
    postgres.stop(tmp_path)
    assert not (tmp_path / "data.new").exists()


async def test_topics_are_there_after_kafka_was_killed_and_a_leftover_broker_is_replaced(tmp_path: Path) -> None:
    program, address = await asyncio.to_thread(kafka.start, tmp_path)
    await created(address, "kept")
    await shows(address, "kept")
    kill(program)
    left, address = await asyncio.to_thread(kafka.start, tmp_path)
    await shows(address, "kept")
    _, address = await asyncio.to_thread(kafka.start, tmp_path)
    left.process.wait(10)
    await shows(address, "kept")
    assert len(running(tmp_path)) == 1
    kafka.stop(tmp_path)
    assert not running(tmp_path)


def test_java_remembers_kafkas_classes_and_does_without_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"-XX:AOTCache={kafka.CLASSES}" in kafka.java("kafka.Kafka")
    damaged = tmp_path / "classes.aot"
    damaged.write_bytes(kafka.CLASSES.read_bytes()[:1000])
    monkeypatch.setattr(kafka, "CLASSES", damaged)
    program, _ = kafka.start(tmp_path / "kafka")
    assert "AOT cache" in (tmp_path / "kafka" / "kafka.log").read_text()
    kafka.stop(tmp_path / "kafka")
    program.process.wait(10)


def test_a_damaged_kafka_folder_is_told_with_a_way_out_that_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "formatted").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("not what Kafka wrote")
    with pytest.raises(Trouble, match="could not start") as told:
        kafka.start(tmp_path)
    assert f"delete {tmp_path}" in told.value.way_out
    assert "nothing is lost" in told.value.way_out
