"""The set-up: steps done once, told when a server does not answer, and nothing but what we know is installed."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import install, kafka_jars
from deploy.local.trouble import Trouble

BOOTSTRAP = install.ROOT / "deploy" / "local" / "bootstrap.py"


def step(folder: Path, done: list[str]) -> install.Step:
    (folder / "source").write_text("1")
    return install.Step("step", folder / "marks" / "mark", (folder / "source",), folder, lambda _: done.append("work"))


def test_a_step_is_done_once_and_again_when_its_source_changes(tmp_path: Path) -> None:
    done: list[str] = []
    one = step(tmp_path, done)
    assert not one.is_done()
    one.do(print)
    assert one.is_done()
    (tmp_path / "source").write_text("2")
    assert not one.is_done()


def test_a_step_that_fails_is_not_marked_as_done(tmp_path: Path) -> None:
    def fail(say: install.Say) -> None:
        raise Trouble("no", "way")

    (tmp_path / "source").write_text("1")
    failing = install.Step("step", tmp_path / "mark", (tmp_path / "source",), tmp_path, fail)
    with pytest.raises(Trouble):
        failing.do(print)
    assert not failing.is_done()


def test_a_repository_that_does_not_answer_is_asked_again_and_then_told(tmp_path: Path) -> None:
    said: list[str] = []
    script = "print('Max retries exceeded with url'); raise SystemExit(1)"
    with pytest.raises(Trouble, match="No answer from the shelf") as told:
        install._run([sys.executable, "-c", script], said.append, "the shelf", "another shelf", tmp_path)
    assert len(said) == install.TRIES
    assert "another shelf" in told.value.way_out


def test_another_failure_is_told_at_once_with_its_words(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(Trouble, match="disk is full"):
        install._run([sys.executable, "-c", "raise SystemExit('disk is full')"], said.append, "it", "another", tmp_path)
    assert said == ["disk is full"]


def test_a_python_without_its_other_half_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / "venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(install, "find_spec", lambda _name: None)
    with pytest.raises(Trouble, match="ensurepip is missing") as told:
        install._make_environment(print)
    assert told.value.way_out.endswith("apt install python3-venv")
    assert not (tmp_path / "venv").exists()


def test_an_old_python_is_told_what_is_needed(tmp_path: Path) -> None:
    pretend = (
        f"import sys, runpy; sys.version_info = (3, 8, 0); runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=False
    )
    assert done.returncode == 1
    assert "Postulo needs Python 3.11 or newer" in done.stderr
    assert "make run PYTHON=" in done.stderr


def test_a_newer_python_on_the_path_is_taken_instead(tmp_path: Path) -> None:
    newer = tmp_path / "python3.12"
    newer.write_text('#!/bin/sh\necho "taken: $@"\n')
    newer.chmod(0o755)
    pretend = "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = ['bootstrap.py', 'run', '--port', '1']; "
    pretend += f"runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=False
    )
    assert done.stdout.split(": ")[1].split() == [str(BOOTSTRAP), "run", "--port", "1"]


def test_modules_beside_the_bootstrap_do_not_hide_python_s_own() -> None:
    """A Python that has loaded little by then looks into the folder of the program first."""
    script = "import sys; sys.path[0], file = sys.argv[1:]; exec(open(file).read(), {'__name__': '', '__file__': file})"
    fresh = [sys.executable, "-S", "-c", f"{script}; import shutil, uuid", str(BOOTSTRAP.parent), str(BOOTSTRAP)]
    done = subprocess.run(fresh, capture_output=True, text=True, check=False, cwd=os.sep)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_bootstrap_reads_needs_no_package() -> None:
    """It runs before anything is installed."""
    script = "import sys; sys.path[0] = sys.argv[1]; from deploy.local import tasks; print(*sys.modules)"
    isolated = [sys.executable, "-S", "-c", script, str(install.ROOT)]
    done = subprocess.run(isolated, capture_output=True, text=True, check=True, cwd=os.sep)
    assert "deploy.local.install" in done.stdout


def test_the_list_of_jars_is_whole_and_they_are_there() -> None:
    listed = kafka_jars.listed()
    assert set(kafka_jars.WANTED) <= set(listed)
    assert len(listed) == 46
    assert not kafka_jars.missing()
    for coordinates, digest in listed.items():
        jar = kafka_jars._path(kafka_jars.FOLDER, coordinates)
        assert hashlib.sha256(jar.read_bytes()).hexdigest() == digest, coordinates


def test_a_jar_that_is_not_the_one_we_know_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(folder: Path, coordinates: str) -> Path:
        jar = tmp_path / f"{hashlib.sha256(coordinates.encode()).hexdigest()}.jar"
        jar.write_bytes(b"something else")
        return jar

    monkeypatch.setattr(kafka_jars, "_download", changed)
    with pytest.raises(Trouble, match="not the one we know"):
        kafka_jars.fetch(tmp_path, say=lambda _: None)
    assert len(kafka_jars.missing(tmp_path)) == 46
