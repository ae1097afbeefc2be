"""The Chromium of the browser tests: the one on the machine, else Debian's when we are root, else Playwright's own.

`python -m deploy.local.browser` sees to it that there is one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Debian's shell without windows comes first: it needs half the time of the whole browser.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Where a system keeps its programs, also when the PATH we were given leaves them out.
USUAL = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin"))


def executable() -> Path | None:
    """The machine's own Chromium; None means that Playwright's is used."""
    found = next((path for name in NAMES if (path := shutil.which(name, path=USUAL))), None)
    return Path(found) if found else None


def install() -> None:
    """Raises CalledProcessError when it is not to be had."""
    if executable():
        return
    apt = shutil.which("apt-get", path=USUAL)
    if os.geteuid() == 0 and apt:
        print("Browser: installing Debian's Chromium", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", "PATH": USUAL}
        _run([apt, "update", "-qq"], quiet)
        _run([apt, "install", "-y", "-qq", "--no-install-recommends", NAMES[0]], quiet)
    else:
        print("Browser: installing Playwright's Chromium", flush=True)
        _run([sys.executable, "-m", "playwright", "install", "chromium"], {})


def _run(command: Sequence[str], env: Mapping[str, str]) -> None:
    subprocess.run(command, check=True, env={**os.environ, **env}, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    try:
        install()
    except subprocess.CalledProcessError as error:
        sys.exit(f"No Chromium for the browser tests: {error}")
