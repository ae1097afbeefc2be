"""The door at which HR systems set statuses, singly and in bulk (scope applications.status)."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.candidate import TextsDep
from services.applications.api.hr import answer
from services.applications.api.models import (
    RESOURCES,
    Body,
    ProblemText,
    StatusChange,
    StatusRead,
    SubmittedRead,
    problem_texts,
    status_read,
)
from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus
from services.applications.domain.draft import UNKNOWN
from services.applications.use_cases.submitted import reachable, submitted
from shared.auth import StatusSetter
from shared.http import RequestId, api_router
from shared.model.errors import N_, Invalid, NotFound, Problem, Refused, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.web.language import Texts

router = api_router("applications", RESOURCES)

MOST: Final = 500
BULK: Final[dict[str, Any]] = {
    "changes": [
        {"application_id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b11", "status": "under_consideration"},
        {
            "application_id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b12",
            "status": "rostered",
            "reason": "Endorsed by the central review body.",
        },
    ]
}


def keyed(idempotency_key: Annotated[str, Header(min_length=1, max_length=255)]) -> str:
    """The key without which a bulk request is not taken; `RequestId` is derived from it."""
    return idempotency_key


class OneChange(StatusChange):
    """A status for one application."""

    model_config = ConfigDict(json_schema_extra={"examples": [BULK["changes"][1]]})

    application_id: UUID


class BulkChange(Body):
    """Statuses for several applications, carried out in this order."""

    model_config = ConfigDict(json_schema_extra={"examples": [BULK]})

    changes: list[OneChange] = Field(min_length=1, max_length=MOST)


class Result(BaseModel):
    """What became of one change: `set`, the application has this status; `refused`, it was left as it is, and why."""

    application_id: UUID
    status: str
    outcome: Literal["set", "refused"]
    problems: list[ProblemText] = []


class Results(BaseModel):
    """One result for each change, in the order in which they were sent."""

    results: list[Result]


@router.post("/submitted/{application_id}/status")
async def change_status(
    kernel: KernelDep, who: StatusSetter, application_id: UUID, body: StatusChange
) -> SubmittedRead | StatusRead:
    """Sets the status of a submitted application; the candidate sees it with its date and reason.

    Applied leads to under consideration, and that to an outcome; `cancelled` is possible from both. The status that
    the application has already changes nothing; any other step is refused (409). Who may not read applications is
    answered with the status alone.
    """
    await submitted(kernel, who.owners, application_id)
    await _change(kernel, application_id, body)
    document = await submitted(kernel, who.owners, application_id)
    return await answer(kernel, document) if "applications.read" in who.permissions else status_read(document)


async def _change(kernel: Kernel, application_id: UUID, change: StatusChange) -> None:
    await kernel.execute(APPLICATION, application_id, ChangeStatus(status=change.status, reason=change.reason))


@router.post("/statuses", dependencies=[Depends(keyed)])
async def change_statuses(
    kernel: KernelDep, who: StatusSetter, request: RequestId, body: BulkChange, texts: TextsDep
) -> Results:
    """Sets the statuses of up to 500 applications, each by itself: one that is refused holds up no other.

    Answers 200 with a result for each change, and 422 if the list itself cannot be read or names an application twice.
    Send an `Idempotency-Key`: a retry with the same key and the same changes is answered as the first was for 30 days
    and changes nothing, even if statuses have moved on meanwhile; the same key with other changes is refused (422). If
    a request breaks off in the middle, its retry does the rest.
    """
    refuse_if(_twice(body.changes))
    asked = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    kept = await _kept(kernel, request, asked)
    if kept is None:
        theirs = await reachable(kernel, who.owners, [change.application_id for change in body.changes])
        results = [await _result(kernel, change, change.application_id in theirs, texts) for change in body.changes]
        kept = await _keep(kernel, request, asked, Results(results=results))
    return kept


def _twice(changes: list[OneChange]) -> Iterator[Problem]:
    seen: set[UUID] = set()
    for number, change in enumerate(changes):
        if change.application_id in seen:
            yield Problem(f"changes.{number}.application_id", N_("An application can stand in one request only once"))
        seen.add(change.application_id)


async def _result(kernel: Kernel, change: OneChange, theirs: bool, texts: Texts) -> Result:
    """theirs: whether the application is within reach of whoever asks."""
    common: dict[str, Any] = {"application_id": change.application_id, "status": change.status}
    try:
        if not theirs:
            raise NotFound.because(UNKNOWN)
        await _change(kernel, change.application_id, change)
    except Refused as refusal:
        return Result(**common, outcome="refused", problems=problem_texts(list(refusal.problems), texts))
    return Result(**common, outcome="set")


async def _kept(kernel: Kernel, request: UUID, asked: str) -> Results | None:
    row = await kernel.pool.fetchrow("select asked, answer::text from answers where request = $1", request)
    if row is None:
        return None
    if row["asked"] != asked:
        raise Invalid.because(N_("This idempotency key was used for another request"), "idempotency-key")
    return Results.model_validate(orjson.loads(row["answer"]))


async def _keep(kernel: Kernel, request: UUID, asked: str, results: Results) -> Results:
    """The first answer counts, also for one that was asked for at the same moment."""
    await kernel.pool.execute("delete from answers where given_at < now() - interval '30 days'")
    sql = "insert into answers (request, asked, answer, given_at) values ($1, $2, $3, now()) on conflict do nothing"
    await kernel.pool.execute(sql, request, asked, results.model_dump_json())
    return await _kept(kernel, request, asked) or results
