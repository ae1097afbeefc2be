"""The JSON door of saved searches (R46–R51)."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.domain import (
    SEARCH,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    RenameSearch,
    RenewSearch,
    SaveSearch,
    Unsubscribe,
    deleting,
    renewing,
    saving,
)
from services.alerts.events import Rhythm
from services.alerts.projections import SEARCHES, SearchDocument, days_left, kept, live, search_key
from shared.auth import Candidate, Who
from shared.http import RequestId, api_router
from shared.model.errors import N_, NotFound, refuse_if
from shared.runtime.kernel import KernelDep
from shared.vocabulary.search import Criteria

router = api_router("alerts")

Text = Annotated[str, Field(max_length=320)]


CRITERIA_EXAMPLE: Final[dict[str, Any]] = {"keywords": 'économiste "commerce international"', "levels": ["P-3", "P-4"],
                                          "duty_stations": ["GENEVA"]}  # fmt: skip
SEARCH_ID: Final = "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911"
SEARCH_EXAMPLE: Final[dict[str, Any]] = {
    "id": SEARCH_ID,
    "name": "Économistes à Genève",
    "criteria": CRITERIA_EXAMPLE,
    "alert": True,
    "email": "anna@example.org",
    "rhythm": "daily",
    "saved_at": "2026-11-23T12:00:00Z",
    "expires_at": "2027-11-23T12:00:00Z",
    "days_left": 365,
    "expired": False,
}


def _example(*examples: Mapping[str, Any]) -> ConfigDict:
    """Unknown fields are refused, so that a misspelt criterion does not find everything."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [dict(example) for example in examples]})


class Sought(Criteria):
    """What is looked for: every part that holds something must be met. The codes are those of /vacancies/api/lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def plain(self) -> Criteria:
        return Criteria.model_validate(self.model_dump())


class NewSearch(BaseModel):
    """R46–R48. Without an address, notifications go to the account's."""

    model_config = _example({name: SEARCH_EXAMPLE[name] for name in ("name", "criteria", "alert", "email", "rhythm")})

    name: Text
    criteria: Sought
    alert: bool = Field(default=False, description="Use it as a job alert.")
    email: Text | None = Field(None, description="Where notifications go; the account's address if it is left out.")
    rhythm: Rhythm = "daily"


class Name(BaseModel):
    """What the search shall be called."""

    model_config = _example({"name": "Économistes"})

    name: Text


class Alert(BaseModel):
    """Where and how often notifications go. Without an address, to the account's."""

    model_config = _example({"email": "anna@example.org", "rhythm": "weekly"})

    email: Text | None = None
    rhythm: Rhythm = "daily"


class Created(BaseModel):
    """The new search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": SEARCH_ID}]})

    id: UUID


class SavedSearch(BaseModel):
    """A saved search. `days_left`: of its 365 days (R49); 0 when it has expired."""

    model_config = ConfigDict(json_schema_extra={"examples": [SEARCH_EXAMPLE]})

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


SearchId = Annotated[UUID, Path(description="As saving answered it.")]
Token = Annotated[str, Path(description="The secret of the search's mails.", max_length=100)]


def _shown(document: SearchDocument, now: datetime) -> SavedSearch:
    left = {"days_left": days_left(document, now), "expired": not live(document, now)}
    return SavedSearch.model_validate({**document, **left})


@router.get("/searches", summary="List my saved searches")
async def saved_searches(kernel: KernelDep, who: Candidate) -> list[SavedSearch]:
    """The candidate's saved searches, expired ones too, in the order in which they were saved."""
    documents, now = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, "")), await kernel.now()
    return [_shown(document, now) for document in kept(documents)]


@router.get("/searches/{search_id}", summary="Read a saved search")
async def saved_search(kernel: KernelDep, who: Candidate, search_id: SearchId) -> SavedSearch:
    """One of the candidate's saved searches."""
    document = await kernel.views.get(SEARCHES, search_key(who.account_id, search_id))
    if document is None or document["deleted"]:
        raise NotFound.because(N_("This saved search does not exist, or is no longer there."))
    return _shown(document, await kernel.now())


@router.post("/searches", status_code=201, summary="Save a search")
async def save(kernel: KernelDep, who: Candidate, search_id: RequestId, body: NewSearch) -> Created:
    """Saves a search for 365 days; the sixth live one is refused (R50). Send an Idempotency-Key to retry safely."""
    refuse_if(body.criteria.problems())
    command = SaveSearch(
        candidate_id=who.account_id, name=body.name, criteria=body.criteria.plain(), alert=body.alert,
        email=_address(body.email, who), rhythm=body.rhythm, language=who.language, token=token_urlsafe(24),
    )  # fmt: skip
    await kernel.execute_all(*saving(search_id, command))
    return Created(id=search_id)


def _address(email: str | None, who: Who) -> str:
    return who.email if email is None else email


@router.put("/searches/{search_id}/name", status_code=204, summary="Rename a saved search")
async def rename(kernel: KernelDep, who: Candidate, search_id: SearchId, body: Name) -> Response:
    """Gives the search another name."""
    await kernel.execute(SEARCH, search_id, RenameSearch(candidate_id=who.account_id, name=body.name))
    return Response(status_code=204)


@router.put("/searches/{search_id}/alert", status_code=204, summary="Use a saved search as a job alert")
async def enable_alert(kernel: KernelDep, who: Candidate, search_id: SearchId, body: Alert) -> Response:
    """Uses the search as a job alert, or changes the alert's address or rhythm (R47, R48)."""
    email = _address(body.email, who)
    await kernel.execute(SEARCH, search_id, EnableAlert(candidate_id=who.account_id, email=email, rhythm=body.rhythm))
    return Response(status_code=204)


@router.delete("/searches/{search_id}/alert", status_code=204, summary="Switch a job alert off")
async def disable_alert(kernel: KernelDep, who: Candidate, search_id: SearchId) -> Response:
    """Keeps the search and sends no more notifications."""
    await kernel.execute(SEARCH, search_id, DisableAlert(candidate_id=who.account_id))
    return Response(status_code=204)


@router.post("/searches/{search_id}/renewal", status_code=204, summary="Renew a saved search")
async def renew(kernel: KernelDep, who: Candidate, search_id: SearchId) -> Response:
    """Another 365 days from now (R49); an expired search needs a free place for it (R50)."""
    await kernel.execute_all(*renewing(search_id, RenewSearch(candidate_id=who.account_id)))
    return Response(status_code=204)


@router.delete("/searches/{search_id}", status_code=204, summary="Delete a saved search")
async def delete(kernel: KernelDep, who: Candidate, search_id: SearchId) -> Response:
    """Deletes the search; its place is free again."""
    await kernel.execute_all(*deleting(search_id, DeleteSearch(candidate_id=who.account_id)))
    return Response(status_code=204)


@router.post("/unsubscribe/{search_id}/{token}", response_class=Response, summary="Unsubscribe with one click")
async def unsubscribe(kernel: KernelDep, search_id: SearchId, token: Token) -> Response:
    """What mail programs call (RFC 8058), from wherever they are: whoever holds the link may, without a session."""
    await kernel.execute(SEARCH, search_id, Unsubscribe(token=token))
    return Response()


@router.get("/unsubscribe/{search_id}/{token}", include_in_schema=False)
async def ask_first(search_id: UUID, token: Token) -> Response:
    """A mail program that does not know of one click opens the page, whose button asks first."""
    return RedirectResponse(f"/alerts/unsubscribe/{search_id}/{quote(token, safe='')}", 303)
