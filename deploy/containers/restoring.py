"""A backup and its restore, by the very lines that docs/operations.md gives to an operator of Compose."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from deploy.containers.engine import Engine
from deploy.containers.packages import run
from deploy.documented import OPERATIONS, blocks_under
from deploy.local.install import ROOT
from deploy.local.trouble import Trouble

FOLDER: Final = "/srv/backups"
"""Where the document has backups; ours are elsewhere."""
EXAMPLE: Final = "2026-11-29T125057Z"
COUNT: Final = "select count(*) from events"


class Written(NamedTuple):
    """The lines of the document: what holds for all of them, what is done while the services run, and the restore."""

    before: str
    backup: str
    restore: str


def written(text: str) -> Written:
    """Raises Trouble where the document does not say it as we read it."""
    lines = "".join(blocks_under("Compose.", text)[:1]).splitlines()
    backup = next((n for n, line in enumerate(lines) if line.startswith("deploy/backup.sh")), 0)
    restore = next((n for n, line in enumerate(lines) if line.startswith("docker compose stop")), 0)
    parts = Written(*("\n".join(part) for part in (lines[:backup], lines[backup:restore], lines[restore:])))
    if not all(parts) or FOLDER not in parts.before or EXAMPLE not in parts.restore:
        raise Trouble(f"The restore by Compose in {OPERATIONS} is not what it was.", "Mend one of them.")
    return parts


class Operator:
    """Somebody with Docker's client and the document. folder: of the trial, where the backups go."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.backups = engine, folder / "backups"
        self.written = written(OPERATIONS.read_text())
        self.environment = _environment(engine, folder / "docker")

    def backs_up(self) -> None:
        self._does(self.written.backup)

    def restores(self) -> None:
        (made,) = [each.name for each in self.backups.iterdir() if each.name != "erased"]
        self._does(self.written.restore.replace(EXAMPLE, made))

    def events(self, service: str) -> int:
        """How many its store holds."""
        psql = ("psql", "-XAtq", "--username=postgres", f"--dbname=postulo_{service}", "-c", COUNT)
        return int(self.engine.compose("exec", "-T", "postgres", *psql))

    def _does(self, lines: str) -> None:
        script = f"set -eu\n{self.written.before.replace(FOLDER, str(self.backups))}\n{lines}"
        run(["bash", "-c", script], ROOT, self.environment)


def _environment(engine: Engine, client: Path) -> dict[str, str]:
    """One in which `docker compose` is there, and knows the engine and the trial's secrets. client: a new folder."""
    plugins = client / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(engine.programs.compose.resolve())
    files = os.pathsep.join(map(str, (ROOT / "docker-compose.yml", *engine.files)))
    return {**engine.environment(), "DOCKER_CONFIG": str(client), "COMPOSE_FILE": files}
