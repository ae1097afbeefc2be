"""Which rule of the recruitment platform is proven by which test: `make rules`. Collects tests and runs none."""

import io
import sys
from collections import defaultdict
from contextlib import redirect_stdout

import pytest
from rich.console import Console
from rich.table import Column, Table

RULES = tuple(f"R{number}" for number in range(1, 76))


class Collected:
    """A pytest plugin that remembers which test is marked with which rule."""

    def __init__(self) -> None:
        self.proofs: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("rule"):
                for rule in mark.args:
                    self.proofs[rule].append(item.nodeid.partition("[")[0].removeprefix("tests/"))


def main() -> int:
    collected = Collected()
    with redirect_stdout(io.StringIO()) as said:
        status = pytest.main(["--collect-only", "-q", "-m", "rule"], plugins=[collected])
    if status != pytest.ExitCode.OK:
        print(said.getvalue(), file=sys.stderr)
        return 1
    show(collected.proofs)
    unknown = collected.proofs.keys() - set(RULES)
    if unknown:
        print(f"No such rule: {', '.join(sorted(unknown))}", file=sys.stderr)
    return 1 if unknown or len(collected.proofs) < len(RULES) else 0


def show(proofs: defaultdict[str, list[str]]) -> None:
    table = Table("rule", Column("proven by", overflow="fold"))
    for rule in RULES:
        if tests := sorted(set(proofs.get(rule, ()))):
            table.add_row(rule, "\n".join(tests))
    console = Console()
    console.print(table)
    missing = [rule for rule in RULES if rule not in proofs]
    console.print(
        f"{len(RULES) - len(missing)} of {len(RULES)} rules are proven; not yet: {', '.join(missing) or 'none'}"
    )


if __name__ == "__main__":
    sys.exit(main())
