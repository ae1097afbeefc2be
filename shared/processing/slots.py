"""Folders that one process has to itself, though several may be pointed at the same place."""

import fcntl
import itertools
import shutil
from pathlib import Path
from typing import IO, Final

LOCK: Final = "lock"


class FolderUnusable(OSError):
    """Nothing can be kept in the folder that was set for it; the text says which one, and why."""


class Slot:
    """The first numbered folder below `root` that no other process has taken; it keeps it until it is closed or ends.

    What is in it from a former process is there to be used.
    """

    def __init__(self, root: Path) -> None:
        self.folder, self._lock = _first_free(root)

    def kept(self) -> list[Path]:
        """The folders in it, the newest first."""
        return sorted((each for each in self.folder.iterdir() if each.name.isdecimal()), key=_number, reverse=True)

    def fresh(self) -> Path:
        """A new and empty folder in it, newer than all others."""
        folder = self.folder / str(max(map(_number, self.kept()), default=0) + 1)
        folder.mkdir()
        return folder

    def clear(self, but: Path | None = None) -> None:
        """Removes all folders in it, but for one."""
        for each in self.kept():
            if each != but:
                shutil.rmtree(each, ignore_errors=True)

    def close(self) -> None:
        self._lock.close()


def _number(folder: Path) -> int:
    return int(folder.name)


def _first_free(root: Path) -> tuple[Path, IO[str]]:
    try:
        return _first_unlocked(root)
    except OSError as error:
        raise FolderUnusable(f"{root} below POSTULO_INDEXES takes no files: {error.strerror}") from error


def _first_unlocked(root: Path) -> tuple[Path, IO[str]]:
    for number in itertools.count(1):
        folder = root / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return folder, lock
    raise AssertionError("numbers do not end")
