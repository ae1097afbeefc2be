"""The JSON door of second factors: authenticator apps, passkeys and recovery codes of whoever asks."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.identity.api.account import Current
from services.identity.api.routes import Body, Text, party_of
from services.identity.domain.codes import NAME_LENGTH
from services.identity.use_cases import my_account, second_factors, sessions
from services.identity.use_cases.second_factors import Added
from services.identity.use_cases.sessions import Browser
from shared.auth import SignedIn
from shared.http import api_router
from shared.http.networks import Network
from shared.runtime.kernel import KernelDep

router: APIRouter = api_router("identity")

SOME_ID = "0199aa10-54d0-7c41-b1a4-5d2f60c0a7e2"
State = Annotated[str, Field(max_length=2000, examples=["as it came"], description="As beginning answered it.")]


class Factor(BaseModel):
    """A second factor. `name`: the holder's own, of a passkey."""

    factor_id: UUID = Field(examples=[SOME_ID])
    kind: str = Field(examples=["totp"])
    name: str = Field(examples=[""])
    added_at: datetime = Field(examples=["2026-11-23T09:00:00Z"])
    used_at: datetime | None = Field(examples=["2026-11-23T09:41:00Z"])


class Factors(BaseModel):
    factors: list[Factor]
    recovery_codes_left: int = Field(examples=[10])


class Confirmation(Body):
    current_password: Current


class AppToAdd(BaseModel):
    """What an authenticator app is told: `secret` to type, or `uri` as a picture. Nothing is kept of it yet."""

    secret: str = Field(examples=["JBSWY3DPEHPK3PXP"])
    uri: str = Field(examples=["otpauth://totp/Postulo:P7K4-2QXM?secret=JBSWY3DPEHPK3PXP&issuer=Postulo"])
    state: State


class App(Body):
    current_password: Current
    state: State
    code: Text = Field(examples=["123 456"], description="What the app shows.")


class PasskeyToAdd(BaseModel):
    """`options`: what `navigator.credentials.create` takes."""

    options: dict[str, Any]
    state: State


class Passkey(Body):
    current_password: Current
    state: State
    name: str = Field("", max_length=NAME_LENGTH, examples=["My telephone"])
    credential: dict[str, Any] = Field(description="What `navigator.credentials.create` answered.")


class FactorAdded(BaseModel):
    """`recovery_codes`: shown this once, with the first second factor."""

    recovery_codes: list[str] = Field(examples=[["ABCD-EFGH-JKMN-PQRS"]])


class RecoveryCodes(BaseModel):
    """Each lets in once in the place of a second factor; they are shown this once."""

    recovery_codes: list[str] = Field(examples=[["ABCD-EFGH-JKMN-PQRS"]])


@router.get("/account/second-factors")
async def my_second_factors(who: SignedIn, kernel: KernelDep) -> Factors:
    """The second factors of whoever asks."""
    mine = await second_factors.factors_of(kernel, who.account_id)
    left = await second_factors.codes_left(kernel, who.account_id)
    return Factors(factors=[Factor.model_validate(each._asdict()) for each in mine], recovery_codes_left=left)


@router.get("/account/second-factors/app")
async def app_to_add(who: SignedIn, kernel: KernelDep) -> AppToAdd:
    """A secret for an authenticator app; it counts once a code of the app is sent with `state`."""
    return AppToAdd.model_validate((await second_factors.begin_totp(kernel, who))._asdict())


@router.post("/account/second-factors/app", status_code=201)
async def add_app(
    body: App, who: SignedIn, kernel: KernelDep, *, request: Request, response: Response, network: Network
) -> FactorAdded:
    """Adds the app, in the place of another one. All other sessions end; a new cookie comes for this one."""
    await my_account.confirm(kernel, who, body.current_password, network)
    return _done(
        request,
        response,
        await second_factors.add_totp(kernel, who, body.state, body.code, Browser.of(request)),
    )


@router.get("/account/second-factors/passkey")
async def passkey_to_add(who: SignedIn, kernel: KernelDep, request: Request) -> PasskeyToAdd:
    """What the browser needs to make a passkey; 404 where the site has no name that a passkey could belong to."""
    options, state = await second_factors.begin_passkey(kernel, who, party_of(request, kernel))
    return PasskeyToAdd(options=orjson.loads(options), state=state)


@router.post("/account/second-factors/passkey", status_code=201)
async def add_passkey(
    body: Passkey, who: SignedIn, kernel: KernelDep, *, request: Request, response: Response, network: Network
) -> FactorAdded:
    """Adds a passkey. All other sessions end; a new cookie comes for this one."""
    party = party_of(request, kernel)
    await my_account.confirm(kernel, who, body.current_password, network)
    added = await second_factors.add_passkey(
        kernel,
        who,
        body.state,
        orjson.dumps(body.credential).decode(),
        name=body.name,
        party=party,
        browser=Browser.of(request),
    )
    return _done(request, response, added)


def _done(request: Request, response: Response, added: Added) -> FactorAdded:
    sessions.ended(request, added.began.replaced, *added.over)
    sessions.give(response, added.began.token)
    return FactorAdded(recovery_codes=added.codes)


@router.post("/account/second-factors/{factor_id}/removal", status_code=204)
async def remove_factor(
    factor_id: UUID, body: Confirmation, who: SignedIn, kernel: KernelDep, network: Network
) -> None:
    """Takes a second factor away; 404 for anybody else's."""
    await my_account.confirm(kernel, who, body.current_password, network)
    await second_factors.remove(kernel, who.account_id, [factor_id])


@router.post("/account/recovery-codes", status_code=201)
async def new_recovery_codes(body: Confirmation, who: SignedIn, kernel: KernelDep, network: Network) -> RecoveryCodes:
    """New recovery codes, once; those before are void."""
    await my_account.confirm(kernel, who, body.current_password, network)
    return RecoveryCodes(recovery_codes=await second_factors.new_codes(kernel, who.account_id))
