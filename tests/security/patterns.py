"""Every pattern of the program with the ways in which it is used, found by looking: a new one is tested by itself."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import services
import shared
from services.support.domain.passwords import looks_like_password
from shared.ops.logs import _masked, _safe_reason
from shared.vocabulary.words import without_tags

METHODS: Final = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")
Use = Callable[[str], Any]


class Used(NamedTuple):
    """A pattern and one way in which it is used."""

    name: str
    pattern: str
    use: Use


THROUGH: Final[Mapping[str, Use]] = {
    "shared.vocabulary.words._TAG": without_tags,
    "shared.ops.logs._MAIL": _masked,
    "shared.ops.logs._TOKEN": _masked,
    "shared.ops.logs._QUOTED": lambda text: _safe_reason(ValueError(text)),
    "services.support.domain.passwords._REVEALED": looks_like_password,
}
"""Patterns that would take too long for a text of any length, with the one function that bounds what they are given."""

NEVER_FOREIGN: Final[Mapping[str, str]] = {
    "shared/web/assets.py": "reads our own style sheets, when they are installed",
    "shared/web/environment.py": "reads the macros of govuk-frontend, when a process starts",
    "services/vacancies/domain/postings.py": "reads a file of postings that an operator imports by command",
    "services/vacancies/domain/importing.py": "reads a file of records that an operator imports by command",
}


def used_patterns() -> list[Used]:
    """Those with a name of their own in a module, and those written where they are used."""
    return [*_named(), *_written()]


def _modules() -> Iterator[ModuleType]:
    for package in (shared, services):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in (shared, services):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py")):
            if "node_modules" in path.parts:
                continue  # Not ours, and never run.
            yield str(path.relative_to(root.parent)), ast.parse(path.read_text("utf-8"))


def _calls(tree: ast.Module) -> Iterator[tuple[str, str, ast.Call]]:
    """`name.method(…)`, as name, method and call."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            yield node.func.value.id, node.func.attr, node


def _named() -> Iterator[Used]:
    """A pattern is a value of its module; one with a private name is used there only."""
    known: set[int] = set()
    how: dict[tuple[str, str], set[str]] = {}
    for path, tree in _trees():
        for name, method, _ in _calls(tree):
            how.setdefault((path if name[0] == "_" else "", name), set()).add(method)
    for module in _modules():
        path = module.__name__.replace(".", "/")
        path += "/__init__.py" if hasattr(module, "__path__") else ".py"
        for name, value in _values(module):
            if not isinstance(value, re.Pattern) or id(value) in known or path in NEVER_FOREIGN:
                continue
            known.add(id(value))
            full = f"{module.__name__}.{name}"
            if full in THROUGH:
                yield Used(full, str(value.pattern), THROUGH[full])
                continue
            for method in sorted(how.get((path if name[0] == "_" else "", name), set()).intersection(METHODS)) or [
                "search"
            ]:
                yield Used(f"{full}.{method}", str(value.pattern), _use(value, method))


def _values(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The module's values by name, and those that its tables hold."""
    for name, value in vars(module).items():
        yield name, value
        if isinstance(value, dict) and not name.startswith("__"):
            yield from ((f"{name}[{key}]", part) for key, part in value.items())


def _written() -> Iterator[Used]:
    """`re.method("pattern", …)`; a pattern that is put together where it is used cannot be looked at."""
    for path, tree in _trees():
        if path not in NEVER_FOREIGN:
            for name, method, call in _calls(tree):
                if name == "re" and method in METHODS:
                    pattern = ast.literal_eval(call.args[0])
                    yield Used(f"{path}:{call.lineno} re.{method}", pattern, _use(re.compile(pattern), method))


def _use(pattern: re.Pattern[Any], method: str) -> Use:
    use, is_bytes = getattr(pattern, method), isinstance(pattern.pattern, bytes)
    if method in ("sub", "subn"):
        use = partial(use, b"" if is_bytes else "")
    return (lambda text: use(text.encode())) if is_bytes else use
