"""Logs as JSON lines (or readable ones locally): with the conversation and the actor, and without personal data."""

import dataclasses
import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import date, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, Literal, cast
from uuid import UUID

import structlog
from pydantic import BaseModel
from structlog.typing import EventDict, Processor

from shared.model.errors import Refused
from shared.model.message import personal_fields
from shared.ops import context
from shared.ops.repetition import Repetitions

HIDDEN: Final = "…"
LONGEST: Final = 2_000
"""Characters of a text that are logged, and looked at for what must not be."""
QUIET: Final = {
    "aiokafka": "CRITICAL",
    "aiokafka.consumer": "ERROR",
    "aiokafka.producer": "ERROR",
    "asyncio": "WARNING",
    "asyncpg.pool": "ERROR",
    "faststream": "WARNING",
    "httpcore": "WARNING",
    "httpx": "WARNING",
    "mail.log": "WARNING",
    "opentelemetry": "ERROR",
    "python_multipart": "WARNING",
    "uvicorn.access": "CRITICAL",
    "uvicorn.error": "WARNING",
}
"""Libraries that say more than anybody reads: FastStream two lines a batch, aiokafka's client what it raises too, and
asyncpg's pool that it does not get a connection either.
"""

_SENSITIVE = re.compile(
    r"pass(word|wd)?$|secret|token|cookie|authorization|api_?key|credential|e_?mail|phone|address|recipient|^to$"
    r"|birth|(given|family|maiden|full|first|last)_?names?$|^name$|subject|body|form|payload|params|values|html|text|snapshot",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^\s@<>\"'(),:;]+@[^\s@<>\"'(),:;]+\.[^\s@<>\"'(),:;]+")
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=[Bb]earer )\S+")
_QUOTED = re.compile(r"(?<!\w)(\"[^\"]*\"|'[^']*'|“[^”]*”|«[^»]*»)|\([^()]*\)=\([^()]*\)")
_PLAIN = (int, float, bool, type(None), UUID, date, time, timedelta, PurePath)


def configure(form: Literal["json", "console"] = "json", level: str = "INFO") -> None:
    """Sends structlog and the libraries' own logging the same way to standard error."""
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    renderers = [structlog.processors.JSONRenderer()] if form == "json" else [in_lines, _console()]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _common(),
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    }
    handler = {
        "class": "logging.StreamHandler", "formatter": "ours", "filters": ["said once"], "stream": "ext://sys.stderr",
    }  # fmt: skip
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"ours": formatter},
            "filters": {"said once": {"()": Repetitions}},
            "handlers": {"out": handler},
            "root": {"handlers": ["out"], "level": level},
            "loggers": {name: {"level": quiet, "handlers": [], "propagate": True} for name, quiet in QUIET.items()},
        }
    )


def _common() -> list[Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
        add_exception,
        redact,
    ]


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def add_context(_: Any, __: str, entry: EventDict) -> EventDict:
    """Whose line it is; the conversation and who asked, where there is one."""
    if service := context.service_at_work():
        entry.setdefault("service", service)
    found = context.current_or_none()
    if found:
        entry.setdefault("correlation", found.correlation)
        if found.actor:
            entry.setdefault("actor", found.actor)
    return entry


def add_exception(_: Any, __: str, entry: EventDict) -> EventDict:
    """What was raised, where, and why; without the values that messages quote."""
    raised = entry.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    exc = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(exc, BaseException):
        entry["exception"] = _described(exc)
    return entry


def in_lines(_: Any, __: str, entry: EventDict) -> EventDict:
    """An exception as lines to read, which is all that the console's renderer takes."""
    if isinstance(raised := entry.get("exception"), dict):
        first = f"{raised['type']}: {raised['reason']}"
        because = [f"because of {raised['because']}"] if "because" in raised else []
        entry["exception"] = "\n  ".join([first, *because, *raised["frames"]])
    return entry


def _described(exc: BaseException) -> dict[str, Any]:
    frames = [f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(exc.__traceback__)]
    described = {"type": type(exc).__name__, "reason": _safe_reason(exc), "frames": frames[-12:]}
    if cause := exc.__cause__ or exc.__context__:
        described["because"] = f"{type(cause).__name__}: {_safe_reason(cause)}"
    return described


def safe_message(error: BaseException) -> str:
    """What was raised, for the operator, without what it may quote of a person; of a refusal only the fields."""
    if isinstance(error, Refused):
        fields = ", ".join(problem.field or problem.message for problem in error.problems)
        return f"{type(error).__name__}: {fields}"
    return f"{type(error).__name__}: {_safe_reason(error)}"


def _safe_reason(exc: BaseException) -> str:
    """The first line of an exception's message, quoted values left out: they may be anybody's."""
    first = next(iter(str(exc)[:LONGEST].splitlines()), "")
    return _masked(_QUOTED.sub(HIDDEN, first))[:300]


def redact(_: Any, __: str, entry: EventDict) -> EventDict:
    """Personal fields of events and models, keys that hold secrets, and addresses in any text become "…"."""
    kept = {"event", "exception", "level", "logger", "timestamp"} | {key for key in entry if key.startswith("_")}
    event = entry.get("event")
    clean = {key: value if key in kept else _clean(key, value) for key, value in entry.items()}
    clean["event"] = _masked(event) if isinstance(event, str) else _safe(event)
    return cast(EventDict, clean)


def _clean(key: str, value: Any) -> Any:
    hidden = _SENSITIVE.search(key) and not isinstance(value, bool | int | float)
    return (HIDDEN if value else value) if hidden else _safe(value)


def _safe(value: Any) -> Any:
    """A value that may be logged; of an unknown object, only its type."""
    if isinstance(value, str):
        return _masked(value)
    if isinstance(value, BaseModel):
        hidden = personal_fields(type(value))
        return {name: HIDDEN if name in hidden and item else _clean(name, item) for name, item in value}
    if isinstance(value, Enum):
        return _safe(value.value)
    if isinstance(value, _PLAIN):
        return value if isinstance(value, int | float | type(None)) else str(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {_safe_reason(value)}"
    return _safe_parts(value)


def _safe_parts(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _clean(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _clean(name, item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(item) for item in value]
    return f"<{value.__name__ if isinstance(value, type) else type(value).__name__}>"


def _masked(text: str) -> str:
    shown = text if len(text) <= LONGEST else text[: LONGEST - 1] + HIDDEN
    return _TOKEN.sub(HIDDEN, _MAIL.sub(HIDDEN, shown))
