"""The JSON door of "My account": sessions, password, address, and the account's end."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.identity.api.routes import Body, Text
from services.identity.use_cases import leaving, my_account, sessions
from services.identity.use_cases.sessions import Browser
from shared.auth import SignedIn
from shared.http import api_router
from shared.http.networks import Network
from shared.runtime.kernel import KernelDep

router: APIRouter = api_router("identity")

Current = Annotated[str, Field(max_length=1000, examples=["three unrelated words"], description="Asked again.")]


class LiveSession(BaseModel):
    """A session that goes on. `browser` is its name as far as it tells; `current`: the one that asks."""

    session_id: UUID = Field(examples=["0199aa10-54d0-7c41-b1a4-5d2f60c0a7e2"])
    started_at: datetime = Field(examples=["2026-11-23T09:00:00Z"])
    seen_at: datetime = Field(examples=["2026-11-23T09:41:00Z"], description="When it was last used.")
    browser: str = Field(examples=["Firefox"])
    current: bool = Field(examples=[True])


class PasswordChange(Body):
    current_password: Current
    password: Text = Field(examples=["three unrelated words"], description="The new one: 15 characters or more.")


class AddressChange(Body):
    current_password: Current
    email: Text = Field(examples=["anna.muller@example.net"], description="The new address, a private one.")


class AddressCode(Body):
    code: Text = Field(examples=["1234 5678"], description="The code that was mailed to the new address.")


class Changed(BaseModel):
    email: str = Field(examples=["anna.muller@example.net"])


class Closure(Body):
    current_password: Current


@router.get("/account/sessions")
async def my_sessions(who: SignedIn, kernel: KernelDep) -> list[LiveSession]:
    """The sessions of whoever asks, the one that asks first."""
    return [LiveSession.model_validate(session._asdict()) for session in await sessions.live(kernel, who)]


@router.delete("/account/sessions", status_code=204)
async def end_other_sessions(who: SignedIn, request: Request, kernel: KernelDep) -> None:
    """Ends all sessions of whoever asks but the one that asks."""
    sessions.ended(request, *await sessions.end_others(kernel, who))


@router.delete("/account/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, who: SignedIn, request: Request, kernel: KernelDep) -> None:
    """Ends a session of one's own; 404 for anybody else's."""
    await sessions.end_one(kernel, who, session_id)
    sessions.ended(request, session_id)


@router.put("/account/password", status_code=204)
async def change_password(
    body: PasswordChange, who: SignedIn, kernel: KernelDep, *, request: Request, response: Response, network: Network
) -> None:
    """Sets a new password; all sessions end, and a new cookie comes for this one. The holder is told by mail."""
    await my_account.confirm(kernel, who, body.current_password, network)
    began, over = await my_account.change_password(kernel, who, body.password, Browser.of(request))
    sessions.ended(request, began.replaced, *over)
    sessions.give(response, began.token)


@router.post("/account/email", status_code=202)
async def ask_for_address(body: AddressChange, who: SignedIn, kernel: KernelDep, network: Network) -> None:
    """Mails a code to a new address; the answer is the same if another account has it."""
    await my_account.confirm(kernel, who, body.current_password, network)
    await my_account.ask_for_address(kernel, who, body.email, network)


@router.post("/account/email/verification")
async def change_address(body: AddressCode, who: SignedIn, kernel: KernelDep) -> Changed:
    """Moves the account to the new address by the mailed code; the old address is told."""
    return Changed(email=await my_account.change_address(kernel, who, body.code))


@router.post("/account/closure", status_code=204)
async def close_account(
    body: Closure, who: SignedIn, kernel: KernelDep, *, request: Request, response: Response, network: Network
) -> None:
    """Closes the account for ever and releases its address. What was submitted stays with the organisation."""
    await my_account.confirm(kernel, who, body.current_password, network)
    sessions.ended(request, *await my_account.close(kernel, who))
    leaving.forget(response)
