"""The JSON door of saved job openings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, Field

from services.alerts.use_cases import openings
from services.vacancies.events import State
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep

router = api_router("alerts")

VacancyId = Annotated[UUID, Path(description="The job opening: its id in vacancies.")]


class SavedOpening(BaseModel):
    """A saved job opening. One that is over stays until it is taken off, or its deadline passed a year ago."""

    vacancy_id: UUID
    job_opening_number: str = Field(examples=["26-ECO-UNCTAD-2468-R"])
    title: str = Field(description="In English, if there is a notice in it", examples=["Economist"])
    level: str = Field(examples=["P-4"])
    duty_stations: list[str] = Field(description="Their names in English", examples=[["Geneva"]])
    closes_at: datetime
    status: State
    saved_at: datetime


@router.get("/openings", summary="List my saved job openings")
async def saved_openings(kernel: KernelDep, who: Candidate) -> list[SavedOpening]:
    """What the candidate has saved: what closes first before the others, and what is over last."""
    return [_shown(each) for each in await openings.saved(kernel, who, "en")]


def _shown(row: openings.SavedOpening) -> SavedOpening:
    vacancy = row.vacancy
    return SavedOpening.model_validate({
        **vacancy, "vacancy_id": vacancy["id"], "job_opening_number": vacancy["number"],
        "duty_stations": vacancy["stations"], "status": row.state, "saved_at": row.saved_at,
    })  # fmt: skip


@router.put("/openings/{vacancy_id}", status_code=204, summary="Save a job opening")
async def save_opening(kernel: KernelDep, who: Candidate, vacancy_id: VacancyId) -> Response:
    """Keeps an eye on an open one: its deadline and its changes are mailed as the candidate has chosen."""
    await openings.save(kernel, who, vacancy_id)
    return Response(status_code=204)


@router.delete("/openings/{vacancy_id}", status_code=204, summary="Take a job opening off my list")
async def leave_opening(kernel: KernelDep, who: Candidate, vacancy_id: VacancyId) -> Response:
    """Nothing more is mailed about it; nothing changes if it is not saved."""
    await openings.leave(kernel, who, vacancy_id)
    return Response(status_code=204)
