"""Every refusal and fault as one answer: status, title, what to correct; as a problem document too (RFC 9457)."""

import http
import socket
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

import asyncpg
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from shared.auth import InsufficientScope, InvalidToken
from shared.http.pointers import BODY, Sent, along, named, pointer, standing
from shared.model.errors import N_, MadeForAnother, Problem, Refused, TooMany, Unauthenticated, Unavailable
from shared.model.reasons import Reason
from shared.store.keys import KeyMissing
from shared.store.requests import KEY
from shared.vocabulary.problems import EXPLANATIONS

REASONS: Mapping[int, Reason] = {told.status: reason for reason, told in reversed([*EXPLANATIONS.items()])}
"""What a status says where nothing says more: the first that is explained of each."""

TYPE: Final = "urn:postulo:problem:"

TITLES: Mapping[int, str] = {
    304: N_("Nothing has changed"),
    400: N_("The request cannot be understood"),
    401: N_("You are not logged in"),
    403: N_("You may not do this"),
    404: N_("Page not found"),
    405: N_("This cannot be done here"),
    408: N_("The request took too long to arrive"),
    409: N_("This has changed in the meantime"),
    410: N_("This has been erased"),
    412: N_("This has changed in the meantime"),
    413: N_("This is too large"),
    414: N_("This address is too long"),
    415: N_("This format is not accepted"),
    422: N_("There is a problem"),
    429: N_("Too many attempts"),
    431: N_("This is too large"),
    500: N_("Something went wrong on our side"),
    503: N_("The service is temporarily unavailable"),
}

OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    ConnectionError,
    TimeoutError,
    KeyMissing,
    socket.gaierror,
)
UNSTORABLE = (
    asyncpg.exceptions.CharacterNotInRepertoireError,
    asyncpg.exceptions.UntranslatableCharacterError,
    UnicodeEncodeError,
)
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
PAUSE = {"Retry-After": "5"}
MOST_PROBLEMS = 100
"""Of a request that is wrong in more places, so many are named."""


class FieldProblem(BaseModel):
    """One thing to correct."""

    field: str
    pointer: str | None = Field(
        description="JSON Pointer (RFC 6901) into the body that was sent; null for what stands elsewhere."
    )
    message: str


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457). `reference` is what support asks for."""

    type: str = Field(
        description="`urn:postulo:problem:` and a reason that never changes. /help/problems explains each of them.",
        examples=[f"{TYPE}{Reason.INVALID}"],
    )
    title: str
    status: int
    detail: str
    reference: str
    errors: list[FieldProblem]


class Answer(NamedTuple):
    """What to say about an exception; the title and the problems' sentences are still catalogue keys.

    beside: the fields that stand in the address or in headers, not in the body. reason: that of the status if none.
    """

    status: int
    problems: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = {}
    beside: frozenset[str] = frozenset()
    reason: Reason | None = None

    @property
    def title(self) -> str:
        return TITLES.get(self.status, TITLES[500 if self.status >= 500 else 400])

    @property
    def known_as(self) -> Reason:
        usual = Reason.INTERNAL if self.status >= 500 else Reason.MALFORMED
        return self.reason or REASONS.get(self.status, usual)


def answer_to(exc: Exception) -> Answer:
    """Refusals by their kind, invalid requests 422, framework refusals as they are, outages 503, all else 500."""
    if isinstance(exc, Refused):
        return Answer(status_of(exc), exc.problems[:MOST_PROBLEMS], _headers(exc), frozenset({KEY}), exc.reason)
    if isinstance(exc, RequestValidationError):
        return _unreadable(exc)
    if isinstance(exc, HTTPException):
        return Answer(exc.status_code, _detail(exc), dict(exc.headers or {}))
    if isinstance(exc, UNSTORABLE):
        return Answer(422, (Problem("", UNREADABLE),), reason=Reason.UNSTORABLE)
    return Answer(503, headers=PAUSE) if outage(exc) else Answer(500)


def _unreadable(exc: RequestValidationError) -> Answer:
    errors = list(islice(exc.errors(), MOST_PROBLEMS))
    if any(error["loc"] == ("header", KEY) and error["type"] in _ABSENT for error in errors):
        return Answer(400, (Problem(KEY, KEY_NEEDED),), beside=frozenset({KEY}), reason=Reason.KEY_MISSING)
    problems = tuple(_problem(error, exc.body) for error in errors)
    return Answer(422, problems, beside=frozenset(problem.field for problem in problems if not problem.path) - {BODY})


def status_of(refusal: Refused) -> int:
    """The status that says this kind of refusal."""
    return EXPLANATIONS[refusal.reason].status


def _headers(refusal: Refused) -> Mapping[str, str]:  # noqa: PLR0911 - one a kind
    """When to come back, and what a machine needs to know to do better next time (RFC 6750 §3)."""
    match refusal:
        case TooMany(seconds=seconds):
            return {"Retry-After": str(seconds)}
        case MadeForAnother():
            return {"Postulo-Made-For": "another"}
        case InvalidToken():
            return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        case InsufficientScope(scope=scope):
            return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
        case Unavailable():
            return PAUSE
        case Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return {}


def outage(exc: BaseException) -> bool:
    """Whether the environment failed, not our code: the database is away, full, or does not answer in time."""
    return isinstance(exc, OUTAGES) or type(exc) is OSError


def type_of(reason: Reason) -> str:
    """The type of problem documents with this reason."""
    return f"{TYPE}{reason}"


def document(
    answer: Answer, sent: Sent | None, translated: Callable[[Problem], str], reference: str
) -> ProblemDocument:
    """The problem document in the reader's language, with the places in what was sent, if that may be JSON."""
    errors = [
        FieldProblem(
            field=problem.field,
            pointer=_place(problem, sent, answer.beside) if sent else None,
            message=translated(problem),
        )
        for problem in answer.problems
    ]
    title = translated(Problem("", answer.title))
    detail = "; ".join(error.message for error in errors) or title
    return ProblemDocument(
        type=type_of(answer.known_as), title=title, status=answer.status, detail=detail, reference=reference,
        errors=errors,
    )  # fmt: skip


