"""The JSON door of the mails that a candidate receives."""

from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.domain import MAILING
from services.alerts.events import MailKind
from services.alerts.use_cases import preferences as mails
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep

preferences = api_router("alerts", {"": MAILING})
mailed = api_router("alerts")

EXAMPLE: Final[dict[str, Any]] = {"draft_deadlines": True, "opening_deadlines": True, "opening_changes": False}


class Preferences(BaseModel):
    """Which mails are wanted. Job alerts are switched with each saved search; all other mails are not optional."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    draft_deadlines: bool = Field(description="Reminders 7 days and 2 days before the deadline of a draft.")
    opening_deadlines: bool = Field(description="Reminders 7 days and 2 days before that of a saved job opening.")
    opening_changes: bool = Field(description="When a saved job opening is amended, extended or cancelled.")


Kind = Annotated[str, Path(description="Which mails: one of the names of the preferences.", max_length=40)]
CandidateId = Annotated[UUID, Path(description="Whose mails.")]
Token = Annotated[str, Path(description="The secret of the candidate's mails.", max_length=100)]


@preferences.get("/preferences", summary="Read which mails I receive")
async def read_preferences(kernel: KernelDep, who: Candidate) -> Preferences:
    """Everything is on until it is switched off."""
    wanted = await mails.wanted(kernel, who)
    return Preferences.model_validate({kind.value: kind in wanted for kind in MailKind})


@preferences.put("/preferences", status_code=204, summary="Choose which mails I receive")
async def choose_mails(kernel: KernelDep, who: Candidate, body: Preferences) -> Response:
    """Switches what differs."""
    wished = body.model_dump()
    await mails.choose(kernel, who, [kind for kind in MailKind if wished[kind.value]])
    return Response(status_code=204)


@mailed.post("/mails/{kind}/{candidate_id}/{token}", response_class=Response, summary="Unsubscribe with one click")
async def stop_mails(kernel: KernelDep, kind: Kind, candidate_id: CandidateId, token: Token) -> Response:
    """What mail programs call (RFC 8058), from wherever they are: whoever holds the link may, without a session."""
    await mails.stop(kernel, mails.kind_named(kind), candidate_id, token)
    return Response()


@mailed.get("/mails/{kind}/{candidate_id}/{token}", include_in_schema=False)
async def ask_to_stop(kind: Kind, candidate_id: UUID, token: Token) -> Response:
    """A mail program that does not know of one click opens the page, whose button asks first."""
    return RedirectResponse(f"/alerts/mails/{quote(kind, safe='')}/{candidate_id}/{quote(token, safe='')}", 303)
