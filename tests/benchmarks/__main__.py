"""`make bench`: every bench_… module of this folder, on one PostgreSQL and one Kafka started for it."""

import logging
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from types import ModuleType

import uvloop
from rich.console import Console

from deploy.local.servers import Servers, servers
from shared.ops.logs import configure
from tests.benchmarks.table import Row, show

HERE = Path(__file__).parent
console = Console(stderr=True)


def modules(words: list[str]) -> list[ModuleType]:
    """Those whose names contain one of the words; all without any."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    return [import_module(f"tests.benchmarks.{name}") for name in names if not words or any(w in name for w in words)]


def measured(module: ModuleType, where: Servers) -> list[Row]:
    """The module's rows; one that has none prints for itself."""
    with console.status(f"{(module.__doc__ or '').splitlines()[0]}"):
        if hasattr(module, "rows"):
            return list(uvloop.run(module.rows(where)))
    module.main()
    return []


def main(words: list[str]) -> None:
    configure()
    logging.disable(logging.CRITICAL)
    found: list[Row] = []
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            with servers(Path(folder), durable=True) as where:
                for module in modules(words):
                    found += measured(module, where)
    finally:  # What was measured before a module failed is not measured again.
        if found:
            show(found)


if __name__ == "__main__":
    main(sys.argv[1:])
