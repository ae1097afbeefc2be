"""deploy/backup.sh and restore.sh: a site comes back as it was, and forgets whom it had to forget since."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.documented import OPERATIONS, blocks_under
from deploy.local import postgres
from deploy.local.servers import Servers
from services.identity.events import account_of
from services.site import NAMES, service
from shared.ops.settings import Settings
from tests.applications.doors import applicant, draft
from tests.conftest import WORKER, role_a_service
from tests.containers import ROOT
from tests.platform import PASSWORD, Candidate, Kit, running_platform, until
from tests.support.test_doors import opened

KEY: Final = "a key of this test, which is long enough"


@pytest.fixture
def settings(servers: Servers) -> Settings:
    prefix = f"backup-{WORKER}-{uuid4().hex[:12]}"
    return Settings(
        environment="test", database_url=role_a_service(servers.database_url, prefix), topic_partitions=2,
        database_admin_url=servers.database_url, database_prefix=prefix, kafka=servers.kafka, topic_prefix=prefix,
        master_key=KEY,
    )  # fmt: skip


@pytest.fixture
def around(settings: Settings) -> dict[str, str]:
    """The environment in which an operator runs the scripts."""
    names = ("database_url", "database_admin_url", "database_prefix", "kafka", "topic_prefix", "master_key")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
    return {
        **ours,
        **{f"POSTULO_{name.upper()}": str(getattr(settings, name)) for name in names},
        "POSTULO_COMMAND": f"{sys.executable} -m services",
        "POSTULO_CLIENT_COMMAND": f"env PATH={postgres.binaries()}",
    }


async def script(name: str, *words: object, around: Mapping[str, str], status: int = 0) -> str:
    """What it says; fails the test where it ends with another status."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "deploy" / name), *map(str, words), env=dict(around), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == status, said.decode()
    return said.decode()


def contents(folder: Path) -> dict[str, int]:
    """The files, and what others than their owner may do with each."""
    return {file.name: file.stat().st_mode & 0o077 for file in folder.iterdir()}


def halting(folder: Path) -> Path:
    """PostgreSQL's client programs, of which pg_dump, once it has dumped applications, waits for a file `on`."""
    clients = folder / "clients.sh"
    clients.write_text(f"""#!/bin/bash
PATH={postgres.binaries()}:$PATH
"$@" || exit
[[ $1 == pg_dump && ${{@: -1}} == *_applications ]] || exit 0
touch {folder}/halted
until [[ -e {folder}/on ]]; do sleep 0.1; done
""")
    clients.chmod(0o755)
    return clients


async def login(kit: Kit, who: Candidate) -> httpx.Response:
    return await kit.visitor().api("POST", "/identity/api/login", json={"login": who.user_code, "password": PASSWORD})


async def is_erased(kit: Kit, who: Candidate) -> bool:
    keys = kit.service("identity").kernel.keys
    return await keys.erased_at(account_of(who.account_id)) is not None


@pytest.mark.timeout(900)  # Some forty programs, one after the other, and two platforms.
async def test_a_backup_brings_a_site_back_and_those_who_were_erased_since_stay_erased(
    settings: Settings, around: dict[str, str], tmp_path: Path
) -> None:
    async with running_platform(settings) as kit:
        anna, ben = await kit.candidate(), await kit.candidate()
        ticket = await opened(anna)
        await kit.settled()
        halted = {**around, "POSTULO_CLIENT_COMMAND": str(halting(tmp_path))}
        making = asyncio.create_task(script("backup.sh", tmp_path, around=halted))
        try:
            await until(lambda: asyncio.to_thread((tmp_path / "halted").exists), "the dump of applications", 300)
            carl = await applicant(kit)
            await draft(carl)
            await kit.settled()
        finally:
            (tmp_path / "on").touch()
        made = Path((await making).strip().splitlines()[-1])
        assert contents(made) == {f"{name}.dump": 0 for name in NAMES}
        late = await kit.candidate()
        await ben.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
        await until(lambda: is_erased(kit, ben), "the account to be erased")
        said = await script("restore.sh", made, around=around, status=1)
        assert "; stop the services first, and whoever else uses them\n" in said
        assert (await login(kit, late)).status_code == 200, "nothing was touched"
    said = await script("restore.sh", made, around=around)
    assert all(f"{name} may start" in said for name in NAMES)
    assert str(ben.account_id) in (tmp_path / "erased" / "identity").read_text(), "the old database said so"
    async with running_platform(settings) as kit:
        await kit.settled()
        await script("restore.sh", "--views", around=around)
        assert (await login(kit, anna)).status_code == 200
        assert (await login(kit, ben)).status_code == 401
        assert (await login(kit, late)).status_code == 401, "the backup is from before"
        assert await is_erased(kit, ben)
        again = kit.visitor()
        await again.api("POST", "/identity/api/login", json={"login": carl.user_code, "password": PASSWORD})
        assert (await again.api("GET", "/profile/api/completeness")).status_code == 200, "he came between two dumps"
        assert (await again.api("GET", "/applications/api/applications")).json() == []
        await again.api("POST", "/identity/api/login", json={"login": anna.user_code, "password": PASSWORD})
        assert [each["id"] for each in (await again.api("GET", "/support/api/tickets")).json()] == [ticket["id"]]
        await kit.candidate()
        await kit.settled()


