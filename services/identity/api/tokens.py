"""The door for machines: access tokens for a client's secret, and the keys to verify them with."""

import base64
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Form, Header
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from services.identity.use_cases import machines, signing_keys
from services.identity.use_cases.attempts import TOKENS
from shared.http import api_router
from shared.http.networks import Network
from shared.runtime.kernel import KernelDep
from shared.store.limits import keep_within

router = api_router("identity")


@router.get("/jwks.json")
async def public_keys(kernel: KernelDep) -> dict[str, Any]:
    """The keys with which access tokens are verified (RFC 7517)."""
    return await signing_keys.public_keys(kernel)


class TokenRequest(BaseModel):
    """RFC 6749 §4.4.2; without a scope, all that the client has."""

    grant_type: str = Field("", max_length=100, examples=["client_credentials"])
    scope: str = Field("", max_length=1000, examples=["vacancies.write applications.read"])
    client_id: str = Field("", max_length=200, examples=["hr-geneva"])
    client_secret: str = Field("", max_length=200, examples=["as the operator was shown it"])


class Token(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str = Field(examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"])
    token_type: str = Field("Bearer", examples=["Bearer"])
    expires_in: int = Field(examples=[600], description="Seconds.")
    scope: str = Field(examples=["vacancies.write applications.read"])


class TokenRefused(BaseModel):
    """RFC 6749 §5.2."""

    error: str = Field(examples=["invalid_client"])


@router.post(
    "/oauth/token",
    response_model=Token,
    responses={400: {"model": TokenRefused}, 401: {"model": TokenRefused}},
)
async def token(
    form: Annotated[TokenRequest, Form()],
    kernel: KernelDep,
    network: Network,
    authorization: Annotated[str, Header(max_length=1000)] = "",
) -> JSONResponse:
    """A short-lived access token for a machine (RFC 6749 §4.4); the client's secret in the form or as Basic."""
    name, secret = _basic(authorization) or (form.client_id, form.client_secret)
    if form.grant_type != "client_credentials":
        return _refused("unsupported_grant_type" if form.grant_type else "invalid_request")
    await keep_within(kernel.pool, TOKENS, network)
    try:
        issued = await machines.issue(kernel, name, secret, form.scope)
    except machines.NotAuthorized as refusal:
        return _refused(refusal.error)
    body = Token(access_token=issued.token, expires_in=int(machines.LASTS.total_seconds()), scope=issued.scope)
    return JSONResponse(body.model_dump(), headers={"cache-control": "no-store"})


def _refused(error: str) -> JSONResponse:
    headers = {"cache-control": "no-store"}
    if error == "invalid_client":
        return JSONResponse({"error": error}, 401, {**headers, "www-authenticate": "Basic"})
    return JSONResponse({"error": error}, 400, headers)


def _basic(header: str) -> tuple[str, str] | None:
    """Name and secret of an Authorization header (RFC 7617), each as a form writes it (RFC 6749 §2.3.1); else None."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(name), unquote_plus(secret)
