"""What `make` can do: see to the installation, then hand over to the virtual environment's Python. Stdlib only."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.install import BUILD, LINTERS, PYTHON, ROOT, VENV, WEB, install
from deploy.local.trouble import Trouble

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "shared", "services", "deploy", "tests"),
    ("lint-imports", "--no-logo"),
    ("yamllint", "--strict", "."),
    ("python", "-m", "tests.rules"),
)
# Each worker takes a half in order, so that what a module needs is made once, and helps the other at the end.
TESTS = ("pytest", "-n", "2", "--dist", "worksteal")
AT_ONCE = 2
MODULES = {
    "run": ("deploy.local",),
    "client": ("deploy.local.operator", "client"),
    "services": ("deploy.local.operator", "services"),
    "journey": ("tests.system.journey",),
    "bench": ("tests.benchmarks",),
    "rules": ("tests.rules",),
    "contracts": ("tests.contracts",),
    "containers": ("deploy.containers",),
    "kubernetes": ("tests.deploy.kubernetes",),
    "faults": ("tests.faults",),
    "screens": (*TESTS, "tests/browser/screens.py"),
}
FOR_TESTS = {"test", "checks", "bench", "rules", "contracts", "screens", "containers", "kubernetes", "faults"}
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")


def main(words: Sequence[str]) -> int:
    """`words`: the task and, for what it runs, options. Returns the exit status, unless another program takes over."""
    task, *options = words or ["run"]
    try:
        if task == "clean":
            return clean()
        install(for_tests=task in FOR_TESTS, say=say)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one was.", file=sys.stderr)
        return 130
    if task == "checks":
        return _reported(checks())
    if task == "test":
        return test(options)
    if task in MODULES:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), "-m", *MODULES[task], *options])  # noqa: S606 This is what is asked for.
    return 0


def say(message: str) -> None:
    print(f"  {message}", flush=True)


def test(options: Sequence[str]) -> int:
    """All checks side by side, then all tests, each with its time, however many fail; pytest gets the options."""
    failed = checks()
    if not _passes(TESTS, options):
        failed.append(TESTS)
    return _reported(failed)


def checks() -> list[tuple[str, ...]]:
    """All checks side by side; returns those that failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [check for check, passed in zip(CHECKS, pool.map(_checks, CHECKS), strict=True) if not passed]


def _reported(failed: Sequence[Sequence[str]]) -> int:
    for check in failed:
        print(f"FAILED: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


def _checks(check: Sequence[str]) -> bool:
    """What it says is held back until it has ended, for another one runs beside it."""
    begun = time.monotonic()
    words = [str(VENV / "bin" / check[0]), *check[1:]]
    done = subprocess.run(words, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"\n== {' '.join(check)}\n{done.stdout}== {time.monotonic() - begun:.0f} s", flush=True)
    return done.returncode == 0


def _passes(check: Sequence[str], options: Sequence[str]) -> bool:
    print(f"\n== {' '.join(check)}", flush=True)
    begun = time.monotonic()
    done = subprocess.run([VENV / "bin" / check[0], *check[1:], *options], cwd=ROOT, check=False)
    print(f"== {time.monotonic() - begun:.0f} s", flush=True)
    return done.returncode == 0


def clean() -> int:
    """Remove what was installed and built; the data folder stays."""
    for folder in (BUILD, VENV, WEB / "node_modules", LINTERS / "node_modules", *(ROOT / cache for cache in CACHES)):
        shutil.rmtree(folder, ignore_errors=True)
    for cache in (
        path for top in ("services", "shared", "deploy", "tests") for path in Path(ROOT, top).rglob("__pycache__")
    ):
        shutil.rmtree(cache, ignore_errors=True)
    say("Removed what was installed and built. The data is still in .postulo/ (delete it to begin anew).")
    return 0
