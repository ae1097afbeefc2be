"""The door at which HR systems set statuses, singly and in bulk (scope applications.status)."""

from typing import Any, Final, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.candidate import TextsDep
from services.applications.api.hr import answer
from services.applications.api.models import (
    RESOURCES,
    Body,
    StatusChange,
    StatusRead,
    SubmittedRead,
    status_read,
)
from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus
from services.applications.domain.draft import UNKNOWN
from services.applications.use_cases.submitted import reachable, submitted
from shared.auth import StatusSetter
from shared.http import KeyNeeded, RequestId, api_router
from shared.http.problems import FieldProblem, type_of
from shared.model.errors import NotFound, Problem, Refused
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


class OneChange(StatusChange):
    """A status for one application."""

    model_config = ConfigDict(json_schema_extra={"examples": [BULK["changes"][1]]})

    application_id: UUID


class BulkChange(Body):
    """Statuses for several applications, carried out in this order."""

    model_config = ConfigDict(json_schema_extra={"examples": [BULK]})

    changes: list[OneChange] = Field(min_length=1, max_length=MOST)


class RowProblem(FieldProblem):
    """One thing to correct in a change."""

    pointer: str | None = Field(None, description="JSON Pointer (RFC 6901) into the list that was sent.")


class Result(BaseModel):
    """What became of one change: `set`, the application has this status; `refused`, it was left as it is, and why."""

    application_id: UUID
    status: str
    outcome: Literal["set", "refused"]
    type: str | None = Field(None, description="The `type` that a problem document of this refusal would have.")
    problems: list[RowProblem] = []


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


@router.post("/statuses", dependencies=[KeyNeeded])
async def change_statuses(
    kernel: KernelDep, who: StatusSetter, request: RequestId, body: BulkChange, texts: TextsDep
) -> Results:
    """Sets the statuses of up to 500 applications, each by itself: one that is refused holds up no other.

    Answers 200 with a result for each change, in their order, and 422 if the list itself cannot be read. Send an
    `Idempotency-Key`: a retry with the same key and the same changes is answered as the first was for 30 days and
    changes nothing, even if statuses have moved on meanwhile. If a request breaks off in the middle, its retry does
    the rest.
    """
    kept = await _kept(kernel, request)
    if kept is None:
        theirs = await reachable(kernel, who.owners, [change.application_id for change in body.changes])
        results = [
            await _result(kernel, number, change, change.application_id in theirs, texts)
            for number, change in enumerate(body.changes)
        ]
        kept = await _keep(kernel, request, Results(results=results))
    return kept


async def _result(kernel: Kernel, number: int, change: OneChange, theirs: bool, texts: Texts) -> Result:
    """theirs: whether the application is within reach of whoever asks. number: of the change in the list."""
    common: dict[str, Any] = {"application_id": change.application_id, "status": change.status}
    try:
        if not theirs:
            raise NotFound.because(UNKNOWN)
        await _change(kernel, change.application_id, change)
    except Refused as refusal:
        problems = [_told(problem, number, texts) for problem in refusal.problems]
        return Result(**common, outcome="refused", type=type_of(refusal.reason), problems=problems)
    return Result(**common, outcome="set")


def _told(problem: Problem, number: int, texts: Texts) -> RowProblem:
    place = f"/changes/{number}/{problem.field}" if problem.field in OneChange.model_fields else None
    return RowProblem(field=problem.field, pointer=place, message=texts.problem(problem))


async def _kept(kernel: Kernel, request: UUID) -> Results | None:
    sql = "select answer::text from answers where request = $1 and given_at > now() - interval '30 days'"
    answer = await kernel.pool.fetchval(sql, request)
    return None if answer is None else Results.model_validate(orjson.loads(answer))


async def _keep(kernel: Kernel, request: UUID, results: Results) -> Results:
    """The first answer counts, also for one that was asked for at the same moment."""
    await kernel.pool.execute("delete from answers where given_at < now() - interval '30 days'")
    sql = "insert into answers (request, answer, given_at) values ($1, $2, now()) on conflict do nothing"
    await kernel.pool.execute(sql, request, results.model_dump_json())
    return await _kept(kernel, request) or results
