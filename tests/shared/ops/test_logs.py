"""Logs: one JSON line with conversation and actor; canaries planted as personal data never come out."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import pytest
import structlog
from pydantic import BaseModel

from shared.model.message import OWN, Event, Personal
from shared.ops.context import Context, entered
from shared.ops.logs import configure
from tests.shared.logged import logged

CANARY = "Kanarienvogel"


class Address(Event):
    whose = OWN

    town: Personal[str]


class Registered(Event):
    whose = OWN

    code: str
    family_name: Personal[str]
    home: Address
    motto: Personal[str] = ""


@dataclass(frozen=True)
class Person:
    name: str
    number: int


class Pair(NamedTuple):
    token: str
    number: int


class Lines:
    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.all()[-1]

    @property
    def text(self) -> str:
        return self._stream.getvalue()


@pytest.fixture
def lines() -> Iterator[Lines]:
    with logged("INFO") as stream:
        yield Lines(stream)


def log() -> Any:
    return structlog.get_logger("test")


def test_a_line_says_when_who_and_in_which_conversation(lines: Lines) -> None:
    scope = Context(actor="candidate:1")
    with entered(scope):
        log().info("saved", count=3)
    assert lines.last["event"] == "saved"
    assert (lines.last["correlation"], lines.last["actor"]) == (str(scope.correlation), "candidate:1")
    assert (lines.last["level"], lines.last["logger"], lines.last["count"]) == ("info", "test", 3)


def test_outside_of_a_conversation_none_is_invented(lines: Lines) -> None:
    log().info("started")
    assert "correlation" not in lines.last


def test_personal_fields_of_events_are_hidden_at_every_depth(lines: Lines) -> None:
    event = Registered(code="AB1", family_name=CANARY, home=Address(town=CANARY))
    log().info("happened", data=event, again={"deep": [event, (event,)]})
    assert CANARY not in lines.text
    assert lines.last["again"]["deep"][0] == {
        "code": "AB1",
        "family_name": "…",
        "home": {"town": "…"},
        "motto": "",
    }


@pytest.mark.parametrize(
    "entry",
    [
        {"password": CANARY},
        {"reset_token": CANARY},
        {"headers": {"Cookie": CANARY, "Authorization": f"Bearer {CANARY}"}},
        {"email": f"{CANARY}@example.org"},
        {"note": f"to {CANARY}@example.org"},
        {"body": {"anything": CANARY}},
        {"values": [CANARY]},
        {"person": Person(CANARY, 3)},
        {"pair": Pair(CANARY, 3)},
        {"thing": type("Thing", (), {"__repr__": lambda _: CANARY})()},
        {"error": ValueError(f"“{CANARY}” is not a date")},
        {"jwt": f"eyJhbGciOi.{CANARY}.x"},
    ],
)
def test_canaries_do_not_come_out(lines: Lines, entry: dict[str, Any]) -> None:
    log().warning("canary", **entry)
    assert CANARY not in lines.text
    assert lines.last["event"] == "canary"


def test_a_long_text_is_looked_at_and_logged_as_far_as_its_beginning(lines: Lines) -> None:
    log().info("x" * 1_000_000, route="y" * 1_000_000)
    assert (lines.last["event"], lines.last["route"]) == ("x" * 1_999 + "…", "y" * 1_999 + "…")


def test_what_is_not_personal_stays_readable(lines: Lines) -> None:
    number = uuid4()
    log().info("kept", stream=f"application-{number}", position=(1, 2), route="/x/{id}", ok=True, none=None)
    assert lines.last["stream"] == f"application-{number}"
    assert lines.last["position"] == [1, 2]
    assert (lines.last["route"], lines.last["ok"], lines.last["none"]) == ("/x/{id}", True, None)


class Model(BaseModel):
    age: int


def failures() -> list[Exception]:
    found: list[Exception] = [
        RuntimeError(f"cannot read '{CANARY}'"),
        ValueError(f'no such town: "{CANARY}"'),
        asyncpg.UniqueViolationError(f"duplicate key\nDETAIL:  Key (email)=({CANARY}) already exists."),
    ]
    try:
        Model.model_validate({"age": CANARY})
    except ValueError as exc:
        found.append(exc)
    return found


def fail_because_of(failure: Exception) -> None:
    raise LookupError("step failed") from failure


@pytest.mark.parametrize("failure", failures(), ids=lambda exc: type(exc).__name__)
def test_an_exception_says_what_and_where_but_not_whose(lines: Lines, failure: Exception) -> None:
    try:
        fail_because_of(failure)
    except LookupError:
        log().exception("failed")
    assert CANARY not in lines.text
    exception = lines.last["exception"]
    assert (exception["type"], exception["reason"]) == ("LookupError", "step failed")
    assert exception["because"].startswith(type(failure).__name__)
    assert any(frame.startswith("test_logs.py:") for frame in exception["frames"])


def test_the_libraries_speak_the_same_way_and_less(lines: Lines) -> None:
    for name in ("faststream", "uvicorn.access", "aiokafka.consumer", "httpx"):
        logging.getLogger(name).info("chatter")
    assert lines.text == ""
    with entered(Context(actor="machine:hr")):
        try:
            fail_because_of(RuntimeError("broken"))
        except LookupError:
            logging.getLogger("faststream").exception("bad %s", f"{CANARY}@example.org")
    assert lines.last["event"] == "bad …"
    assert (lines.last["actor"], lines.last["exception"]["type"]) == ("machine:hr", "LookupError")


def test_the_console_form_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure("console", "INFO")
    log().info("hello", email=CANARY)
    try:
        fail_because_of(ValueError(f"“{CANARY}” is wrong"))
    except LookupError:
        log().exception("failed")
    monkeypatch.undo()
    configure("json", "WARNING")
    assert "hello" in stream.getvalue()
    assert "Logging error" not in stream.getvalue()
    assert "test_logs.py:" in stream.getvalue()
    assert CANARY not in stream.getvalue()
