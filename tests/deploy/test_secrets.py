"""The containers' secrets and database roles, made as docker-compose.yml has them made, on a real PostgreSQL."""

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.local import postgres
from services.site import NAMES, chosen, prepare
from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import Settings
from shared.store.database import all_migrations, create_database, is_migrated, migrate, open_pool
from tests.containers import ROOT, compose
from tests.deploy.mounted import environment_of, made_secrets

COMPOSE = compose()
SCRIPT = ROOT / "deploy" / "docker" / "postgres" / "10-role.sh"


class Place(NamedTuple):
    """A PostgreSQL of the test's own, and the secrets of its containers."""

    superuser: str
    secrets: Path

    def run(self) -> None:
        """The script, as PostgreSQL's image runs it: as the superuser, over its own socket."""
        parts = urlsplit(self.superuser)
        where = {"PGHOST": str(parts.hostname), "PGPORT": str(parts.port), "PGPASSWORD": str(parts.password)}
        path = f"{postgres.binaries()}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [SCRIPT], env={**os.environ, **where, "PATH": path, "POSTULO_SECRETS": str(self.secrets)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def settings(self, container: str) -> Settings:
        """A container's settings, with its own secrets alone, on this server instead of the container's."""
        values = environment_of(COMPOSE, container, self.secrets)
        for name in ("database_url", "database_admin_url"):
            if name in values:
                values[name] = self.here(values[name])
        return Settings.model_validate(values)

    def here(self, dsn: str) -> str:
        server = urlsplit(self.superuser)
        user = urlsplit(dsn).netloc.rpartition("@")[0]
        return urlunsplit(urlsplit(dsn)._replace(netloc=f"{user}@{server.hostname}:{server.port}"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    _, superuser = postgres.start(tmp_path / "postgres", durable=False)
    yield Place(superuser, made_secrets(tmp_path / "secrets"))
    postgres.stop(tmp_path / "postgres")


async def ask(dsn: str, sql: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_each_container_works_on_its_own_database_and_enters_no_other(place: Place) -> None:
    for _ in range(2):
        await asyncio.to_thread(place.run)
        place = place._replace(superuser=with_password(place.superuser, place.secrets / "database-superuser"))
        await prepare(chosen(None), place.settings("migrate"))
    for name in NAMES:
        settings = place.settings(name)
        pool = await open_pool(settings.database(name), 1, "test")
        assert await is_migrated(pool, name)
        await pool.close()
        other = NAMES[NAMES.index(name) - 1]
        with pytest.raises(Misconfigured):
            settings.database_password(other)
        login = urlsplit(settings.database(name))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(urlunsplit(login._replace(path=f"/postulo_{other}")), "select 1")
    roles = "select array_agg(rolname::text order by rolname) from pg_roles where rolsuper or rolcreaterole"
    assert await ask(place.superuser, roles) == ["postgres", "postulo_admin"]
    assert not await ask(place.superuser, "select rolsuper from pg_roles where rolname = 'postulo_admin'")


async def test_a_cluster_whose_services_shared_one_role_is_handed_over(place: Place) -> None:
    await ask(place.superuser, "create role postulo login createdb password 'old'")
    for name in NAMES:
        dsn = place.here(f"postgresql://postulo:old@postgres/postulo_{name}")
        await create_database(dsn)
        await migrate(dsn, all_migrations(name))
    await asyncio.to_thread(place.run)
    await prepare(chosen(None), place.settings("migrate"))
    place = place._replace(superuser=with_password(place.superuser, place.secrets / "database-superuser"))
    await ask(place.superuser, "drop role postulo")
    for name in NAMES:
        assert await ask(place.settings(name).database(name), "select count(*) from events") == 0


async def test_the_superuser_comes_in_by_a_password_of_its_own_alone(place: Place) -> None:
    await asyncio.to_thread(place.run)
    for password in ("", (place.secrets / "database-admin").read_text(), str(urlsplit(place.superuser).password)):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(place.here(f"postgresql://postgres:{password}@postgres/postgres"), "select 1")
    assert await ask(with_password(place.superuser, place.secrets / "database-superuser"), "select 1") == 1


def test_secrets_are_random_kept_and_behind_a_closed_folder(tmp_path: Path) -> None:
    first = contents(made_secrets(tmp_path / "one"))
    assert contents(made_secrets(tmp_path / "one")) == first
    second = contents(made_secrets(tmp_path / "two"))
    assert first.keys() == second.keys() == set(COMPOSE["secrets"])
    assert {name for name, value in first.items() if not value} == {"master-key-before", "master-key-next"}
    made = [value for value in (*first.values(), *second.values()) if value]
    assert len({*made}) == 2 * (len(first) - 2)
    assert all(len(value) >= 48 for value in made)
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0


def test_a_container_is_given_its_own_secrets_and_no_other() -> None:
    given = {name: set(it.get("secrets", ())) for name, it in COMPOSE["services"].items()}
    master_keys = {"master-key", "master-key-before", "master-key-next"}
    assert {name: given[name] for name in NAMES} == {name: {*master_keys, name} for name in NAMES}
    assert given["migrate"] == {*master_keys, "database-admin-url", *NAMES}
    assert given["topics"] == master_keys
    assert given["postgres"] == {"database-superuser", "database-admin"}
    assert not any(given[name] for name in ("kafka", "mail", "gateway"))


def contents(folder: Path) -> Mapping[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def with_password(dsn: str, path: Path) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{path.read_text()}@{parts.hostname}:{parts.port}"))
