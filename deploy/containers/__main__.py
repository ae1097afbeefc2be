"""`make containers`: see docs/containers.md."""

import argparse
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from deploy.containers import engine, images, packages
from deploy.containers.trial import Trial, new_folder, own_secrets
from deploy.local.install import ROOT
from deploy.local.trouble import Trouble


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make containers", description="Try docker-compose.yml on an engine of its own, without a registry."
    )
    parser.add_argument(
        "--tests",
        nargs=argparse.REMAINDER,
        metavar="WORD",
        help="instead, run pytest with these words on PostgreSQL and Kafka in containers",
    )
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # The engine is ended as at Ctrl-C.
    try:
        return _carried_out(given.tests)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the engine has ended, and its images stay.", file=sys.stderr)
        return 130


def _carried_out(tests: Sequence[str] | None) -> int:
    begun = time.monotonic()
    programs = packages.fetched()
    _say(f"{'the programs are there':<34} {time.monotonic() - begun:6.1f} s")
    with engine.running(programs) as running:
        _say(f"{'the engine runs':<34} {time.monotonic() - begun:6.1f} s")
        images.build(running)
        _say(f"{'the stand-ins are there':<34} {time.monotonic() - begun:6.1f} s")
        if tests:
            return _tested(running, tests)
        folder = new_folder()
        Trial(dataclasses.replace(running, files=(own_secrets(folder),)), folder, _say).play()
        running.tidy()
    _say(f"{'all':<34} {time.monotonic() - begun:6.1f} s")
    return 0


def _tested(running: engine.Engine, tests: Sequence[str]) -> int:
    """What testcontainers starts ends with the engine: its own reaper is an image that is not here."""
    around = {"DOCKER_HOST": f"unix://{running.socket}", "TESTCONTAINERS_RYUK_DISABLED": "true"}
    words = running.inside(sys.executable, "-m", "pytest", "--containers", *tests)
    return subprocess.run(words, cwd=ROOT, env={**os.environ, **around}, check=False).returncode


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
