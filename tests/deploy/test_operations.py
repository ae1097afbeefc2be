"""docs/operations.md says what the code does: its table is printed by it, and its names are names of it."""

import re
import subprocess
import sys

import pytest

from deploy.documented import OPERATIONS, blocks
from services.site import NAMES, chosen
from shared.ops.settings import EXPLICIT, Settings
from shared.runtime.settings_table import settings_table
from tests.containers import ROOT

PAGE = OPERATIONS.read_text()
TABLE = PAGE.partition("<!-- settings: ")[2].partition("-->\n")[2].partition("<!-- /settings -->")[0].strip()
DECLARED = {name for service in chosen(None) for name in service.settings}
KNOWN = {f"POSTULO_{name.upper()}" for name in (Settings.model_fields.keys() - {"of_services"}) | DECLARED}


def rows() -> dict[str, list[str]]:
    """The table's cells by the setting's name."""
    lines = re.findall(r"^\| `(POSTULO_[A-Z_]+)` \| (.*) \|$", TABLE, re.MULTILINE)
    return {name: rest.split(" | ") for name, rest in lines}


def test_the_table_is_the_one_that_the_code_prints() -> None:
    printed = settings_table(chosen(None)).strip()
    assert printed == TABLE, "replace the table in docs/operations.md by what `python -m services settings` prints"


def test_the_command_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "settings"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == settings_table(chosen(None))


def test_every_setting_has_a_row_with_its_file_and_a_meaning() -> None:
    assert rows().keys() == KNOWN
    for name, (_, required, file, meaning) in rows().items():
        assert required == ("yes" if name.removeprefix("POSTULO_").lower() in EXPLICIT else "")
        assert file == f"`{name}_FILE`"
        assert meaning.endswith("."), name


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md", "docker-compose.yml"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    of_the_platform = {f"POSTULO_{word}" for word in ("DATA", "MAILBOX_PORT", "PROCESSES", "SMTP_PORT", "X", "SECRETS")}
    of_the_platform |= {"POSTULO_COMMAND", "POSTULO_CLIENT_COMMAND"}
    named = set(re.findall(r"POSTULO_[A-Z_]*[A-Z]", (ROOT / name).read_text()))
    assert {variable.removesuffix("_FILE") for variable in named} <= KNOWN | of_the_platform


def test_the_readme_leads_there_and_who_calls_whom_is_said_for_every_server() -> None:
    assert "(docs/operations.md)" in (ROOT / "README.md").read_text()
    callers = PAGE.partition("## Between services")[2].partition("## Changing")[0]
    assert {"gateway", "each service", "identity", "PostgreSQL", "Kafka", "mail relay"} <= set(
        re.findall(r"^\| ([\w ]+) \| ", callers, re.MULTILINE)
    )
    assert not [name for name in NAMES if name != "identity" and f"| {name} |" in callers]


def test_what_a_restore_is_told_for_each_shape_is_a_script_that_forgets_no_service() -> None:
    scripts = blocks(PAGE.partition("## Backup and restore")[2].partition("## Changing a secret")[0])
    assert len(scripts) == 5
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    lists = re.findall(r'^(?:services|names)="(.*)"$', "".join(scripts), re.MULTILINE)
    assert [sorted(filter("gateway".__ne__, each.split())) for each in lists] == [sorted(NAMES), sorted(NAMES)]


def test_the_master_key_is_changed_in_the_same_steps_on_kubernetes_and_with_compose() -> None:
    scripts = blocks(PAGE.partition("## Changing a secret")[2])
    stand_ins = """kubectl() { [[ $* != *" exec "* ]] || echo "$*"; }
        docker() { [[ $* != *" exec "* ]] || echo "$*"; }; openssl() { echo NEW; }; cat() { echo OLD; }
        base64() { echo OLD; }; sleep() { :; }"""
    for script in scripts:
        head, steps = script.split("\nold=")
        names = re.findall(r'^names="(.*)"$', head, re.MULTILINE)
        assert [sorted(each.split()) for each in names] == [sorted(NAMES)]
        told = 'master_keys() { echo "keys $1,$2,$3"; }; replaced() { echo replaced; }'
        lines = f"set -eu\n{stand_ins}\n{head}\n{told}\nold={steps}"
        said = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True).stdout
        resealed = [f"reseal {name}" for name in names[0].split()]
        assert [re.sub(r".*(reseal \w+)$", r"\1", line) for line in said.splitlines()] == [
            "keys OLD,,NEW", "replaced", "keys NEW,OLD,", "replaced", *resealed, "keys NEW,,", "replaced", *resealed,
        ]  # fmt: skip
    assert len(scripts) == 2


def test_an_upgrade_is_one_list_in_the_order_in_which_it_is_done() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    steps = re.findall(r"^(\d)\. (.*(?:\n   .*|\n(?=\n   ))*)", text.partition("## 0.1.0")[0], re.MULTILINE)
    assert [int(number) for number, _ in steps] == [*range(1, 10)]
    order = ("Stop", "POSTULO_MASTER_KEY", "migrate`", "topics`", "envoy.yaml", "Start", "rebuild", "encrypt", "Delete")
    for (_, step), word in zip(steps, order, strict=True):
        assert word in step
    assert all(text.count(f"`rebuild {view}`") == 1 for view in ("vacancies search", "alerts vacancies"))


@pytest.mark.parametrize("shape", ["`make run`", "Compose", "Kubernetes"])
def test_each_shape_says_how_metrics_and_sql_are_asked_and_how_it_is_scaled(shape: str) -> None:
    runbooks = (ROOT / "docs" / "runbooks" / "README.md").read_text()
    assert re.search(rf"^\| {shape} \| .*metrics.* \| .*(psql|client).* \|$", runbooks, re.MULTILINE)
    assert re.search(rf"^\| {shape} \| ", PAGE.partition("How one more process")[2], re.MULTILINE)
