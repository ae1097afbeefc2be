"""The JSON door: registering, logging in and out, getting back in, and the session check."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from services.identity.projections import ACCOUNTS, DUPLICATES, AccountDocument, DuplicateDocument
from services.identity.use_cases import leaving, logging_in, recovery, registering, sessions
from services.identity.use_cases.logging_in import PENDING, Pending
from services.identity.use_cases.relying_party import NO_NAME, RelyingParty, relying_party
from services.identity.use_cases.sessions import Began, Browser
from shared.auth import ENDED_SESSION_OF, SESSION_COOKIE, Registrar, SignedIn, Who
from shared.http import RequestId, api_router
from shared.http.networks import Network
from shared.http.problems import Answer
from shared.http.responses import problem_response
from shared.http.routers import refusal
from shared.model.errors import N_, NotFound, Problem, Unauthenticated
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("identity")

NOBODY: dict[str, Any] = {
    **refusal(401),
    "headers": {
        ENDED_SESSION_OF: {
            "description": "Whose session it was, if it ended less than a day ago.",
            "schema": {"type": "string", "format": "uuid"},
        }
    },
}
"""What posted forms are kept by (R20): only who had a session can have something kept, and only for themselves."""

SOME_ID = "0199aa0f-6a3e-7d52-8c1b-2f4e9d7a1c33"

Cookie = Annotated[str | None, Security(SESSION_COOKIE)]
Text = Annotated[str, Field(max_length=1000)]


class Body(BaseModel):
    """What is sent here holds nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class Registration(Body):
    """The registration form. `link`: the current link with the UN Secretariat; `birth_date`: like 1990-11-23.

    `only_name`: "yes" for somebody who has one name only, which is the family name then.
    """

    link: Text = Field("", examples=["none"])
    title: Text = Field("", examples=["ms"])
    only_name: Text = Field("", examples=["no"])
    given_names: Text = Field("", examples=["Anna"])
    family_name: Text = Field("", examples=["Müller"])
    birth_date: Text = Field("", examples=["1990-11-23"])
    email: Text = Field("", examples=["anna@example.org"])
    language: Text = Field("", examples=["fr"])
    password: Text = Field("", examples=["three unrelated words"])


class Registered(BaseModel):
    """The registration waits for the code that was mailed. The answer is the same if the address has an account."""

    account_id: UUID = Field(examples=[SOME_ID])


class Code(Body):
    code: Text = Field(examples=["1234 5678"])


class Verified(BaseModel):
    """The address is proven. One logs in with the address or with this user code."""

    user_code: str = Field(examples=["P7K4-2QXM"])


class Credentials(Body):
    """`login` is the user code or the address."""

    login: Text = Field(examples=["P7K4-2QXM"])
    password: Text = Field(examples=["three unrelated words"])


class SecondStep(BaseModel):
    """The password was right; a second factor is asked for. A cookie says for ten minutes whose.

    `passkey`: the options of `navigator.credentials.get`, if the account has passkeys and the site a name.
    """

    second_factor: Literal["required"] = "required"
    passkey: dict[str, Any] | None = Field(None, examples=[None])


class SecondFactor(Body):
    """One of the two: a code of the app or a recovery code, or what `navigator.credentials.get` answered."""

    code: Text = Field("", examples=["123 456"])
    passkey: dict[str, Any] | None = Field(None, examples=[None])


class Address(Body):
    email: Text = Field(examples=["anna@example.org"])


class Login(Body):
    login: Text = Field(examples=["P7K4-2QXM"])


class NewPassword(Body):
    """`token` comes from the mailed link."""

    token: Text = Field(examples=["q2Zb0F3vJkXn8sLw5T1yRcUe6HdGa9MpQiOtVxBzE4s"])
    password: Text = Field(examples=["three unrelated words"], description="The new one: 15 characters or more.")