def _place(problem: Problem, sent: Sent, beside: Collection[str]) -> str | None:
    if problem.path:
        return along(problem.path)
    return None if problem.field in beside else pointer(problem.field, sent)


UNREADABLE = N_("The text contains characters that cannot be stored")
GARBLED = N_("What was sent cannot be read as what its header Content-Type says")

NO_JSON = N_("The body is not valid JSON")
KEY_NEEDED = N_("Send the header Idempotency-Key: this operation is carried out once for each key")
_ABSENT = frozenset({"missing", "string_too_short"})

_SENTENCES: Mapping[str, str] = {
    "missing": N_("%(field)s is missing"),
    "json_invalid": NO_JSON,
    "extra_forbidden": N_("%(field)s is not known here"),
    "string_too_long": N_("%(field)s can have at most %(max_length)s characters"),
    "string_too_short": N_("%(field)s must have at least %(min_length)s characters"),
    "too_long": N_("%(field)s can have at most %(max_length)s entries"),
    "too_short": N_("%(field)s must have at least %(min_length)s entries"),
    "string_type": N_("%(field)s must be text"),
    "int_parsing": N_("%(field)s must be a whole number"),
    "int_type": N_("%(field)s must be a whole number"),
    "bool_parsing": N_("%(field)s must be true or false"),
    "bool_type": N_("%(field)s must be true or false"),
    "uuid_parsing": N_("%(field)s must be a UUID"),
    "uuid_type": N_("%(field)s must be a UUID"),
    "date_from_datetime_parsing": N_("%(field)s must be a date like 2026-11-23"),
    "date_parsing": N_("%(field)s must be a date like 2026-11-23"),
    "datetime_parsing": N_("%(field)s must be a time like 2026-11-23T14:00:00Z"),
    "datetime_from_date_parsing": N_("%(field)s must be a time like 2026-11-23T14:00:00Z"),
    "literal_error": N_("%(field)s must be one of: %(expected)s"),
    "enum": N_("%(field)s must be one of: %(expected)s"),
    "dict_type": N_("%(field)s must be an object"),
    "model_attributes_type": N_("%(field)s must be an object"),
    "model_type": N_("%(field)s must be an object"),
    "list_type": N_("%(field)s must be a list"),
}
_OTHERWISE = N_("%(field)s is not valid")


def _problem(error: Mapping[str, Any], body: Any) -> Problem:
    field, path = _place_of(error, body)
    known = {key: value for key, value in (error.get("ctx") or {}).items() if isinstance(value, str | int | float)}
    known |= {"expected": str(known["expected"]).replace(" or ", ", ")} if "expected" in known else {}
    return Problem(field, _SENTENCES.get(error["type"], _OTHERWISE), {**known, "field": field}, path)


def _place_of(error: Mapping[str, Any], body: Any) -> tuple[str, tuple[str | int, ...]]:
    """The field's name, and its path if it is in the body."""
    where, *path = error["loc"]
    if error["type"] == "json_invalid":
        return str(where), ()
    if where != BODY or not isinstance(body, dict | list):
        return named(path) or str(where), ()
    path = standing(path, body, missing=error["type"] == "missing")
    return named(path) or BODY, path


def _detail(exc: HTTPException) -> tuple[Problem, ...]:
    """The sentence given with the exception, unless it is the framework's own, which is in no catalogue."""
    if exc.status_code == http.HTTPStatus.BAD_REQUEST:
        return (Problem(BODY, GARBLED),)
    return () if exc.detail == PHRASES.get(exc.status_code) else (Problem("", exc.detail),)
