"""The JSON door of saved searches (R46–R51)."""

from collections.abc import AsyncIterator
from datetime import datetime
from secrets import token_urlsafe
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.alerts.domain import (
    SEARCH,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    RenameSearch,
    RenewSearch,
    SaveSearch,
    deleting,
    renewing,
    saving,
)
from services.alerts.events import Rhythm
from services.alerts.projections import SEARCHES, SearchDocument, days_left, kept, live, search_key
from shared.auth import Candidate, Who
from shared.errors import N_, NotFound, refuse_if
from shared.http import RequestId, api_router
from shared.runtime import Kernel, KernelDep
from shared.search import Criteria
from shared.takeout import Part, as_json

router = api_router("alerts")

Text = Annotated[str, Field(max_length=320)]


class NewSearch(BaseModel):
    """R46–R48. Without an address, notifications go to the account's."""

    name: Text = Field(examples=["Économistes à Genève"])
    criteria: Criteria = Field(examples=[{"keywords": "économiste", "duty_stations": ["GVA"]}])
    alert: bool = False
    email: Text | None = Field(None, examples=["anna@example.org"])
    rhythm: Rhythm = "daily"


class Name(BaseModel):
    name: Text


class Alert(BaseModel):
    """Where and how often notifications go. Without an address, to the account's."""

    email: Text | None = None
    rhythm: Rhythm = "daily"


class Created(BaseModel):
    id: UUID


class SavedSearch(BaseModel):
    """A saved search. `days_left`: of its 365 days (R49); 0 when it has expired."""

    id: UUID
    name: str
    criteria: Criteria
    alert: bool
    email: str
    rhythm: Rhythm
    saved_at: datetime
    expires_at: datetime
    days_left: int
    expired: bool


def _shown(document: SearchDocument, now: datetime) -> SavedSearch:
    left = {"days_left": days_left(document, now), "expired": not live(document, now)}
    return SavedSearch.model_validate({**document, **left})


@router.get("/searches")
async def saved_searches(kernel: KernelDep, who: Candidate) -> list[SavedSearch]:
    """The candidate's saved searches, expired ones too, in the order in which they were saved."""
    documents, now = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, "")), await kernel.now()
    return [_shown(document, now) for document in kept(documents)]


@router.get("/searches/{search_id}")
async def saved_search(kernel: KernelDep, who: Candidate, search_id: UUID) -> SavedSearch:
    """One of the candidate's saved searches."""
    document = await kernel.views.get(SEARCHES, search_key(who.account_id, search_id))
    if document is None or document["deleted"]:
        raise NotFound.because(N_("This saved search does not exist, or is no longer there."))
    return _shown(document, await kernel.now())


@router.post("/searches", status_code=201)
async def save(kernel: KernelDep, who: Candidate, search_id: RequestId, body: NewSearch) -> Created:
    """Saves a search for 365 days; the sixth live one is refused (R50). Send an Idempotency-Key to retry safely."""
    refuse_if(body.criteria.problems())
    command = SaveSearch(
        candidate_id=who.account_id, name=body.name, criteria=body.criteria, alert=body.alert,
        email=_address(body.email, who), rhythm=body.rhythm, language=who.language, token=token_urlsafe(24),
    )  # fmt: skip
    await kernel.execute_all(*saving(search_id, command))
    return Created(id=search_id)


def _address(email: str | None, who: Who) -> str:
    return who.email if email is None else email


@router.put("/searches/{search_id}/name", status_code=204)
async def rename(kernel: KernelDep, who: Candidate, search_id: UUID, body: Name) -> Response:
    """Gives the search another name."""
    await kernel.execute(SEARCH, search_id, RenameSearch(candidate_id=who.account_id, name=body.name))
    return Response(status_code=204)


@router.put("/searches/{search_id}/alert", status_code=204)
async def enable_alert(kernel: KernelDep, who: Candidate, search_id: UUID, body: Alert) -> Response:
    """Uses the search as a job alert, or changes the alert's address or rhythm (R47, R48)."""
    email = _address(body.email, who)
    await kernel.execute(SEARCH, search_id, EnableAlert(candidate_id=who.account_id, email=email, rhythm=body.rhythm))
    return Response(status_code=204)


@router.delete("/searches/{search_id}/alert", status_code=204)
async def disable_alert(kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    """Keeps the search and sends no more notifications."""
    await kernel.execute(SEARCH, search_id, DisableAlert(candidate_id=who.account_id))
    return Response(status_code=204)


@router.post("/searches/{search_id}/renewal", status_code=204)
async def renew(kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    """Another 365 days from now (R49); an expired search needs a free place for it (R50)."""
    await kernel.execute_all(*renewing(search_id, RenewSearch(candidate_id=who.account_id)))
    return Response(status_code=204)


@router.delete("/searches/{search_id}", status_code=204)
async def delete(kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    """Deletes the search; its place is free again."""
    await kernel.execute_all(*deleting(search_id, DeleteSearch(candidate_id=who.account_id)))
    return Response(status_code=204)


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """What alerts holds about a candidate: the saved searches, without the secret of their unsubscribe links."""
    documents = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))
    searches = [{name: value for name, value in each.items() if name != "token"} for each in kept(documents)]
    yield "searches.json", as_json(searches)
