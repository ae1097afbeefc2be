"""`make contracts`: what it writes, and what it does not."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from services.site import service
from shared.runtime.schemas import CONTRACTS
from tests.contracts.__main__ import renew

ALERTS: Final = service("alerts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONTRACTS / "alerts", tmp_path / "alerts")
    return tmp_path


def edit(path: Path, **changes: Any) -> None:
    """Changes a document as if it had been another when it was published."""
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def test_what_is_new_or_said_otherwise_is_written_and_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema, other = (folder / "alerts" / "schemas" / name / "1.json" for name in ("SearchDeleted", "SearchExpired"))
    edit(schema, description="In other words.")
    other.unlink()
    assert renew([ALERTS], folder) == 0
    told = capsys.readouterr().out
    assert '-  "description": "In other words."' in told
    assert "+++ contracts/alerts/schemas/SearchExpired/1.json" in told
    for name in ("SearchDeleted", "SearchExpired"):
        path = Path("alerts", "schemas", name, "1.json")
        assert (folder / path).read_text("utf-8") == (CONTRACTS / path).read_text("utf-8")
    assert renew([ALERTS], folder) == 0
    assert capsys.readouterr().out == ""


def test_what_would_break_readers_is_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema, other = (folder / "alerts" / "schemas" / name / "1.json" for name in ("SearchDeleted", "SearchExpired"))
    edit(schema, required=[])
    edit(other, description="In other words.")
    before = other.read_text("utf-8")
    assert renew([ALERTS], folder, accept=True) == 1
    said = capsys.readouterr()
    assert said.err.startswith("SearchDeleted.candidate_id is newly required: what was written before lacks it.")
    assert said.out == ""
    assert other.read_text("utf-8") == before


def test_operations_may_change_if_it_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "alerts" / "openapi.json", paths={"/alerts/api/gone": {"get": {"responses": {}}}})
    assert renew([ALERTS], folder) == 1
    assert capsys.readouterr().err.startswith("GET /alerts/api/gone is gone")
    assert renew([ALERTS], folder, accept=True) == 0
