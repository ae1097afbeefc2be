"""An operator's command as it is typed after `make`, without what `make` installs first."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from deploy.local import tasks
from deploy.local.options import ROOT


def made(data: Path, *words: str) -> tuple[int, str]:
    """Exit status and output of `make WORDS…` on the platform of this data folder, in an environment without ours."""
    alone = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    line = subprocess.run(
        ["make", "-n", *words], env=alone, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout  # fmt: skip
    _, bootstrap, task, *options = shlex.split(line)
    assert bootstrap == "deploy/local/bootstrap.py"
    around = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
    done = subprocess.run(
        [sys.executable, "-m", *tasks.MODULES[task], *options],
        env={**around, "POSTULO_DATA": str(data)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout


if __name__ == "__main__":
    status, said = made(Path(sys.argv[1]), *sys.argv[2:])
    print(said, end="")
    sys.exit(status)
