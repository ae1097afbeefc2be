"""Fixtures: the kernel alone on a database of its own for each test, and the whole platform for tests of doors."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest
from argon2 import PasswordHasher

from deploy.local.servers import Servers
from services.identity.use_cases import discretion, passwords
from services.identity.use_cases.discretion import SAME_TIME
from services.identity.use_cases.passwords import HASHER
from shared.ops.settings import Settings
from shared.store import documents
from shared.store.database import create_database, migrate, migrations_of
from shared.store.documents import PATIENCE
from shared.store.keys import Keys
from tests.platform import Kit, running_platform

os.environ.setdefault("AIOSMTPD_CONTROLLER_TIMEOUT", "60")  # Seconds in which a mail server of the tests starts.

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
NUMBERS = itertools.count(1)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Passwords took a quarter of the shared platform's time, and waiting to be discreet another. Both have their tests."""

hypothesis.settings.register_profile(
    "untimed", deadline=None, max_examples=60
)  # How long an example takes is for the benchmarks.
hypothesis.settings.load_profile("untimed")


def named(dsn: str, name: str) -> str:
    """The same server's database with this name."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


def role_a_service(administrator: str, prefix: str) -> str:
    """The address by which each service comes in as a role of its own."""
    parts = urlsplit(administrator)
    return urlunsplit(parts._replace(netloc=f"{prefix}_{{service}}:quiet-herons@{parts.netloc.rpartition('@')[2]}"))


@pytest.fixture(scope="session")
async def template(servers: Servers) -> str:
    """A migrated kernel database, the template of each test's own."""
    name = f"template_{WORKER}_{os.getpid()}"
    dsn = named(servers.database_url, name)
    await create_database(dsn)
    await migrate(dsn, migrations_of("shared"))
    return name


@asynccontextmanager
async def own_database(servers: Servers, template: str) -> AsyncIterator[str]:
    name = f"test_{WORKER}_{os.getpid()}_{next(NUMBERS)}"
    dsn = named(servers.database_url, name)
    await create_database(dsn, template)
    yield dsn
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.fixture
async def database(servers: Servers, template: str) -> AsyncIterator[str]:
    """A database of the test's own, with the kernel's tables; dropped afterwards."""
    async with own_database(servers, template) as dsn:
        yield dsn


@pytest.fixture
async def second_database(servers: Servers, template: str) -> AsyncIterator[str]:
    """Another one, for a second service."""
    async with own_database(servers, template) as dsn:
        yield dsn


@pytest.fixture
def settings(servers: Servers) -> Settings:
    """Settings of the test's own: databases and topics that nobody else uses."""
    prefix = f"test-{WORKER}-{os.getpid()}-{next(NUMBERS)}"
    return Settings(
        environment="test",
        database_url=servers.database_url,
        database_prefix=prefix,
        kafka=servers.kafka,
        topic_prefix=prefix,
        poll_seconds=0.1,
        lease_seconds=2.0,
    )


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page shows what its reader wrote, however slow the machine is: it waits for a second only, and then says that
    it is not up to date; that it does is tested where views are. A command waits as long for the keys that it needs.
    """
    monkeypatch.setattr(documents, "PATIENCE", 20.0)
    monkeypatch.setattr(Keys, "patience", 20.0)


@pytest.fixture(autouse=True)
def patient_platform(request: pytest.FixtureRequest) -> None:
    """On the shared platform everybody is."""
    if "platform" in request.fixturenames:
        request.getfixturevalue("patient")


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test pages wait for a second, as everywhere else: what they would wait for does not come."""
    monkeypatch.setattr(documents, "PATIENCE", PATIENCE)


@pytest.fixture
def unhurried(platform: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test the shared platform hashes passwords and takes its time as everywhere else."""
    monkeypatch.setattr(passwords, "HASHER", HASHER)
    monkeypatch.setattr(discretion, "SAME_TIME", SAME_TIME)


@pytest.fixture(scope="session")
async def platform(servers: Servers) -> AsyncIterator[Kit]:
    """All seven services at work, one platform a test worker: each test brings its own candidates."""
    prefix = f"platform-{WORKER}-{os.getpid()}"
    settings = Settings(
        environment="test",
        database_url=role_a_service(servers.database_url, prefix),
        database_admin_url=servers.database_url,
        database_prefix=prefix,
        kafka=servers.kafka,
        topic_prefix=prefix,
        topic_partitions=2,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", QUICK)
        patch.setattr(discretion, "SAME_TIME", 0.0)
        async with running_platform(settings) as kit:
            yield kit
