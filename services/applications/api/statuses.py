"""The door at which HR systems set statuses, singly and in bulk (scope applications.status)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Literal, NamedTuple
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
from shared.model.errors import Invalid, NotFound, Problem, Refused
from shared.model.reasons import Reason
from shared.runtime.kernel import Kernel, KernelDep
from shared.store.database import Also, Connection, Pool
from shared.store.requests import KEY, REMEMBERED, REUSED
from shared.web.language import Texts

router = api_router("applications", RESOURCES)

MOST: Final = 500
_KEPT: Final = """select number, answer::text from answers_by_change
    where request = $1 and given_at > clock_timestamp() - $2::interval"""
_KEEP: Final = """with old as (delete from answers_by_change where (request, number) in (
        select request, number from answers_by_change
            where given_at < clock_timestamp() - $4::interval order by given_at limit 4 for update skip locked))
    insert into answers_by_change (request, number, answer) values ($1, $2, $3) on conflict do nothing"""
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


async def _change(kernel: Kernel, application_id: UUID, change: StatusChange, also: Also | None = None) -> None:
    command = ChangeStatus(status=change.status, reason=change.reason)
    await kernel.execute(APPLICATION, application_id, command, also=also)


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
    kept = await _kept(kernel, request, body.changes)
    left = [Asked(request, number, change) for number, change in enumerate(body.changes) if number not in kept]
    if left:
        theirs = await reachable(kernel, who.owners, [asked.change.application_id for asked in left])
        for asked in left:
            await _carry_out(kernel, asked, asked.change.application_id in theirs, texts)
        kept = await _kept(kernel, request, body.changes)
    return Results(results=[kept[number] for number in range(len(body.changes))])


class Asked(NamedTuple):
    """One change of a list that is asked for under a key."""

    request: UUID
    number: int
    change: OneChange

    def result(self, outcome: Literal["set", "refused"], **more: Any) -> Result:
        return Result(application_id=self.change.application_id, status=self.change.status, outcome=outcome, **more)


async def _carry_out(kernel: Kernel, asked: Asked, theirs: bool, texts: Texts) -> None:
    """Keeps the answer with what is done, in one transaction. theirs: whether the application is within reach."""
    try:
        if not theirs:
            raise NotFound.because(UNKNOWN)
        keep = partial(_keep, asked=asked, result=asked.result("set"))
        await _change(kernel, asked.change.application_id, asked.change, keep)
    except Refused as refusal:
        problems = [_told(problem, asked.number, texts) for problem in refusal.problems]
        await _keep(kernel.pool, asked, asked.result("refused", type=type_of(refusal.reason), problems=problems))


def _told(problem: Problem, number: int, texts: Texts) -> RowProblem:
    place = f"/changes/{number}/{problem.field}" if problem.field in OneChange.model_fields else None
    return RowProblem(field=problem.field, pointer=place, message=texts.problem(problem))


async def _kept(kernel: Kernel, request: UUID, changes: Sequence[OneChange]) -> dict[int, Result]:
    """What was answered under this key, by the changes' places in the list. Raises Invalid if they were others."""
    rows = await kernel.pool.fetch(_KEPT, request, REMEMBERED)
    kept = {row["number"]: Result.model_validate(orjson.loads(row["answer"])) for row in rows}
    wishes = {number: (change.application_id, change.status) for number, change in enumerate(changes)}
    if any((result.application_id, result.status) != wishes.get(number) for number, result in kept.items()):
        raise Invalid.because(REUSED, KEY, reason=Reason.KEY_REUSED)
    return kept


async def _keep(db: Connection | Pool, asked: Asked, result: Result) -> None:
    """The first answer counts, also where another process carries out the same request at the same moment."""
    await db.execute(_KEEP, asked.request, asked.number, result.model_dump_json(), REMEMBERED)
