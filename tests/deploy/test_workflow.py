"""The public workflows: what lands is tested, what is locked is listed and audited, and they may do nothing else."""

import re
import shlex
from typing import Any, Final

import pytest
import yaml

from tests.containers import ROOT

FOLDER: Final = ROOT / ".github" / "workflows"
ALL: Final[dict[str, dict[str, Any]]] = {path.name: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yml")}
WORKFLOW: Final = ALL["ci.yml"]
PACKAGES: Final = WORKFLOW["jobs"]["packages"]["steps"]
COMMANDS: Final = "\n".join(step.get("run", "") for step in PACKAGES).replace("\\\n", " ")


def command(tool: str) -> list[str]:
    """The words of the one command that begins so."""
    (found,) = [line for line in COMMANDS.splitlines() if line.strip().startswith(tool)]
    return shlex.split(found)


@pytest.mark.parametrize("name", ALL)
def test_it_may_read_the_repository_and_nothing_else(name: str) -> None:
    assert ALL[name]["permissions"] == {"contents": "read"}
    harmless = {"push", "pull_request", "schedule", "workflow_dispatch"}
    assert ALL[name]["on"].keys() <= harmless, "pull_request_target would run with secrets"
    for job in ALL[name]["jobs"].values():
        assert "permissions" not in job
        assert 0 < job["timeout-minutes"] <= 60
        assert "secrets." not in str(job)


@pytest.mark.parametrize("name", ALL)
def test_a_branch_s_or_a_title_s_words_become_no_command(name: str) -> None:
    runs = [step["run"] for job in ALL[name]["jobs"].values() for step in job["steps"] if "run" in step]
    assert not [run for run in runs if "${{" in run]


def test_all_faults_are_played_each_night_in_parts() -> None:
    job = ALL["faults.yml"]["jobs"]["faults"]
    (command,) = [step["run"] for step in job["steps"] if "make faults" in step.get("run", "")]
    said = re.search(r"--part \$PART/(\d+) ", command)
    assert said
    assert job["strategy"]["matrix"]["part"] == [*range(1, int(said[1]) + 1)]
    assert not job["strategy"]["fail-fast"]


@pytest.mark.parametrize("name", ALL["faults.yml"]["jobs"])
def test_what_was_found_is_kept_whatever_ended_the_search(name: str) -> None:
    """Also its time: a job over its own is cancelled, and has none left for what comes after."""
    job = ALL["faults.yml"]["jobs"][name]
    (at,) = [number for number, step in enumerate(job["steps"]) if "make faults" in step.get("run", "")]
    assert job["steps"][at]["timeout-minutes"] <= job["timeout-minutes"] - 10
    after = job["steps"][at + 1 :]
    assert "upload-artifact" in after[-1]["uses"]
    assert {step["if"] for step in after} == {"${{ !success() }}"}
    assert after[-1]["with"]["name"].endswith("-${{ matrix.part }}"), "each part has an archive of its own"


def test_a_hundred_random_schedules_are_played_each_night_every_time_from_other_seeds() -> None:
    job = ALL["faults.yml"]["jobs"]["schedules"]
    (command,) = [step["run"] for step in job["steps"] if "make faults" in step.get("run", "")]
    each = re.search(r"--schedules (\d+) --seed \$\(\(GITHUB_RUN_NUMBER \* 100 \+ PART \* (\d+)\)\)", command)
    assert each
    assert each[1] == each[2]
    assert len(job["strategy"]["matrix"]["part"]) * int(each[1]) == 100
    assert not job["strategy"]["fail-fast"]


def test_the_image_s_packages_are_listed_as_they_are_installed_in_it() -> None:
    dockerfile = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
    assert "--no-deps --require-hashes -r requirements.lock" in dockerfile
    installed = command("tools/bin/pip --python")
    assert installed[-4:] == ["--no-deps", "--require-hashes", "-r", "deploy/docker/requirements.lock"]
    listed = command("tools/bin/cyclonedx-py")
    assert listed[1:3] == ["environment", installed[2]]
    assert "--validate" in listed
    assert listed[listed.index("--output-file") + 1].startswith("sbom/")
    npm = command("npm sbom")
    assert npm[npm.index("--prefix") + 1] == "shared/web"
    (upload,) = [step["with"] for step in PACKAGES if "upload-artifact" in step.get("uses", "")]
    assert (upload["path"], upload["if-no-files-found"]) == ("sbom", "error")


def test_every_lock_is_audited_and_the_list_is_kept_whatever_the_audit_says() -> None:
    looped = re.search(r"for lock in (.+); do", COMMANDS)
    assert looped
    audited = {path.relative_to(ROOT) for pattern in looped[1].split() for path in ROOT.glob(pattern)}
    locks = {path.relative_to(ROOT) for folder in (ROOT, ROOT / "deploy") for path in folder.rglob("requirements*.lock")
             if not {".venv", "build", "node_modules"} & set(path.parts)}  # fmt: skip
    assert audited == locks
    audit = command("tools/bin/pip-audit")
    assert {"--strict", "--require-hashes", "--disable-pip"} <= set(audit)
    assert audit[-2:] == ["--requirement", "$lock"]
    order = [step.get("uses", step.get("run", "")) for step in PACKAGES]
    assert "pip-audit" in order[-1]
    assert "upload-artifact" in order[-2]
    assert "requirements-audit.lock" in command("tools/bin/pip install")


def test_the_tools_are_those_that_are_locked() -> None:
    lock = (ROOT / "requirements-audit.lock").read_text()
    for tool in ("cyclonedx-bom", "pip-audit"):
        assert re.search(rf"^{tool}==", lock, re.MULTILINE)
