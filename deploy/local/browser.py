"""The Chromium of the browser tests: the one on the machine, else Debian's when we are root, else Playwright's own.

`python -m deploy.local.browser` sees to it that there is one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local import debian

# Debian's shell without windows comes first: it needs half the time of the whole browser.
FONT = "fonts-wqy-microhei"

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> Path | None:
    """The machine's own Chromium; None means that Playwright's is used."""
    found = next((path for name in NAMES if (path := shutil.which(name, path=debian.USUAL))), None)
    return Path(found) if found else None


def install() -> None:
    """Raises NoPackage or CalledProcessError when it is not to be had."""
    if os.geteuid() == 0 and shutil.which("apt-get", path=debian.USUAL) and not _shows_chinese():
        print("Browser: installing a Chinese font", flush=True)
        debian.install(FONT)
    if executable():
        return
    if os.geteuid() == 0 and shutil.which("apt-get", path=debian.USUAL):
        print("Browser: installing Debian's Chromium", flush=True)
        debian.install(NAMES[0])
    else:
        print("Browser: installing Playwright's Chromium", flush=True)
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _shows_chinese() -> bool:
    """Other scripts of ours are in every desktop's fonts."""
    if not shutil.which("fc-list", path=debian.USUAL):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], check=True, capture_output=True).stdout.strip())


if __name__ == "__main__":
    try:
        install()
    except (debian.NoPackage, subprocess.CalledProcessError) as error:
        sys.exit(f"No Chromium for the browser tests: {error}")
