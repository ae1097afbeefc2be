"""The JSON door of the Careers page."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.applications.events import Status
from services.careers.projections import (
    OVERVIEW,
    VACANCIES,
    ApplicationRow,
    Kind,
    OpeningRow,
    attention,
    careers_view,
    nothing_yet,
    places,
    vacancy_ids,
)
from services.careers.projections import Attention as AttentionRow
from services.careers.projections import Suggestion as SuggestionRow
from services.careers.projections.documents import Ticket as TicketRow
from services.careers.projections.documents import Vacancy
from services.support.events import Status as TicketStatus
from services.vacancies.events import State
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep

router = api_router("careers")

Wanted = Annotated[Status | None, Query(description="Only applications with this status; all without it")]


class Step(BaseModel):
    """One dated change of status; `reason` is what HR gave with it, or empty."""

    status: Status
    at: datetime
    reason: str


class Application(BaseModel):
    """An application, submitted or not (R26, R53)."""

    id: UUID
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None = Field(description="Null for a draft")
    vacancy_id: UUID | None = Field(description="Null while no vacancy is targeted")
    job_opening_number: str = Field(description="Of the targeted vacancy, or empty", examples=["26-ECO-UNCTAD-2468-R"])
    title: str = Field(description="The targeted vacancy's, or empty", examples=["Economist"])
    lost_job_opening_number: str = Field(description="Of the vacancy that a draft was meant for, if it was cancelled")
    closes_at: datetime | None = Field(description="The deadline of a draft's vacancy")
    open: bool = Field(description="Whether the targeted vacancy can still be applied for")
    status: Status
    reference: str = Field(description="Of a submitted application, or empty", examples=["2026-7K4M-Q2XD-09TB"])
    php: str = Field(description="Path of the PDF (R27)")
    name: str = Field("", description="Of a draft, by its candidate; empty without one")
    archived: bool = Field(default=False, description="Whether the candidate has put it out of the way")
    timeline: list[Step] = Field(description="From the draft on, the oldest first")


class Search(BaseModel):
    """A saved search (R49). `days_left`: of its 365 days; 0 when it has expired."""

    id: UUID
    name: str = Field(examples=["Économistes à Genève"])
    alert: bool = Field(description="Whether it is used as a job alert")
    expires_at: datetime
    days_left: int = Field(ge=0)
    expired: bool


class Suggestion(BaseModel):
    """A vacancy published since the searches were saved, still open and not yet applied for."""

    vacancy_id: UUID
    job_opening_number: str
    title: str
    level: str = Field(examples=["P-4"])
    duty_stations: list[str] = Field(description="Their names in English", examples=[["Geneva"]])
    closes_at: datetime
    searches: list[str] = Field(description="The names of the saved searches that it fits")


class SavedOpening(BaseModel):
    """A job opening that the candidate has saved."""

    vacancy_id: UUID
    job_opening_number: str = Field(examples=["26-ECO-UNCTAD-2468-R"])
    title: str
    level: str = Field(examples=["P-4"])
    duty_stations: list[str] = Field(description="Their names in English", examples=[["Geneva"]])
    closes_at: datetime
    status: State
    applied: bool = Field(description="Whether an application for it was submitted")
    saved_at: datetime


class Ticket(BaseModel):
    """A request to support. `unread`: it has an answer that the candidate has neither read nor replied to."""

    id: UUID
    number: str = Field(examples=["2026-000123"])
    subject: str
    status: Literal["open", "answered", "declined", "closed"]
    opened_at: datetime
    answered_at: datetime | None = Field(description="When support answered last")
    unread: bool


class Attention(BaseModel):
    """One thing that needs the candidate's attention."""

    kind: Kind = Field(
        description="Support has answered; a draft's deadline is near; its vacancy was cancelled (lost) or has closed "
        "(missed); the profile is not complete; a saved search is about to expire; a draft can be reviewed (ready) or "
        "is not complete (unfinished)"
    )
    href: str = Field(description="Path of the page where it can be done", examples=["/profile"])
    number: str = Field(description="Of the vacancy or ticket that it is about, or empty")
    title: str = Field(description="What that is called, or empty")
    at: datetime | None = Field(description="The time that it is about: a deadline, an answer, an end")
    created_at: datetime | None = Field(description="When the draft was created, if it is about one")
    count: int = Field(description="Percent of the profile, days left of the search, or complete sections of the draft")


class Overview(BaseModel):
    """Everything a candidate sees at a glance: applications newest first, suggestions too, unread tickets first."""

    attention: list[Attention] = Field(description="What needs attention, most pressing first")

    applications: list[Application]
    profile_percent: int = Field(ge=0, le=100, description="100 when every mandatory field is filled (R13)")
    searches: list[Search]
    suggestions: list[Suggestion]
    tickets: list[Ticket]
    openings: list[SavedOpening] = Field(description="Saved job openings; what is over comes last")


@router.get("/overview")
async def overview(kernel: KernelDep, who: Candidate, status: Wanted = None) -> Overview:
    """Everything that concerns the candidate, as it stands after their own last change (R58, R59)."""
    known = await kernel.views.get(OVERVIEW, who.account_id) or nothing_yet()
    now = await kernel.now()
    seen = careers_view(known, await kernel.views.many(VACANCIES, vacancy_ids(known)), now)
    rows = [row for row in seen["applications"] if status in (None, row["status"])]
    return Overview(
        attention=[_attention(item) for item in attention(seen, now)],
        applications=[_application(row) for row in rows],
        profile_percent=seen["percent"],
        searches=[Search.model_validate(row) for row in seen["searches"]],
        suggestions=[_suggestion(each) for each in seen["suggestions"]],
        tickets=[_ticket(row) for row in seen["tickets"]],
        openings=[_opening(row) for row in seen["openings"]],
    )


def _ticket(row: TicketRow) -> Ticket:
    """What waits for an answer is called open here, and in older documents."""
    status = "open" if row["status"] == TicketStatus.WAITING else row["status"]
    return Ticket.model_validate({**row, "status": status, "answered_at": row["answered_at"] or None})


def _attention(item: AttentionRow) -> Attention:
    return Attention.model_validate({**item, "at": item["at"] or None, "created_at": item["created_at"] or None})


def _application(row: ApplicationRow) -> Application:
    blank = {name: row[name] or None for name in ("submitted_at", "vacancy_id", "closes_at")}
    numbers = {"job_opening_number": row["number"], "lost_job_opening_number": row["lost_number"]}
    return Application.model_validate({**row, **blank, **numbers, "php": f"/applications/{row['id']}/php"})


def _suggestion(each: SuggestionRow) -> Suggestion:
    return Suggestion.model_validate({**_named(each["vacancy"]), "searches": each["searches"]})


def _opening(row: OpeningRow) -> SavedOpening:
    said = {"status": row["state"], "applied": row["applied"], "saved_at": row["saved_at"]}
    return SavedOpening.model_validate({**_named(row["vacancy"]), **said})


def _named(vacancy: Vacancy) -> dict[str, Any]:
    """What both say of a vacancy."""
    named = {
        "vacancy_id": vacancy["id"],
        "job_opening_number": vacancy["number"],
        "duty_stations": places(vacancy, "en"),
    }
    return {**vacancy, **named}
