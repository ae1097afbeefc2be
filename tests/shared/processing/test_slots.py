"""Folders that one process has to itself."""

from pathlib import Path

import pytest

from shared.processing.slots import FolderUnusable, Slot


def test_each_takes_the_first_that_nobody_has(tmp_path: Path) -> None:
    one, other = Slot(tmp_path), Slot(tmp_path)
    assert [one.folder.name, other.folder.name] == ["1", "2"]
    one.close()
    again, third = Slot(tmp_path), Slot(tmp_path)
    assert [again.folder.name, third.folder.name] == ["1", "3"]
    for slot in (other, again, third):
        slot.close()


def test_what_a_former_process_left_is_there_the_newest_first(tmp_path: Path) -> None:
    slot = Slot(tmp_path)
    made = [slot.fresh() for _ in range(11)]
    slot.close()
    slot = Slot(tmp_path)
    assert slot.kept() == made[::-1]
    assert slot.fresh().name == "12"
    slot.clear(but=made[3])
    assert slot.kept() == [made[3]]
    slot.close()


def test_a_folder_that_takes_no_files_is_named_with_its_setting_and_the_reason(tmp_path: Path) -> None:
    taken = tmp_path / "search"
    taken.write_text("a file")
    with pytest.raises(FolderUnusable, match=f"{taken} below POSTULO_INDEXES takes no files: Not a directory"):
        Slot(taken)
