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
    deleting,
    renewing,
)
from services.alerts.events import Rhythm
from services.alerts.projections import SEARCHES, SearchDocument, kept, search_key
from services.alerts.use_cases import alerting, recipients
from services.alerts.use_cases.showing import shown
from shared.auth import Candidate, Who
from shared.http import CREATED, RequestId, api_router
from shared.http.networks import Network
from shared.model.errors import N_, NotFound, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.search import Criteria

router = api_router("alerts", {"search_id": SEARCH})
mailed = api_router("alerts")  # What links in mails do, or ask for.
ROUTERS = (router, mailed)

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
    "awaits_confirmation": False,
    "undelivered": False,
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
    """R46–R48. Without an address, notifications go to the account's; another one has to be confirmed by mail."""

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
    """Where and how often notifications go. Without an address, to the account's; another one has to be confirmed."""

    model_config = _example({"email": "anna@example.org", "rhythm": "weekly"})

    email: Text | None = None
    rhythm: Rhythm = "daily"


class Created(BaseModel):
    """The new search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": SEARCH_ID}]})

    id: UUID


class SavedSearch(BaseModel):
    """A saved search. `days_left`: of its 365 days (R49); 0 when it has expired.

    awaits_confirmation: nothing goes to `email` before somebody there has followed the link that was mailed.
    undelivered: the last mail could not be delivered to `email`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [SEARCH_EXAMPLE]})

    id: UUID
    name: str
    criteria: Criteria
    alert: bool
    email: str
    rhythm: Rhythm
    awaits_confirmation: bool
    undelivered: bool
    saved_at: datetime
    expires_at: datetime
    days_left: int
    expired: bool


SearchId = Annotated[UUID, Path(description="As saving answered it.")]
Token = Annotated[str, Path(description="The secret of the search's mails.", max_length=100)]
Question = Annotated[str, Path(description="The last part of the link in the mail that asks.", max_length=100)]


async def _shown(kernel: Kernel, *documents: SearchDocument) -> list[SavedSearch]:
    found = await shown(kernel, *documents)
    return [SavedSearch.model_validate({**each, "expired": not each["live"]}) for each in found]


@router.get("/searches", summary="List my saved searches")
async def saved_searches(kernel: KernelDep, who: Candidate) -> list[SavedSearch]:
    """The candidate's saved searches, expired ones too, in the order in which they were saved."""
    return await _shown(kernel, *kept(await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))))


@router.get("/searches/{search_id}", summary="Read a saved search")
async def saved_search(kernel: KernelDep, who: Candidate, search_id: SearchId) -> SavedSearch:
    """One of the candidate's saved searches."""
    document = await kernel.current(SEARCHES, SEARCH, search_id, search_key(who.account_id, search_id))
    if document is None or document["deleted"]:
        raise NotFound.because(N_("This saved search does not exist, or no longer exists."))
    return (await _shown(kernel, document))[0]


@router.post("/searches", status_code=201, summary="Save a search", responses=CREATED)
async def save(
    kernel: KernelDep, who: Candidate, search_id: RequestId, body: NewSearch, *, network: Network, response: Response
) -> Created:
    """Saves a search for 365 days; the sixth live one is refused (R50). Send an Idempotency-Key to retry safely."""
    refuse_if(body.criteria.problems())
    command = SaveSearch(
        candidate_id=who.account_id, name=body.name, criteria=body.criteria.plain(), alert=body.alert,
        email=_address(body.email, who), rhythm=body.rhythm, language=who.language, token=token_urlsafe(24),
    )  # fmt: skip
    await alerting.save(kernel, who, search_id, command, network)
    response.headers["location"] = f"/alerts/api/searches/{search_id}"
    return Created(id=search_id)


def _address(email: str | None, who: Who) -> str:
    return who.email if email is None else email


@router.put("/searches/{search_id}/name", status_code=204, summary="Rename a saved search")
async def rename(kernel: KernelDep, who: Candidate, search_id: SearchId, body: Name) -> Response:
    """Gives the search another name."""
    await kernel.execute(SEARCH, search_id, RenameSearch(candidate_id=who.account_id, name=body.name))
    return Response(status_code=204)


@router.put("/searches/{search_id}/alert", status_code=204, summary="Use a saved search as a job alert")
async def enable_alert(
    kernel: KernelDep, who: Candidate, search_id: SearchId, body: Alert, *, request_id: RequestId, network: Network
) -> Response:
    """Uses the search as a job alert, or changes the alert's address or rhythm (R47, R48)."""
    wish = EnableAlert(
        candidate_id=who.account_id, email=_address(body.email, who), rhythm=body.rhythm, token=token_urlsafe(24)
    )
    await alerting.enable(kernel, who, search_id, wish, request_id, network)
    return Response(status_code=204)


@mailed.post("/searches/{search_id}/confirmation", status_code=204, summary="Send the link that confirms again")
async def ask_again(
    kernel: KernelDep, who: Candidate, search_id: SearchId, request_id: RequestId, network: Network
) -> Response:
    """Mails the link to the alert's address once more, within limits; nothing if it is confirmed (R48)."""
    await recipients.ask_again(kernel, search_id, who, request_id, network)
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


@mailed.post("/unsubscribe/{search_id}/{token}", response_class=Response, summary="Unsubscribe with one click")
async def unsubscribe(kernel: KernelDep, search_id: SearchId, token: Token) -> Response:
    """What mail programs call (RFC 8058), from wherever they are: whoever holds the link may, without a session."""
    await recipients.unsubscribe(kernel, search_id, token)
    return Response()


@mailed.post("/confirmations/{search_id}/{token}", status_code=204, summary="Confirm the address of an alert")
async def confirm(kernel: KernelDep, search_id: SearchId, token: Question) -> Response:
    """Whoever reads mail at the address of an alert says yes to the alerts of this candidate, without a session."""
    await recipients.confirm(kernel, search_id, token)
    return Response(status_code=204)


@mailed.post("/confirmations/{search_id}/{token}/refusal", status_code=204, summary="Refuse alerts at an address")
async def refuse(kernel: KernelDep, search_id: SearchId, token: Question) -> Response:
    """Whoever reads mail there says no: nobody's question goes there any more."""
    await recipients.refuse(kernel, search_id, token)
    return Response(status_code=204)


@mailed.get("/unsubscribe/{search_id}/{token}", include_in_schema=False)
async def ask_first(search_id: UUID, token: Token) -> Response:
    """A mail program that does not know of one click opens the page, whose button asks first."""
    return RedirectResponse(f"/alerts/unsubscribe/{search_id}/{quote(token, safe='')}", 303)
