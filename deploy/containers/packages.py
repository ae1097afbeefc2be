"""The programs that the trial needs, unpacked or built below build/containers; nothing is installed on the machine."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local import debian
from deploy.local.install import BUILD
from deploy.local.trouble import Trouble

FOLDER: Final = BUILD / "containers"
PROGRAMS: Final = FOLDER / "programs"
DEBIAN: Final = (
    "containerd", "docker.io", "iptables", "libip6tc2", "libnftnl11", "libslirp0", "mmdebstrap", "runc", "slirp4netns",
)  # fmt: skip
COMPOSE: Final = "github.com/docker/compose/v2@v2.40.3"
MAILPIT: Final = "github.com/axllent/mailpit@v1.27.11"
FIREWALL: Final = ("iptables", "ip6tables")


class Programs(NamedTuple):
    """Where they are."""

    unpacked: Path
    compose: Path
    mailpit: Path

    def environment(self) -> dict[str, str]:
        """That in which the unpacked programs find each other, and their libraries."""
        binaries = (self.unpacked / "usr" / "sbin", self.unpacked / "usr" / "bin")
        libraries = next((self.unpacked / "usr" / "lib").glob("*-linux-gnu"))
        return {
            **os.environ,
            "PATH": os.pathsep.join([*map(str, binaries), os.environ["PATH"]]),
            "LD_LIBRARY_PATH": str(libraries),
            "XTABLES_LIBDIR": str(libraries / "xtables"),
        }


def fetched() -> Programs:
    """All of them, those that are missing fetched first; raises Trouble where the machine cannot."""
    needed = [name for name in ("apt-get", "dpkg", "go", "unshare", "nsenter", "perl") if not shutil.which(name)]
    if needed or os.geteuid() != 0:
        raise Trouble(
            f"Docker's engine cannot be started here: {', '.join(needed) + ' missing' if needed else 'not root'}.",
            "Run this as root on a Debian with Go; or use an engine of yours: docker compose up --build --wait",
        )
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    return Programs(_unpacked(), _built("docker-compose", COMPOSE, "cmd"), _built("mailpit", MAILPIT, "."))


def _unpacked() -> Path:
    whole = PROGRAMS / "debian"
    if not whole.exists():
        unfinished = PROGRAMS / "debian.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            debian.unpack(DEBIAN, unfinished)
        except debian.NoPackage as error:
            raise Trouble(str(error), "Mend what it says and try again.") from error
        for name in FIREWALL:
            for program in ("", "-save", "-restore"):
                (unfinished / "usr" / "sbin" / f"{name}{program}").symlink_to("xtables-nft-multi")
        unfinished.rename(whole)
    return whole


def _built(name: str, module: str, package: str) -> Path:
    """From its Go module's own folder, because its go.mod counts only there."""
    program = PROGRAMS / name
    if not program.exists():
        folder = json.loads(run(["go", "mod", "download", "-json", module], PROGRAMS))["Dir"]
        unfinished = program.with_suffix(".new")
        words = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", str(unfinished)]
        run([*words, f"./{package}"], Path(folder))
        unfinished.rename(program)
    return program


def run(words: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints; raises Trouble with its last words where it fails."""
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise Trouble(f"`{' '.join(words).splitlines()[0]}` did not work:\n{said}", "See above.")
    return done.stdout
