"""What is true of the kernel as a whole: it knows no service by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.site import NAMES
from tests.containers import ROOT

PACKAGES = ("model", "vocabulary", "ops", "store", "processing", "kafka", "files", "runtime")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / "shared" / package).rglob("*.py"))

HOMONYMS = {"vocabulary/permissions.py": {"support"}}
"""Names that mean something else there: what an agent may do is called as the service is."""


def literals(path: Path) -> Iterator[str]:
    """The texts in a module's code, but for its docstrings."""
    tree = ast.parse(path.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "shared")))
def test_the_kernel_knows_no_service_by_name(path: Path) -> None:
    names = set(NAMES) - HOMONYMS.get(str(path.relative_to(ROOT / "shared")), set())
    found = [text for text in literals(path) if text in names or text.startswith(tuple(f"/{name}/" for name in NAMES))]
    assert found == []
