"""The Chromium of the browser tests: the one on the machine, else Debian's when we are root, else Playwright's own.

`python -m deploy.local.browser` sees to it that there is one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> Path | None:
    """The machine's own Chromium; None means that Playwright's is used."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def install() -> None:
    """Raises CalledProcessError when it is not to be had."""
    if executable():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Browser: installing Debian's chromium", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], check=True, env=quiet, stdout=subprocess.DEVNULL)
    else:
        print("Browser: installing Playwright's Chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
