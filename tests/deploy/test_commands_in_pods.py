"""What the documents have done inside of pods works with what these are given; Kafka is away, which few need."""

import asyncio
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import trustme
from typer.testing import CliRunner

from deploy.documented import OPERATIONS, blocks_under
from deploy.local.processes import free_port
from deploy.local.servers import Servers
from services.__main__ import app
from services.identity.api.operator import COMMANDS
from services.site import NAMES
from shared.ops.sealing import Sealer
from shared.runtime.refusal import reason
from shared.store.keys import PURPOSE
from tests.containers import ROOT
from tests.deploy.kubernetes.mounted import environment_of

OPERATOR: Final = "operator"
"""The pod that the document makes like that of the job `migrate`."""
STAND_INS: Final = 'kubectl() { [[ $* != *" exec "* ]] || echo "$*" >>told; }\njq() { :; }\n'
KEY: Final = "a master key of this test, which is long enough"
SUBJECT: Final = "ticket-1"
HELD: Final = "ticket-2"
IN_A_SERVICE_S: Final = {
    "settings": "| Setting | Default |",
    "access": "postulo-identity may create topic",
    "migrate support": "support: nothing to apply",
    "parked support": "nothing is parked",
    "unpark support": "nothing is parked there",
    "unpark support ticket-9": "nothing is parked there",
    "republish support": "the relay starts again from the first event",
    f"hold support {HELD} --reason letter": f"{HELD} is held",
    "retention support": f"{HELD} held since",
    f"release support {HELD}": f"{HELD} is released",
    "erased support": "# erased in support",
    "reseal support": "support: 0 secrets sealed anew, 0 cannot be opened",
    "identity account nobody@example.org": "There is no such account",
}
"""What is said there by each command, in this order."""
AWAY: Final = "Kafka does not do it"
"""What a command says that has a login, and nobody to show it to."""
ELSEWHERE: Final = {"topics", "reconcile"}
"""What the runbooks have done elsewhere on Kubernetes."""


