"""The linter's picture of the platform is the platform: no service and no part of the kernel is left out of it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.identity.pages.my_data import DOWNLOADS
from services.site import NAMES, SITE, service
from tests.containers import ROOT
from tests.system.access import ACCESS

CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def parts(folder: Path) -> set[str]:
    """Modules and packages that are directly in a package."""
    modules = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def test_the_rooms_of_every_service_are_looked_at() -> None:
    assert CONTRACTS["rooms"]["containers"] == ["services.*"]
    assert parts(ROOT / "services") == {*NAMES, "__main__", "conformance", "site"}
    assert CONTRACTS["rooms"]["exhaustive"] is True


def test_every_part_of_the_kernel_is_either_pure_or_closed_to_pure_code() -> None:
    pure = {name for name in CONTRACTS["pure-kernel"]["source_modules"] if name.startswith("shared.")}
    closed = {name for name in CONTRACTS["pure"]["forbidden_modules"] if name.startswith("shared.")}
    assert not pure & closed
    assert pure | closed == {f"shared.{name}" for name in parts(ROOT / "shared")}
    ordered = {part.strip() for layer in CONTRACTS["shared"]["layers"] for part in layer.split("|")}
    assert ordered == parts(ROOT / "shared")


HOLDS_NOTHING = {
    "vacancies": "knows job openings, and who applied to which, which applications hands out",
    "careers": "repeats what the other services hold",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_stands_wherever_services_are_listed(name: str) -> None:
    """CONTRIBUTING.md says the same list; the gateway, samples and pages have tests of their own that ask for each."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert name in compose
    assert name in compose["gateway"]["depends_on"]
    assert (f"/{name}/my-data" in {address for address, *_ in DOWNLOADS}) is (name not in HOLDS_NOTHING)
    rows = [line for line in ACCESS if line.split(" ")[1].split("/")[1] == name]
    assert rows, f"no row of the access table is of {name}"
    published = service(name).published.events
    assert (ROOT / "contracts" / name / "samples.json").exists() is bool(published)
    assert (ROOT / "tests" / name / "__init__.py").exists()
    assert (ROOT / "services" / name / "templates" / "fr.po").exists()


def test_the_site_is_made_of_the_services_that_there_are() -> None:
    assert SITE.names == NAMES
    assert {SITE.home, SITE.sessions.name} <= set(NAMES)
