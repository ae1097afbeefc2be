"""deploy/backup.sh and restore.sh: a site comes back as it was, and forgets whom it had to forget since."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest

from deploy.local import postgres
from deploy.local.servers import Servers
from services.identity.events import account_of
from services.site import NAMES
from shared.ops.settings import Settings
from tests.conftest import WORKER, role_a_service
from tests.containers import ROOT
from tests.platform import PASSWORD, Candidate, Kit, running_platform, until
from tests.support.test_doors import opened

KEY: Final = "a key of this test, which is long enough"


@pytest.fixture
def settings(servers: Servers) -> Settings:
    prefix = f"backup-{WORKER}-{os.getpid()}"
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
        "PATH": f"{postgres.binaries()}:{os.environ['PATH']}",
        "POSTULO_COMMAND": f"{sys.executable} -m services",
    }


async def script(name: str, *words: object, around: Mapping[str, str]) -> str:
    """What it says; fails the test where it fails."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "deploy" / name), *map(str, words), env=dict(around), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def contents(folder: Path) -> dict[str, int]:
    """The files, and what others than their owner may do with each."""
    return {file.name: file.stat().st_mode & 0o077 for file in folder.iterdir()}


async def login(kit: Kit, who: Candidate) -> httpx.Response:
    return await kit.visitor().api("POST", "/identity/api/login", json={"login": who.user_code, "password": PASSWORD})


async def is_erased(kit: Kit, who: Candidate) -> bool:
    keys = kit.service("identity").kernel.keys
    return await keys.erased_at(account_of(who.account_id)) is not None


async def test_a_backup_brings_a_site_back_and_those_who_were_erased_since_stay_erased(
    settings: Settings, around: dict[str, str], tmp_path: Path
) -> None:
    async with running_platform(settings) as kit:
        anna, ben = await kit.candidate(), await kit.candidate()
        ticket = await opened(anna)
        await kit.settled()
        made = Path((await script("backup.sh", tmp_path, around=around)).strip().splitlines()[-1])
        assert contents(made) == {f"{name}.dump": 0 for name in NAMES}
        late = await kit.candidate()
        await ben.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
        await until(lambda: is_erased(kit, ben), "the account to be erased")
        await script("backup.sh", tmp_path, around=around)
    said = await script("restore.sh", made, around=around)
    assert all(f"{name} may start" in said for name in NAMES)
    async with running_platform(settings) as kit:
        await kit.settled()
        await script("restore.sh", "--views", around=around)
        assert (await login(kit, anna)).status_code == 200
        assert (await login(kit, ben)).status_code == 401
        assert (await login(kit, late)).status_code == 401, "the backup is from before"
        assert await is_erased(kit, ben)
        again = kit.visitor()
        await again.api("POST", "/identity/api/login", json={"login": anna.user_code, "password": PASSWORD})
        assert [each["id"] for each in (await again.api("GET", "/support/api/tickets")).json()] == [ticket["id"]]
        await kit.candidate()
        await kit.settled()


async def test_what_is_missing_is_said_before_anything_is_touched(tmp_path: Path, around: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match="identity have to be there"):
        await script("restore.sh", tmp_path / "nothing", around=around)
