"""The JSON door of saved job openings."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.domain import OPENING
from services.alerts.use_cases import openings
from services.vacancies.events import State
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep

router = api_router("alerts", {"": OPENING})

VacancyId = Annotated[UUID, Path(description="The job opening: its id in vacancies.")]


EXAMPLE: Final[dict[str, Any]] = {
    "vacancy_id": "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a912",
    "job_opening_number": "26-ECO-UNCTAD-2468-R",
    "title": "Economist",
    "level": "P-4",
    "duty_stations": ["Geneva"],
    "closes_at": "2026-12-24T04:59:59Z",
    "status": "open",
    "saved_at": "2026-11-23T12:00:00Z",
}


class SavedOpening(BaseModel):
    """A saved job opening. One that is over stays until it is taken off, or its deadline passed a year ago."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    vacancy_id: UUID
    job_opening_number: str
    title: str = Field(description="In English, if there is a notice in it")
    level: str
    duty_stations: list[str] = Field(description="Their names in English")
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
    """Keeps an eye on an open one: its changes are mailed, and its deadline unless it is published in Galaxy.

    Which mails go out, the candidate chooses.
    """
    await openings.save(kernel, who, vacancy_id)
    return Response(status_code=204)


@router.delete("/openings/{vacancy_id}", status_code=204, summary="Take a job opening off my list")
async def leave_opening(kernel: KernelDep, who: Candidate, vacancy_id: VacancyId) -> Response:
    """Nothing more is mailed about it; nothing changes if it is not saved."""
    await openings.leave(kernel, who, vacancy_id)
    return Response(status_code=204)