class Session(BaseModel):
    """Who is logged in. `expires_at`: when the session ends without further use; `ends_at`: when it ends anyway.

    `expires_in`: seconds until then, for a client whose clock is wrong.
    """

    account_id: UUID = Field(examples=[SOME_ID])
    user_code: str = Field(examples=["P7K4-2QXM"])
    roles: list[str] = Field(examples=[["candidate"]])
    scopes: list[str] = Field(examples=[[]])
    session_id: UUID | None = Field(examples=["0199aa10-54d0-7c41-b1a4-5d2f60c0a7e2"])
    language: str = Field(examples=["fr"])
    name: str = Field(examples=["Anna Müller"])
    email: str = Field(examples=["anna@example.org"])
    expires_at: datetime | None = Field(examples=["2026-11-23T10:00:00Z"])
    expires_in: int = Field(examples=[3600])
    ends_at: datetime | None = Field(examples=["2026-11-23T21:00:00Z"])
    client: str = Field(examples=[""], description="A machine's name; nothing for a person.")
    strong: bool = Field(examples=[False], description="Whether the session began with a second factor.")
    idle_roles: list[str] = Field(examples=[[]], description="Roles that work only in a session with a second factor.")


class Duplicate(BaseModel):
    """An account, and others with the same name and birth date. `state`: pending or live."""

    account_id: UUID = Field(examples=[SOME_ID])
    user_code: str = Field(examples=["P7K4-2QXM"])
    state: str = Field(examples=["live"])
    others: list[UUID] = Field(examples=[["0199a9ff-0d1c-7b1e-9d55-7a0f3c2b9e11"]])
    flagged_at: datetime = Field(examples=["2026-11-23T09:00:00Z"])


def session_of(who: Who, now: datetime) -> Session:
    left = (who.expires_at - now).total_seconds() if who.expires_at else 0
    facts = {
        "roles": sorted(who.roles),
        "idle_roles": sorted(who.idle_roles),
        "scopes": sorted(who.scopes),
        "expires_in": max(0, round(left)),
    }
    return Session.model_validate({**asdict(who), **facts})


@router.post("/registrations", status_code=202)
async def register(form: Registration, request_id: RequestId, kernel: KernelDep, network: Network) -> Registered:
    """Registers an external candidate; a code goes to the address by mail."""
    values = form.model_dump()
    password = values.pop("password")
    account_id = registering.account_for(request_id, values)
    await registering.register(kernel, account_id, values, password, network)
    return Registered(account_id=account_id)


@router.post("/registrations/{account_id}/verification")
async def verify(account_id: UUID, body: Code, kernel: KernelDep) -> Verified:
    """Proves the address with the mailed code."""
    return Verified(user_code=(await registering.verify(kernel, account_id, body.code)).user_code)


@router.post("/registrations/{account_id}/codes", status_code=202)
async def another_code(account_id: UUID, kernel: KernelDep, network: Network) -> None:
    """Mails another code; the one before is void."""
    await registering.send_another_code(kernel, account_id, network)


@router.post("/login", responses={202: {"model": SecondStep, "description": "A second factor is asked for"}})
async def log_in(
    body: Credentials, request: Request, response: Response, kernel: KernelDep, network: Network
) -> Session | SecondStep:
    """Begins a session, whose cookie comes with the answer, or asks for the second factor (202).

    Failures make the next tries slower.
    """
    began = await logging_in.log_in(kernel, body.login, body.password, network, Browser.of(request))
    if isinstance(began, Pending):
        response.status_code = 202
        logging_in.await_here(response, began)
        awaited = await logging_in.awaited(kernel, began.token)
        party = relying_party(kernel.settings, request.headers.get("host", ""))
        options = logging_in.passkey_options(awaited, party) if awaited else ""
        return SecondStep(passkey=orjson.loads(options) if options else None)
    return await _begun(request, response, kernel, began)


