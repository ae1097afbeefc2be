"""The servers of a test run: one Kafka and one deployed platform, and a PostgreSQL for each worker. A plugin.

Which ones: those whose addresses are in POSTULO_DATABASE_URL and POSTULO_KAFKA; with `--containers`, the images of
docker-compose.yml; else the embedded ones. They start when the first test asks for them, so that a run of pure tests
starts none; the controller stops them at the end, and also those of an earlier run that was killed.

A worker's loop rests between its tests and once it has none left, also in the middle of a transaction, and whoever
reads events in order waits for the oldest of all transactions on the same server: so each worker has a server.
"""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import pytest

from deploy.local import kafka
from deploy.local import servers as embedded
from deploy.local.processes import Program, free_port, stop_all, wait_until
from deploy.local.servers import Servers

RUNS = Path(__file__).resolve().parents[1] / "build" / "test-runs"
FOLDER = "POSTULO_TEST_FOLDER"
HELD = pytest.StashKey[IO[str]]()
PLATFORM = "deploy.local"
LOG = "platform.log"
STARTING_SECONDS = 600.0
STARTED = pytest.StashKey[Servers]()
SHARED = "shared"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--containers", action="store_true", help="PostgreSQL and Kafka from docker-compose.yml's images")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    RUNS.mkdir(parents=True, exist_ok=True)
    _clear_killed_runs()
    folder = RUNS / str(os.getpid())
    folder.mkdir()
    held = (folder / "run.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    config.stash[HELD] = held
    os.environ[FOLDER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    held = config.stash.get(HELD, None)
    if held is not None:
        _clear(Path(held.name).parent)
        held.close()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    """What all workers share; whoever asks first starts it. And a PostgreSQL of their own, unless one is given."""
    folder = Path(os.environ[FOLDER])
    with _alone(folder / "start.lock"):
        note = folder / "servers.json"
        if not note.exists():
            started = _start(folder, use_containers=request.config.getoption("--containers"))
            request.config.stash[STARTED] = started
            note.write_text(json.dumps({"database_url": started.database_url, "kafka": started.kafka}))
    shared = Servers(**json.loads(note.read_text()))
    if shared.database_url:
        return shared
    return embedded.start(folder / WORKER, kafka_address=shared.kafka, durable=False)


@pytest.fixture(scope="session")
async def apart_running() -> Path:
    """All workers share it; whoever asks first starts it, while what else runs in this process goes on."""
    return await asyncio.to_thread(_apart, Path(os.environ[FOLDER]))


@pytest.fixture
async def apart(apart_running: Path) -> AsyncIterator[Path]:
    """The data folder of a platform as it is deployed: two processes of each service, behind the gateway."""
    async with _locked(apart_running.with_suffix(".use"), fcntl.LOCK_SH):
        yield apart_running


@pytest.fixture
async def apart_alone(apart_running: Path) -> AsyncIterator[Path]:
    """The same for a test that ends processes, or counts what others would change."""
    async with _locked(apart_running.with_suffix(".use"), fcntl.LOCK_EX):
        yield apart_running


def _apart(folder: Path) -> Path:
    data = folder / "apart"
    with _alone(folder / "apart.lock"):
        if not (folder / LOG).exists():
            ports = [word for name in ("port", "mailbox-port", "smtp-port") for word in (f"--{name}", str(free_port()))]
            words: list[str | Path] = [sys.executable, "-m", PLATFORM, "--data", data, *ports, "--processes", "2"]
            around = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
            begun = Program("platform", [*words, "--kafka-security", "sasl_ssl"], folder / LOG, around)
            ready = wait_until(lambda: "Postulo runs at" in begun.log.read_text(), begun, STARTING_SECONDS)
            assert ready, begun.last_words(100)
    return data


def _start(folder: Path, *, use_containers: bool) -> Servers:
    """What is shared; without the address of a PostgreSQL, each worker starts one."""
    database_url, address = os.environ.get("POSTULO_DATABASE_URL", ""), os.environ.get("POSTULO_KAFKA", "")
    if use_containers:
        from tests import containers  # noqa: PLC0415 Docker's client takes a second to load, and most runs need none.

        return containers.start()
    return Servers(database_url, address or kafka.start(folder / SHARED / "kafka")[1])


def _clear_killed_runs() -> None:
    """A run holds its lock as long as it lives."""
    for folder in RUNS.iterdir():
        with (folder / "run.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _clear(folder)


def _clear(folder: Path) -> None:
    stop_all(lambda each: Path(each.cwd()) == folder and PLATFORM in each.cmdline(), signal.SIGTERM)
    for server in folder.iterdir():
        if server.is_dir():
            embedded.stop(server)
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _locked(path: Path, how: int) -> AsyncIterator[None]:
    """Who waits for its turn holds nothing else in this process up."""
    with path.open("a") as lock:
        await asyncio.to_thread(fcntl.flock, lock, how)
        yield


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
