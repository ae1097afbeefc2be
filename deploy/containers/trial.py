"""The trial of docker-compose.yml: everything up from nothing, a candidate's journey, each container killed, a backup
restored, down.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.containers.engine import Engine
from deploy.containers.packages import FOLDER, run
from deploy.containers.restoring import Operator
from deploy.local.folder import Addresses, write_addresses
from deploy.local.install import ROOT
from deploy.local.trouble import Trouble

IMAGE: Final = "postulo:local"
JOBS: Final = ("migrate", "topics")
PASSED_THROUGH: Final = ("postgres", "kafka")
"""Whom the journey asks beside the gateway and the mailbox; they publish no port."""
PATIENCE_SECONDS: Final = 120.0
CLIENT: Final = ("identity", "add-client", "trial", "--scope", "events")
INSIDE: Final = Path(__file__).with_name("inside.py")


class Trial:
    """One run of it on an engine, in a folder of its own; `say` prints a line."""

    def __init__(self, engine: Engine, folder: Path, say: Callable[[str], None]) -> None:
        self.engine, self.folder, self.say = engine, folder, say
        composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
        self.containers = [name for name in composed["services"] if name not in JOBS]

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """One line with the step's seconds, and whatever is added to the list."""
        begun, said = time.monotonic(), list[str]()
        yield said
        self.say(f"{name:<34} {time.monotonic() - begun:6.1f} s  {'; '.join(said)}".rstrip())

    def play(self) -> None:
        """All steps; raises Trouble at the first that goes otherwise. Nothing stays but the images."""
        self.engine.compose("down", "--volumes", "--timeout", "1")  # What a trial that was killed has left.
        try:
            self._play()
        except Trouble:
            (self.folder / "containers.log").write_text(self.engine.compose("logs", "--no-color", "--timestamps"))
            raise
        finally:
            with self.step("down"):
                self.engine.compose("down", "--volumes", "--timeout", "60")

    def _play(self) -> None:
        with self.step("build") as said:
            self.engine.compose("build", "--quiet", "identity")
            size = int(self.engine.docker("image", "inspect", "--format", "{{.Size}}", IMAGE))
            said.append(f"the image has {size / 1e6:.0f} MB")
        with self.step("what was left in the image works"):
            self.engine.docker("run", "--rm", "--read-only", "--tmpfs=/tmp", IMAGE, "python", "-c", INSIDE.read_text())
        with self.step("up --wait"):
            self.engine.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "300")
        with self.step("a client is let in"):
            self.engine.compose("exec", "-T", "identity", "python", "-m", "services", *CLIENT)
        with self.step("journey"):
            self.journey()
        for name, memory in self.memory().items():
            self.say(f"  {name:<14} {memory}")
        for name in self.containers:
            with self.step(f"kill -9 of {name}") as said:
                self.kill(name, said)
        self.restore()

    def restore(self) -> None:
        """What came between a backup and its restore is gone, and the site works."""
        operator = Operator(self.engine, self.folder)
        with self.step("backup"):
            operator.backs_up()
        then = operator.events("applications")
        with self.step("journey after all that"):
            self.journey()
        since = operator.events("applications") - then
        with self.step("restore") as said:
            operator.restores()
            said.append(f"{since} events of applications since the backup")
        now = operator.events("applications")
        if since <= 0 or now != then:
            raise Trouble(
                f"Applications had {then} events at the backup, {since} more before the restore, and {now} after it.",
                f"Look into deploy/restore.sh, and into {self.folder}.",
            )
        self._until(self._all_healthy, "all to be healthy again")
        with self.step("journey on what was restored"):
            self.journey()

    def journey(self) -> None:
        """In the network of the containers, where their names are known as they know each other."""
        hosts = self.folder / "hosts"
        lines = ["127.0.0.1 localhost", *(f"{self._address(name)} {name}" for name in PASSED_THROUGH)]
        hosts.write_text("\n".join(lines) + "\n")
        write_addresses(self.folder, self._addresses())
        play = [sys.executable, "-m", "tests.system.journey", "--data", str(self.folder)]
        words = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts), *play]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
        run(self.engine.inside(*words), ROOT, environment)

    def memory(self) -> dict[str, str]:
        """By container, as the engine's own cgroups have it: used and allowed."""
        listed = self.engine.docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}").splitlines()
        used = dict(line.split("\t") for line in listed)
        return {name: used.get(f"postulo-{name}-1", "") for name in self.containers}

    def kill(self, name: str, said: list[str]) -> None:
        """Its process, not the container: the engine is to start it again by itself."""
        before = self._state(name)
        run(self.engine.inside("sh", "-c", f"kill -9 {before['Pid']}", mine=("--pid", "--mount")))

        def is_back() -> bool:
            now = self._state(name)
            return now["Pid"] not in (0, before["Pid"]) and now["Health"]["Status"] == "healthy"

        self._until(is_back, f"{name} to be healthy again")
        names = [each for each in self.containers if self._state(each)["Health"]["Status"] != "healthy"]
        said.append(f"not healthy: {', '.join(names)}" if names else "all healthy")
        self._until(self._all_healthy, "all")

    def _all_healthy(self) -> bool:
        return all(self._state(each)["Health"]["Status"] == "healthy" for each in self.containers)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise Trouble(f"Waited {PATIENCE_SECONDS:.0f} s in vain for {what}.", f"Look into {self.folder}.")
            time.sleep(0.5)

    def _state(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.engine.docker("inspect", "--format", "{{json .State}}", f"postulo-{name}-1")
        )
        return found

    def _address(self, name: str) -> str:
        words = ("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
        return self.engine.docker(*words, f"postulo-{name}-1")

    def _addresses(self) -> Addresses:
        return Addresses(
            url="http://127.0.0.1:8000",
            mailbox_url="http://127.0.0.1:8025",
            smtp="mail:1025",
            kafka="kafka:9092",
            database_url="postgresql://postulo_{service}@postgres:5432/postgres?sslmode=disable",
            access={"database_passwords": str(self.folder / "secrets")},
        )


def new_folder() -> Path:
    """The trial's own, with secrets that are nobody's."""
    folder = FOLDER / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run([str(ROOT / "deploy" / "docker" / "secrets.sh"), str(folder / "secrets")])
    return folder


def own_secrets(folder: Path) -> Path:
    """A file for Compose that puts these secrets in the place of the developer's."""
    path = folder / "secrets.yaml"
    names = [each.name for each in (folder / "secrets").iterdir()]
    path.write_text(yaml.safe_dump({"secrets": {name: {"file": str(folder / "secrets" / name)} for name in names}}))
    return path