class Site(NamedTuple):
    """Databases of a test's own, and the environments of the pods that are to use them."""

    servers: Servers
    folder: Path
    prefix: str

    def environment(self, pod: str) -> dict[str, str]:
        """Of the pod on a cluster, but for the addresses of its servers."""
        stage, name = ("prepare", "migrate") if pod == OPERATOR else ("services", pod)
        given = environment_of(f"overlays/production/{stage}", name, self._secrets(), self.folder / pod)
        server = urlsplit(self.servers.database_url).netloc.rpartition("@")[2]
        url = f"postgresql://{self.prefix}_{{service}}@{server}/postgres?sslmode=disable"
        ours = {"POSTULO_DATABASE_URL": url, "POSTULO_DATABASE_PREFIX": self.prefix}
        return {**given, **ours, "POSTULO_KAFKA": f"127.0.0.1:{free_port()}"}

    def _secrets(self) -> dict[tuple[str, str], str]:
        authority = (self.folder / "authority.pem").read_text()
        of_services = {
            (f"{kind}-{name}", "password"): f"of {kind}-{name}" for kind in ("database", "postulo") for name in NAMES
        }
        return of_services | {
            ("master-key", "master-key"): KEY,
            ("master-key", "before"): "",
            ("master-key", "next"): "",
            ("smtp", "password"): "of the relay",
            ("postgres-ca", "ca.crt"): authority,
            ("kafka-cluster-ca-cert", "ca.crt"): authority,
            ("database-admin", "url"): f"{self.servers.database_url}?sslmode=disable",
        }

    def said(self, pod: str, words: list[str]) -> str:
        """What a command says there, or the line with which it refuses."""
        group, words = (COMMANDS, words[1:]) if words[0] in NAMES else (app, words)
        done = CliRunner().invoke(group, words, env=self.environment(pod))
        if done.exception is None or isinstance(done.exception, SystemExit):
            return done.output
        return reason(done.exception) or repr(done.exception)

    def ask(self, service: str, sql: str, *arguments: object) -> Any:
        return asyncio.run(self._asked(service, sql, *arguments))

    async def _asked(self, service: str, sql: str, *arguments: object) -> Any:
        connection = await asyncpg.connect(self.servers.database_url, database=f"{self.prefix}_{service}")
        try:
            return await connection.fetchval(sql, *arguments)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Prepared by the job as it is."""
    folder = tmp_path_factory.mktemp("pods")
    (folder / "authority.pem").write_bytes(trustme.CA().cert_pem.bytes())
    there = Site(servers, folder, f"pods-{uuid4().hex[:12]}")
    assert "support: shared/0001_kernel.sql" in there.said(OPERATOR, ["migrate"])
    sealed = Sealer(KEY).sealed(PURPOSE, b"k" * 32, HELD)
    there.ask("support", "insert into subject_keys values ($1, $2)", HELD, sealed)
    return there


def documented(folder: Path) -> list[tuple[str, list[str]]]:
    """The pod and the words of each command of ours in the backup and restore for Kubernetes, in order."""
    script = "\n".join(["set -eu", STAND_INS, *blocks_under("Kubernetes.", OPERATIONS.read_text())])
    subprocess.run(["bash", "-c", script], cwd=folder, env={"PATH": os.environ["PATH"]}, check=True)
    told = re.findall(r"(\S+) -- python -m services (.*)", (folder / "told").read_text())
    return [(pod.removeprefix("deployment/"), words.split()) for pod, words in told]


def test_a_restore_is_done_with_what_its_pods_are_given(site: Site, tmp_path: Path) -> None:
    commands = documented(tmp_path)
    assert {words[0] for pod, words in commands if pod == OPERATOR} == {"migrate", "adopt", "erased", "reconcile"}
    restored = False
    for pod, words in commands:
        if pod == OPERATOR and not restored:
            for name in NAMES:
                site.ask(name, "update epoch set cluster = 'another'")
            restored = True
        said = site.said(pod, [word.replace("/dev/stdin", str(tmp_path / "list")) for word in words])
        match words:
            case ["erased", name]:
                assert said == f"# erased in {name}\n"
            case ["migrate"]:
                assert said.splitlines() == [f"{name}: nothing to apply" for name in NAMES]
            case ["adopt", name]:
                assert said == f"{name}: adopted\n"
                (tmp_path / "list").write_text(f"# erased in {name}\n{SUBJECT} 2026-11-29T12:50:57+00:00\n")
            case ["erased", _, "--apply", _]:
                assert said == "1 erased now, 0 were already\n"
            case ["reconcile"]:
                assert "careers: 0 events that it had handled" in said
            case ["rebuild", name]:
                assert (f"{name} " in said and said.endswith(" is live\n")) or said.startswith(AWAY)
            case _:
                pytest.fail(f"nobody tries {words}")


def test_an_operator_s_commands_are_carried_out_in_a_service_s_pod(site: Site) -> None:
    for words, line in IN_A_SERVICE_S.items():
        said = site.said("identity" if words.startswith("identity") else "support", words.split())
        assert line in said, words


def test_one_that_needs_kafka_has_its_login_there(site: Site) -> None:
    assert site.said("careers", ["rebuild", "careers"]).startswith(AWAY)


@pytest.mark.parametrize("words", ["run support", "rebuild support"])
def test_what_needs_kafka_does_not_start_without_its_password(site: Site, words: str) -> None:
    """The pod of the job has every password but those."""
    said = site.said(OPERATOR, words.split())
    assert said == "POSTULO_KAFKA_PASSWORDS (environment) has no file “support” that can be read: put it there"


def test_the_runbooks_name_no_command_that_is_not_tried_here() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "runbooks").glob("*.md"))
    named = set(re.findall(r"`python -m services ([a-z-]+)", pages))
    assert named <= {words.split()[0] for words in IN_A_SERVICE_S} | {"rebuild"} | ELSEWHERE