@router.post("/login/second-factor")
async def second_factor(
    body: SecondFactor, request: Request, response: Response, kernel: KernelDep, network: Network
) -> Session:
    """Begins the session once the second factor is right: five tries, within ten minutes of the password."""
    began = await logging_in.finish(
        kernel,
        request.cookies.get(PENDING, ""),
        code=body.code,
        credential=orjson.dumps(body.passkey).decode() if body.passkey else "",
        party=relying_party(kernel.settings, request.headers.get("host", "")),
        network=network,
        browser=Browser.of(request),
    )
    logging_in.forget_here(response)
    return await _begun(request, response, kernel, began)


async def _begun(request: Request, response: Response, kernel: Kernel, began: Began) -> Session:
    sessions.ended(request, began.replaced)
    sessions.give(response, began.token)
    return session_of(_live(await sessions.check(kernel, began.token)), kernel.settings.now)


def party_of(request: Request, kernel: Kernel) -> RelyingParty:
    """Raises NotFound where the site has no name that a passkey could belong to."""
    if party := relying_party(kernel.settings, request.headers.get("host", "")):
        return party
    raise NotFound.because(NO_NAME)


@router.post("/logout", status_code=204)
async def log_out(who: SignedIn, request: Request, response: Response, kernel: KernelDep) -> None:
    """Ends the session everywhere."""
    if who.session_id:
        await sessions.end(kernel, who.session_id, "logout")
    sessions.ended(request, who.session_id)
    leaving.forget(response)


@router.get("/session", response_model=Session, responses={401: NOBODY})
async def session(request: Request, response: Response, kernel: KernelDep, cookie: Cookie = None) -> Session | Response:
    """Whose session the cookie is; asking counts as using it. Other services ask this, at most every 30 seconds."""
    response.headers["cache-control"] = "no-store"
    if who := await sessions.check(kernel, cookie) if cookie else None:
        return session_of(who, kernel.settings.now)
    owner = await sessions.owner_of_ended(kernel, cookie) if cookie else None
    headers = {"www-authenticate": "Bearer", "cache-control": "no-store"}
    headers |= {ENDED_SESSION_OF: str(owner)} if owner else {}
    return problem_response(request, Answer(401, (Problem("", N_("Log in to continue")),), headers))


@router.post("/reminders/user-code", status_code=202)
async def forgotten_user_code(body: Address, kernel: KernelDep, network: Network) -> None:
    """Mails the user code to this address, if it is an account's; the answer does not tell."""
    await recovery.remind_of_user_code(kernel, body.email, network)


@router.post("/reminders/password", status_code=202)
async def forgotten_password(body: Login, kernel: KernelDep, network: Network) -> None:
    """Mails a link to set a new password to the account's address, if there is one; the answer does not tell."""
    await recovery.send_reset_link(kernel, body.login, network)


@router.post("/passwords", status_code=204)
async def reset_password(body: NewPassword, request: Request, kernel: KernelDep) -> None:
    """Sets a new password by the mailed link and ends all sessions."""
    sessions.ended(request, *await recovery.reset_password(kernel, body.token, body.password))


@router.get("/duplicates")
async def duplicates(_: Registrar, kernel: KernelDep) -> list[Duplicate]:
    """Accounts that may belong to one person (R6), the last flagged first. For staff only."""
    flagged = await kernel.views.prefixed(DUPLICATES, "")
    ids = {account_id for document in flagged for account_id in (document["account_id"], *document["others"])}
    accounts = await kernel.views.many(ACCOUNTS, ids)
    found = [_duplicate(document, accounts) for document in flagged]
    return sorted((one for one in found if one), key=lambda one: one.flagged_at, reverse=True)


def _duplicate(flagged: DuplicateDocument, accounts: Mapping[str, AccountDocument]) -> Duplicate | None:
    """None once there is nobody left to compare with: closed accounts do not count."""
    there = {key: account for key, account in accounts.items() if account["state"] != "closed"}
    account, others = there.get(flagged["account_id"]), [other for other in flagged["others"] if other in there]
    return Duplicate.model_validate({**account, **flagged, "others": others}) if account and others else None


def _live(who: Who | None) -> Who:
    if who is None:
        raise Unauthenticated.because(N_("Log in to continue"))
    return who
