"""Prometheus' promtool, which tries the rules of deploy/monitoring: the machine's own, else that of Debian's package.

`python -m deploy.local.promtool` sees to it that there is one. Of the package only this program is kept.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.browser import USUAL
from deploy.local.install import PROMTOOL

PACKAGE = "prometheus"


def executable() -> Path | None:
    """None where `install` was not run."""
    found = shutil.which("promtool", path=os.pathsep.join((str(PROMTOOL), USUAL)))
    return Path(found) if found else None


def install() -> None:
    """Raises CalledProcessError when it is not to be had, and FileNotFoundError where there is no apt."""
    PROMTOOL.mkdir(parents=True, exist_ok=True)
    if executable():
        return
    print("Promtool: fetching Debian's", flush=True)
    with TemporaryDirectory(dir=PROMTOOL) as folder:
        if os.geteuid() == 0:
            _run(["apt-get", "update", "-qq"], folder)
        _run(["apt-get", "download", "-qq", PACKAGE], folder)
        (package,) = Path(folder).glob("*.deb")
        _run(["dpkg", "--extract", str(package), "unpacked"], folder)
        (Path(folder) / "unpacked" / "usr" / "bin" / "promtool").rename(PROMTOOL / "promtool")


def _run(command: Sequence[str], folder: str) -> None:
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PATH": USUAL}, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    try:
        install()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        sys.exit(f"No promtool for the tests of the rules, put one on PATH (Debian: apt install prometheus): {error}")