@pytest.mark.parametrize(
    ("file", "pattern"), [("deploy/databases.sh", r"^services=\((.+)\)$"), ("docs/operations.md", r'^names="(.+)"')]
)
def test_whoever_acts_on_what_others_say_is_dumped_before_them(file: str, pattern: str) -> None:
    listed, *_ = re.findall(pattern, (ROOT / file).read_text(), re.MULTILINE)  # Later lists have no order.
    order = listed.split()
    assert sorted(order) == sorted(NAMES)
    for each in map(service, NAMES):
        for reaction in (reaction for reaction in each.reactions if not each.is_own(reaction)):
            said = {published.service for published in each.consumes if set(reaction.on) & set(published.events)}
            assert said <= set(order[order.index(each.name) :]), f"{each.name} does {reaction.name}"


async def test_what_is_missing_or_unfinished_is_said_before_anything_is_touched(
    tmp_path: Path, around: dict[str, str]
) -> None:
    said = await script("restore.sh", tmp_path / "nothing", around=around, status=1)
    assert "careers have to be there" in said
    said = await script("restore.sh", f"{tmp_path}/2026-11-29T125057Z.part/", around=around, status=1)
    assert said == f"{tmp_path}/2026-11-29T125057Z.part is what a backup that failed has left\n"


async def dumped(folder: Path, name: str, around: Mapping[str, str]) -> Path:
    """A backup whose every dump is of one database, with lists that name nobody."""
    made, erased = folder / "made", folder / "erased"
    made.mkdir()
    erased.mkdir()
    words = [
        str(postgres.binaries() / "pg_dump"),
        "--format=custom",
        around["POSTULO_DATABASE_ADMIN_URL"].rpartition("/")[0] + f"/{name}",
    ]
    process = await asyncio.create_subprocess_exec(*words, env=dict(around), stdout=asyncio.subprocess.PIPE)
    dump, _ = await process.communicate()
    assert process.returncode == 0
    for each in NAMES:
        (made / f"{each}.dump").write_bytes(dump)
        (erased / each).touch()
    return made


async def test_nothing_is_restored_while_anybody_is_connected_or_from_what_is_no_dump(
    settings: Settings, around: dict[str, str], tmp_path: Path
) -> None:
    name = f"{settings.database_prefix}_careers"
    administrator = await asyncpg.connect(settings.database_admin_url)
    await administrator.execute(f'create database "{name}"')
    made = await dumped(tmp_path, name, around)
    somebody = await asyncpg.connect(settings.database_admin_url, database=name)
    said = await script("restore.sh", made, around=around, status=1)
    line = "connections to the databases are open: 1; stop the services first, and whoever else uses them\n"
    assert said == line
    await somebody.close()
    (made / "careers.dump").write_bytes((made / "careers.dump").read_bytes()[:100])
    said = await script("restore.sh", made, around=around, status=1)
    assert said.endswith("careers.dump cannot be read\n")
    there = "select array_agg(datname) from pg_database where starts_with(datname, $1)"
    assert await administrator.fetchval(there, settings.database_prefix) == [name]
    await administrator.close()


async def test_a_backup_that_fails_leaves_nothing(around: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    said = await script("backup.sh", folder, around=around, status=1)
    assert "_careers" in said
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"POSTULO_DATABASE_ADMIN_URL": ""}, "POSTULO_DATABASE_ADMIN_URL has to name a role that may read every"),
        ({"POSTULO_DATABASE_ADMIN_URL": "postgresql://me@127.0.0.1:1/postgres"}, "PostgreSQL does not answer where"),
        ({"POSTULO_COMMAND": "false"}, "“false” does not work: it needs a Python with the services, and their"),
        ({"POSTULO_MASTER_KEY": "short"}, "-m services” does not work: it needs a Python with the services, and their"),
    ],
)
async def test_a_backup_says_what_it_needs_before_it_begins(
    changed: dict[str, str], line: str, around: dict[str, str], tmp_path: Path
) -> None:
    said = await script("backup.sh", tmp_path / "backups", around={**around, **changed}, status=1)
    assert line in said
    assert not (tmp_path / "backups").exists()


async def test_an_older_client_is_refused(around: dict[str, str], tmp_path: Path) -> None:
    older = tmp_path / "pg_dump"
    older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 17.6 (Debian 17.6-1)'\n")
    older.chmod(0o755)
    client = f"env PATH={tmp_path}:{postgres.binaries()}"
    said = await script(
        "backup.sh", tmp_path / "backups", around={**around, "POSTULO_CLIENT_COMMAND": client}, status=1
    )
    assert said == f"pg_dump is of PostgreSQL 17, the server of {postgres.MAJOR}: use its own\n"


CLIENT: Final = """#!/usr/bin/env bash
# kubectl: the primary's name, a list, or a dump that says SAYS; that of FAILS breaks off.
[[ $* != *" get pod "* ]] || echo pod/postgres-1
[[ $* != *" erased "* ]] || echo "# erased"
[[ $* != *" pg_dump "* ]] || echo "$SAYS"
[[ $* != *" pg_dump "*_"$FAILS" ]]
"""


async def test_on_kubernetes_a_dump_that_fails_costs_none_of_the_last_ones(tmp_path: Path) -> None:
    """Nor are those of two moments mixed: who was dumped first would know what the others do not."""
    (tmp_path / "kubectl").write_text(CLIENT)
    (tmp_path / "kubectl").chmod(0o755)
    backup = blocks_under("Kubernetes.", OPERATIONS.read_text())[0]
    for says, fails in (("older", ""), ("newer", "profile"), ("newest", "")):
        around = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SAYS": says, "FAILS": fails or "nobody"}
        process = await asyncio.create_subprocess_exec("bash", "-c", backup, cwd=tmp_path, env=around)
        assert (await process.wait() == 0) is not bool(fails)
        found = {file.name: file.read_text() for file in (tmp_path / "dumps").iterdir()}
        assert found == {f"{name}.dump": f"{'older' if fails else says}\n" for name in NAMES}
        assert {file.name for file in (tmp_path / "erased").iterdir()} == {*NAMES}
