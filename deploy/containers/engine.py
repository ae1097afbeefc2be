"""Docker's engine in namespaces of its own: its networks, firewall rules, processes and mounts end with it."""

import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from deploy.containers.packages import FOLDER, Programs, run
from deploy.local.install import ROOT
from deploy.local.processes import Program, stop_all, wait_until
from deploy.local.trouble import Trouble

DATA: Final = FOLDER / "engine"
"""Images and layers, kept for the next trial."""
REMEMBERED: Final = "2gb"
STARTING_SECONDS: Final = 60.0
STOPPING_SECONDS: Final = 60.0
# Whatever kills this program kills the engine too.
DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
NAMESPACES: Final = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class Engine:
    """A running engine. pid: of dockerd, the first process of its namespaces; files: for Compose, beside ours."""

    programs: Programs
    pid: int
    socket: Path
    files: Sequence[Path] = ()

    def environment(self) -> dict[str, str]:
        return {**self.programs.environment(), "DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "1"}

    def docker(self, *words: str) -> str:
        """What `docker WORDS` prints; raises Trouble where it fails."""
        return run(["docker", *words], ROOT, self.environment()).strip()

    def build(self, name: str, dockerfile: Path, parts: Sequence[tuple[Path, Sequence[str]]]) -> None:
        """An image of this Dockerfile, with these parts (a folder and names in it) beside it."""
        words = [word for folder, names in parts for word in ("-C", str(folder), *names)]
        tar = ["tar", "--create", "--exclude=__pycache__", "-C", str(dockerfile.parent), dockerfile.name, *words]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
            docker = ["docker", "build", "--quiet", "--tag", name, "-"]
            done = subprocess.run(
                docker, stdin=packed.stdout, env=self.environment(), capture_output=True, text=True, check=False
            )
        if done.returncode or packed.returncode:
            raise Trouble(f"The image {name} could not be built:\n{done.stderr[-3000:]}", "See above.")

    def tidy(self) -> None:
        """Forget images that have no name any more, and what builds have not used of late."""
        self.docker("image", "prune", "--force")
        self.docker("builder", "prune", "--force", "--keep-storage", REMEMBERED)

    def compose(self, *words: str) -> str:
        """What `docker compose WORDS` prints."""
        files = [word for file in (ROOT / "docker-compose.yml", *self.files) for word in ("--file", str(file))]
        return run([str(self.programs.compose), "--progress", "plain", *files, *words], ROOT, self.environment())

    def inside(self, *words: str, mine: Sequence[str] = ("--net",)) -> list[str]:
        """The command that runs these words in namespaces of the engine, by default where its networks are."""
        return ["nsenter", "--target", str(self.pid), *mine, *words]


@contextmanager
def running(programs: Programs) -> Iterator[Engine]:
    """An engine until the block ends. One that was left by a killed trial is ended first."""
    DATA.mkdir(parents=True, exist_ok=True)
    _end_others()
    # A socket's path may have a hundred characters, and this folder more.
    with tempfile.TemporaryDirectory(prefix="postulo-") as folder:
        socket = Path(folder) / "docker.sock"
        begun = Program("engine", [*DIES_WITH_US, *NAMESPACES, "bash", "-c", _script(socket)], FOLDER / "engine.log",
                        programs.environment())  # fmt: skip
        network: Program | None = None
        try:
            pid = _first_process(begun)
            network = Program("network", [*DIES_WITH_US, "slirp4netns", "--configure", "--mtu=65520", str(pid), "tap0"],
                              FOLDER / "network.log", programs.environment())  # fmt: skip
            if not wait_until(socket.is_socket, begun, STARTING_SECONDS):
                raise Trouble(f"Docker's engine did not start:\n{begun.last_words()}", f"Its log: {begun.log}")
            yield Engine(programs, pid, socket)
        finally:
            _end(begun)
            if network is not None:
                network.process.terminate()
                network.process.wait()


def _script(socket: Path) -> str:
    """Becomes dockerd, with a /run of its own."""
    words = ["dockerd", "--data-root", str(DATA), "--exec-root", "/run/docker", "--pidfile", "/run/docker.pid"]
    words += ["--host", f"unix://{socket}", "--storage-driver", "overlay2", "--oom-score-adjust", "0"]
    return f"ip link set lo up && mount -t tmpfs tmpfs /run && exec {shlex.join(words)}"


def _first_process(begun: Program) -> int:
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found[:] = psutil.Process(begun.process.pid).children()
        return bool(found)

    if not wait_until(is_there, begun, STARTING_SECONDS):
        raise Trouble(f"Docker's engine did not start:\n{begun.last_words()}", f"Its log: {begun.log}")
    return int(found[0].pid)


def _end(begun: Program) -> None:
    """In order, so that containers are stopped and unmounted; else with all that is in its namespaces."""
    children = psutil.Process(begun.process.pid).children() if begun.alive else []
    for child in children:
        child.send_signal(signal.SIGTERM)
    _wait(lambda: not begun.alive, STOPPING_SECONDS)
    if begun.alive:
        begun.process.kill()


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def _end_others() -> None:
    """Of a trial that was killed; the kernel ends what is in their namespaces."""

    def is_ours(process: psutil.Process) -> bool:
        words = process.cmdline()
        return process.pid != os.getpid() and words[:1] == ["dockerd"] and str(DATA) in words

    stop_all(is_ours, signal.SIGTERM)
