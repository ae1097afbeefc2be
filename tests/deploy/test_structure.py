"""The linter's picture of the platform is the platform: no service and no part of the kernel is left out of it."""

import tomllib
from pathlib import Path
from typing import Any

from services.__main__ import NAMES
from tests.containers import ROOT

CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def parts(folder: Path) -> set[str]:
    """Modules and packages that are directly in a package."""
    modules = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def test_the_rooms_of_every_service_are_looked_at() -> None:
    assert {name.removeprefix("services.") for name in CONTRACTS["rooms"]["containers"]} == set(NAMES)
    assert parts(ROOT / "services") == {*NAMES, "__main__"}
    assert CONTRACTS["rooms"]["exhaustive"] is True


def test_every_part_of_the_kernel_is_either_pure_or_closed_to_pure_code() -> None:
    pure = {name for name in CONTRACTS["pure-kernel"]["source_modules"] if name.startswith("shared.")}
    closed = {name for name in CONTRACTS["pure"]["forbidden_modules"] if name.startswith("shared.")}
    assert not pure & closed
    assert pure | closed == {f"shared.{name}" for name in parts(ROOT / "shared")}
