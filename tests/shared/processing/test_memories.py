"""A memory's file saves a start the past; whatever is wrong with it, the memory is what the events say."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.model.message import Recorded
from shared.model.reaction import Memory
from shared.ops.sealing import Sealer
from shared.processing.memories import Files, Memories
from shared.store.event_store import Store
from tests.shared.things import Raised, raised


class Counted:
    """Sums by counter, and how many events were folded since the process began."""

    def __init__(self, sums: dict[str, int] | None = None) -> None:
        self.sums, self.seen = sums or {}, 0

    def fold(self, event: Recorded[Any]) -> None:
        self.sums[event.key] = self.sums.get(event.key, 0) + event.data.by_much
        self.seen += 1

    def dump(self) -> Iterable[bytes]:
        return [orjson.dumps([key, total]) for key, total in self.sums.items()]

    @classmethod
    def load(cls, parts: Iterable[bytes]) -> "Counted":
        return cls(dict(map(orjson.loads, parts)))


SUMS = Memory("sums", (Raised,), Counted, Counted.fold, Counted.dump, Counted.load)


def files(folder: Path, master_key: str = "a master key", rules: str = "today's") -> Files:
    return Files(folder / "memories", Sealer(master_key), rules)


async def known(store: Store, kept: Files | None) -> tuple[dict[str, int], int]:
    """What a process that starts now knows, and how many events it had to fold for it."""
    memories = Memories(store, [SUMS], kept)
    async with store.pool.acquire() as connection:
        found: Counted = (await memories.current([SUMS], connection))["sums"]
        again: Counted = (await memories.current([SUMS], connection))["sums"]
    assert again is found
    memories.close()
    return found.sums, found.seen


async def keep(store: Store, kept: Files) -> None:
    """As a process does once it has started, and every few minutes."""
    memories = Memories(store, [SUMS], kept)
    await memories.keep_once()
    memories.close()


def written(folder: Path) -> list[Path]:
    return sorted(folder.glob("memories/*/*.memory"))


async def test_the_next_start_folds_only_what_came_since(store: Store, tmp_path: Path) -> None:
    await raised(store, "counter-a", 1, 2, 3)
    await raised(store, "counter-b", 10)
    await keep(store, files(tmp_path))
    assert await known(store, files(tmp_path)) == ({"a": 6, "b": 10}, 0)
    await raised(store, "counter-a", 100)
    assert await known(store, files(tmp_path)) == ({"a": 106, "b": 10}, 1)
    assert await known(store, None) == ({"a": 106, "b": 10}, 5)


async def test_nobody_else_reads_it(store: Store, tmp_path: Path) -> None:
    await raised(store, "counter-b", 10)
    await keep(store, files(tmp_path))
    (file,) = written(tmp_path)
    assert b'"b"' not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


async def test_processes_beside_each_other_keep_files_of_their_own(store: Store, tmp_path: Path) -> None:
    await raised(store, "counter-a", 1)
    both = [Memories(store, [SUMS], files(tmp_path)) for _ in range(2)]
    for each in both:
        await each.keep_once()
    assert len(written(tmp_path)) == 2
    for each in both:
        each.close()


async def test_a_file_is_written_only_when_something_happened(store: Store, tmp_path: Path) -> None:
    await raised(store, "counter-a", 1)
    memories = Memories(store, [SUMS], files(tmp_path))
    await memories.keep_once()
    (file,) = written(tmp_path)
    file.unlink()
    await memories.keep_once()
    assert not file.exists()
    await raised(store, "counter-a", 1)
    await memories.keep_once()
    assert file.exists()
    memories.close()


@pytest.mark.parametrize(
    ("master_key", "rules"), [("another master key", "today's"), ("a master key", "another release's")]
)
async def test_what_another_wrote_is_passed_over(store: Store, tmp_path: Path, master_key: str, rules: str) -> None:
    await raised(store, "counter-a", 1, 2, 3)
    await keep(store, files(tmp_path, master_key, rules))
    assert await known(store, files(tmp_path)) == ({"a": 6}, 3)


async def test_however_it_is_damaged_the_events_are_folded(store: Store, tmp_path: Path) -> None:
    await raised(store, "counter-a", 1, 2, 3)
    await raised(store, "counter-b", 10)
    await keep(store, files(tmp_path))
    (file,) = written(tmp_path)
    whole = file.read_bytes()
    for damaged in [*(whole[:end] for end in range(0, len(whole), 7)), whole[:-1] + b"x", b"\xff" * 100]:
        file.write_bytes(damaged)
        assert await known(store, files(tmp_path)) == ({"a": 6, "b": 10}, 4)


async def test_a_file_of_another_store_is_passed_over(store: Store, other: Store, tmp_path: Path) -> None:
    """A backup that was brought back holds less than the file has seen."""
    await raised(other, "counter-a", 1, 2, 3)
    await keep(other, files(tmp_path))
    await raised(store, "counter-a", 1)
    assert await known(store, files(tmp_path)) == ({"a": 1}, 1)


async def test_a_folder_that_cannot_be_written_stops_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "memories").write_text("a file where a folder should be")
    await raised(store, "counter-a", 1)
    with pytest.raises(OSError, match=r"[Nn]ot a directory"):
        await keep(store, files(tmp_path))
    assert await known(store, files(tmp_path)) == ({"a": 1}, 1)
