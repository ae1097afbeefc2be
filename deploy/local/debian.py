"""Debian's packages, one at a time: apt lets nobody else in while it works, our own other steps included."""

import fcntl
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from deploy.local.install import BUILD

USUAL: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin"))
"""Where a system keeps its programs, also when the PATH we were given leaves them out."""
PATIENCE: Final = 300.0
"""Seconds for somebody else's apt, such as the machine's own upgrades."""
LOCKED: Final = "Could not get lock"


class NoPackage(Exception):
    """What apt or dpkg said; or that they are not there."""


def install(package: str) -> None:
    """On the machine itself, as root. Raises NoPackage."""
    with _alone():
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])


def unpack(packages: Sequence[str], folder: Path) -> None:
    """What these packages would put on a machine, put under the folder; nothing is installed. Raises NoPackage."""
    with _alone(), TemporaryDirectory(dir=folder) as fetched:
        if os.geteuid() == 0:
            _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "download", "-qq", *packages], fetched)
        for package in sorted(Path(fetched).glob("*.deb")):
            _run(["dpkg-deb", "--extract", str(package), str(folder)])


@contextmanager
def _alone() -> Iterator[None]:
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], folder: str | None = None) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C", "PATH": USUAL}
    end = time.monotonic() + PATIENCE
    while True:
        try:
            subprocess.run(command, check=True, cwd=folder, env=env, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise NoPackage(f"{command[0]} is not there") from error
        except subprocess.CalledProcessError as error:
            if LOCKED not in error.stderr or time.monotonic() > end:
                raise NoPackage(f"{' '.join(command)}: {error.stderr.strip()[-800:]}") from error
            time.sleep(1)
        else:
            return
