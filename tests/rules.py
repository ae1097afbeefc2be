"""Which rule of docs/rules.md is proven by which test: `make rules`. Collects tests and runs none."""

import io
import re
import sys
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Column, Table

RULES = tuple(f"R{number}" for number in range(1, 76))
TEXT = Path(__file__).parents[1] / "docs" / "rules.md"
ROW = re.compile(r"^\| (R\d+) \| (.+?) \| [A-Z,]+ \|$", re.MULTILINE)


class Collected:
    """A pytest plugin that remembers which test is marked with which rule."""

    def __init__(self) -> None:
        self.proofs: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("rule"):
                for rule in mark.args:
                    self.proofs[rule].append(item.nodeid.partition("[")[0].removeprefix("tests/"))


def written() -> list[tuple[str, str]]:
    """The rules as docs/rules.md says them, each with its number."""
    return ROW.findall(TEXT.read_text("utf-8"))


def main() -> int:
    rules = written()
    listed, known = Counter(number for number, _ in rules), Counter(RULES)
    if wrong := (listed - known) | (known - listed):
        print(
            f"docs/rules.md lacks these rules, says them twice, or has no such ones: {', '.join(wrong)}",
            file=sys.stderr,
        )
        return 1
    collected = Collected()
    with redirect_stdout(io.StringIO()) as said:
        status = pytest.main(["--collect-only", "-q", "-m", "rule"], plugins=[collected])
    if status != pytest.ExitCode.OK:
        print(said.getvalue(), file=sys.stderr)
        return 1
    show(collected.proofs, dict(rules))
    unknown = collected.proofs.keys() - set(RULES)
    if unknown:
        print(f"No such rule: {', '.join(sorted(unknown))}", file=sys.stderr)
    return 1 if unknown or len(collected.proofs) < len(RULES) else 0


def show(proofs: defaultdict[str, list[str]], texts: dict[str, str]) -> None:
    table = Table("", Column("rule", ratio=2), Column("proven by", overflow="fold", ratio=3), show_lines=True)
    for rule in RULES:
        if tests := sorted(set(proofs.get(rule, ()))):
            table.add_row(rule, texts[rule], "\n".join(tests))
    console = Console()
    console.print(table)
    missing = [rule for rule in RULES if rule not in proofs]
    console.print(
        f"{len(RULES) - len(missing)} of {len(RULES)} rules are proven; not yet: {', '.join(missing) or 'none'}"
    )


if __name__ == "__main__":
    sys.exit(main())
