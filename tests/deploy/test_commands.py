"""Every operator's command that a page names is there, and so is every task of make."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from services.__main__ import BRINGING, KIT, app, main, with_commands_of
from services.site import NAMES
from tests.containers import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
MADE = re.compile(r"\bmake ([a-z]+)")
NAMED = (
    re.compile(r'make services ARGS="([^"]+)"'),
    re.compile(r"python -m services ((?!-)[^`\s]+(?: [a-z-]+)?)"),
    re.compile(r"^\| `([a-z]+(?: [a-z-]+)?)[ `\[](?=.*\| )", re.MULTILINE),
)
OF_IDENTITY = re.compile(r"`(identity [a-z-]+)")


@pytest.fixture(scope="module")
def commands() -> Any:
    """The whole command line, with what services add to it, and the kit."""
    for name in BRINGING:
        with_commands_of(name)
    return typer.main.get_command(app)


def operating(page: Path) -> str:
    """What a page says of commands: all of it, but of the README's tables only that of commands."""
    text = page.read_text()
    if page.name != "README.md":
        return re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    table = text.partition("| command | does |\n")[2].partition("\n\n")[0]
    return re.sub(r"^\|.*$", "", text, flags=re.MULTILINE) + "\n" + table


def is_command(words: list[str], group: Any) -> bool:
    found = group.commands.get(words[0])
    return is_command(words[1:], found) if hasattr(found, "commands") and words[1:] else found is not None


def all_commands(group: Any, before: str = "") -> Iterator[str]:
    """Each by the words that it is called with."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from all_commands(command, f"{name} ")
        else:
            yield before + name


def tabled() -> Iterator[str]:
    """The commands of README's table; a row names its group once, and options and values of commands beside them."""
    table = (ROOT / "README.md").read_text().partition("| command | does |\n")[2].partition("\n\n")[0]
    for row in table.splitlines()[1:]:
        spans = [span.split() for span in re.findall(r"`([a-z][^`]*)`", row.split(" | ")[0])]
        group = f"{spans[0][0]} " if spans[0][0] in NAMES else ""
        yield from (group + next(word for word in span if word not in NAMES) for span in spans)


def test_the_readme_s_table_is_the_whole_list_of_commands(commands: Any) -> None:
    assert sorted(tabled()) == sorted(all_commands(commands))


def test_help_lists_what_services_and_the_kit_bring(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "registered_groups", [])
    monkeypatch.setattr(app, "registered_commands", [each for each in app.registered_commands if each.name != KIT])
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^│ ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert {"identity", "vacancies", "run", "retention", KIT} <= set(listed)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_that_is_named_is_there(page: Path, commands: Any) -> None:
    text = operating(page)
    named = {words for pattern in NAMED for words in pattern.findall(text)} - {"COMMAND", "…"}
    named |= set(OF_IDENTITY.findall(page.read_text()))
    assert {words for words in named if not is_command(words.split(), commands)} == set()
    assert named or page.name not in ("README.md", "operations.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_task_of_make_that_is_named_is_there(page: Path) -> None:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MADE.findall(re.sub(r"[^`]*?(`[^`]*`|$)", r"\1 ", page.read_text()))) <= there
