"""Prometheus' promtool, which tries the rules of deploy/monitoring: the machine's own, else that of Debian's package.

`python -m deploy.local.promtool` sees to it that there is one. Of the package only this program is kept.
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local import debian
from deploy.local.install import PROMTOOL

PACKAGE = "prometheus"


def executable() -> Path | None:
    """None where `install` was not run."""
    found = shutil.which("promtool", path=os.pathsep.join((str(PROMTOOL), debian.USUAL)))
    return Path(found) if found else None


def install() -> None:
    """Raises NoPackage when it is not to be had."""
    PROMTOOL.mkdir(parents=True, exist_ok=True)
    if executable():
        return
    print("Promtool: fetching Debian's", flush=True)
    with TemporaryDirectory(dir=PROMTOOL) as folder:
        debian.unpack([PACKAGE], Path(folder))
        (Path(folder) / "usr" / "bin" / "promtool").rename(PROMTOOL / "promtool")


if __name__ == "__main__":
    try:
        install()
    except debian.NoPackage as error:
        sys.exit(f"No promtool for the tests of the rules, put one on PATH (Debian: apt install prometheus): {error}")
