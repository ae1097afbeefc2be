"""The data folder: used by one platform at a time, which leaves its addresses there for other commands."""

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.trouble import Trouble


@dataclass(frozen=True)
class Addresses:
    """Where a running platform's parts are, and the settings of those whom they let in: for their owner's eyes.

    public_url: the address under which people see its site, which may be another than `url`, where it listens.
    """

    url: str
    mailbox_url: str
    smtp: str
    kafka: str
    database_url: str
    access: dict[str, str] = field(default_factory=dict)
    public_url: str = ""

    def settings(self) -> dict[str, str]:
        """What a command sets to work on this platform."""
        return {"database_url": self.database_url, "kafka": self.kafka, **self.access}


@contextmanager
def hold(folder: Path) -> Iterator[Path]:
    """Hold the folder exclusively until the block ends (or the process does); raises Trouble if it is held."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise Trouble(
            f"The data folder {folder} cannot be used: {error.strerror}.",
            "Choose another one with POSTULO_DATA or --data.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(
                f"Postulo already runs on the data in {folder}{_where(folder)}.",
                "Stop that one first (Ctrl-C where it was started), or choose another folder with POSTULO_DATA or "
                "--data, and other ports.",
            ) from error
        yield folder
        _note(folder).unlink(missing_ok=True)


def master_key(folder: Path) -> str:
    """The key that this data folder's signatures are made with, made at its first use."""
    return secret(folder / "master-key")


def secret(path: Path) -> str:
    """Something random that is kept in this file for its owner's eyes, made at its first use."""
    if not path.exists():
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(32))
        new.rename(path)
    return path.read_text()


def write_addresses(folder: Path, addresses: Addresses) -> None:
    note = _note(folder)
    note.touch(mode=0o600)
    note.write_text(json.dumps(asdict(addresses), indent=2))


def read_addresses(folder: Path) -> Addresses:
    """The addresses of the platform that runs on this folder; raises Trouble when none does."""
    try:
        return Addresses(**json.loads(_note(folder).read_text()))
    except FileNotFoundError:
        raise Trouble(
            f"No Postulo runs on the data in {folder}.",
            "Start it in another window: make run; or name its folder in POSTULO_DATA.",
        ) from None


def _note(folder: Path) -> Path:
    return folder / "addresses.json"


def _where(folder: Path) -> str:
    try:
        return f", at {read_addresses(folder).url}"
    except Trouble:
        return ""
