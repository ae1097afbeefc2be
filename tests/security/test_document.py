"""docs/security.md names every chapter of ASVS, and tests that there are."""

import re
from typing import Final

import pytest

from tests.containers import ROOT

PAGE: Final = (ROOT / "docs" / "security.md").read_text()
ROWS: Final = re.findall(r"^\| V(\d+) ([^|]+)\|([^|]*)\|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
NAMED: Final = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
WITHOUT: Final = {"17"}
"""Chapters about what there is not."""


def test_every_chapter_has_its_row_and_its_proof() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 18))
    for number, _, promised, proof, _ in ROWS:
        assert promised.strip()
        assert ("`tests/" in proof) is (number not in WITHOUT), number


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_test_that_is_named_is_there(path: str, test: str) -> None:
    text = (ROOT / path).read_text()
    assert re.search(rf"^(async )?def {test or 'test_'}", text, re.MULTILINE)


def test_every_test_of_this_folder_is_named() -> None:
    here = {f"tests/security/{path.name}" for path in (ROOT / "tests" / "security").glob("test_v*.py")}
    assert here <= {path for path, _ in NAMED}
