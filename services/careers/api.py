"""The JSON door of the Careers page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.careers.projections import OVERVIEW, VACANCIES, ShownApplication, nothing_yet, shown, vacancy_ids
from services.careers.projections import Suggestion as SuggestionRow
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime import KernelDep

router = api_router("careers")

StatusCode = Literal[
    "draft", "applied", "under_consideration", "selected", "rostered", "recruitment_completed", "filled_from_roster",
    "cancelled", "withdrawn",
]  # fmt: skip


class Step(BaseModel):
    """One dated change of status."""

    status: StatusCode
    at: datetime
    reason: str


class Application(BaseModel):
    """An application (R26, R53). `vacancy_id` and `submitted_at` are null at first; `php`: path of the PDF."""

    id: UUID
    created_at: datetime
    submitted_at: datetime | None
    vacancy_id: UUID | None
    job_opening_number: str
    title: str
    status: StatusCode
    reference: str
    php: str
    timeline: list[Step]


class Search(BaseModel):
    id: UUID
    name: str
    alert: bool
    expires_at: datetime
    days_left: int
    expired: bool


class Suggestion(BaseModel):
    """An open vacancy that fits the saved searches named."""

    vacancy_id: UUID
    job_opening_number: str
    title: str
    closes_at: datetime
    searches: list[str]


class Ticket(BaseModel):
    id: UUID
    number: str
    subject: str
    status: Literal["open", "answered", "declined", "closed"]
    opened_at: datetime
    unread: bool


class Overview(BaseModel):
    """Everything a candidate sees at a glance."""

    applications: list[Application]
    profile_percent: int = Field(ge=0, le=100)
    searches: list[Search]
    suggestions: list[Suggestion]
    tickets: list[Ticket]


@router.get("/overview")
async def overview(kernel: KernelDep, who: Candidate, status: StatusCode | None = None) -> Overview:
    """The candidate's applications, all of them or those with this status, and what else concerns them."""
    known = await kernel.views.get(OVERVIEW, who.account_id) or nothing_yet()
    seen = shown(known, await kernel.views.many(VACANCIES, vacancy_ids(known)), await kernel.now())
    rows = [row for row in seen["applications"] if status in (None, row["status"])]
    return Overview(
        applications=[_application(row) for row in rows],
        profile_percent=seen["percent"],
        searches=[Search.model_validate(row) for row in seen["searches"]],
        suggestions=[_suggestion(each) for each in seen["suggestions"]],
        tickets=[Ticket.model_validate(row) for row in seen["tickets"]],
    )


def _application(row: ShownApplication) -> Application:
    return Application.model_validate({
        **row, "submitted_at": row["submitted_at"] or None, "vacancy_id": row["vacancy_id"] or None,
        "job_opening_number": row["number"], "php": f"/applications/{row['id']}/php",
    })  # fmt: skip


def _suggestion(each: SuggestionRow) -> Suggestion:
    vacancy = each["vacancy"]
    return Suggestion.model_validate({
        "vacancy_id": vacancy["id"], "job_opening_number": vacancy["number"], "title": vacancy["title"],
        "closes_at": vacancy["closes_at"], "searches": each["searches"],
    })  # fmt: skip
