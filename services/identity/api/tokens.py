"""The door for machines: access tokens for a client's secret, their revocation, and how both are found and verified."""

import base64
from typing import Annotated, Any, Final
from urllib.parse import unquote_plus
from uuid import UUID

from fastapi import APIRouter, Form, Header
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.identity.use_cases import access_tokens, signing_keys
from services.identity.use_cases.attempts import TOKENS
from services.identity.use_cases.machines import TOKENS_LAST
from shared.auth import TOKEN_PATH
from shared.auth.tokens import KEYS_PATH, METADATA_PATH, issuer_at
from shared.http import api_router
from shared.http.networks import Network
from shared.runtime.kernel import KernelDep
from shared.store.limits import keep_within
from shared.vocabulary.permissions import SCOPES

router = api_router("identity")
well_known = APIRouter(tags=["identity"])

REVOCATION_PATH: Final = "/identity/api/oauth/revocation"
GRANT: Final = "client_credentials"
METHODS: Final = ["client_secret_basic", "client_secret_post"]
NOT_KEPT: Final = {"cache-control": "no-store"}
Basic = Annotated[str, Header(max_length=2000)]
"""A name of 100 characters of any script, and a secret, each as a form writes it."""


class Metadata(BaseModel):
    """RFC 8414 §2. There is no page at which somebody would authorize, and so no response type."""

    issuer: str = Field(examples=["https://careers.example.org"])
    token_endpoint: str = Field(examples=["https://careers.example.org/identity/api/oauth/token"])
    token_endpoint_auth_methods_supported: list[str] = METHODS
    revocation_endpoint: str = Field(examples=["https://careers.example.org/identity/api/oauth/revocation"])
    revocation_endpoint_auth_methods_supported: list[str] = METHODS
    jwks_uri: str = Field(examples=["https://careers.example.org/identity/api/jwks.json"])
    scopes_supported: list[str] = Field(examples=[["vacancies.write", "events"]])
    grant_types_supported: list[str] = [GRANT]
    response_types_supported: list[str] = []


@well_known.get("/identity" + METADATA_PATH, include_in_schema=False)
@well_known.get(METADATA_PATH)
async def metadata(kernel: KernelDep) -> Metadata:
    """Where machines get tokens, have them revoked, and find the keys that verify them (RFC 8414)."""
    issuer = issuer_at(kernel.settings.public_url)
    return Metadata(
        issuer=issuer,
        token_endpoint=issuer + TOKEN_PATH,
        revocation_endpoint=issuer + REVOCATION_PATH,
        jwks_uri=issuer + KEYS_PATH,
        scopes_supported=list(SCOPES),
    )


@router.get("/jwks.json")
async def public_keys(kernel: KernelDep) -> dict[str, Any]:
    """The keys with which access tokens are verified (RFC 7517)."""
    return await signing_keys.public_keys(kernel)


class Revoked(BaseModel):
    """Ids of what is refused: `jti` of tokens, and `credential` of all tokens that were given for one secret."""

    revoked: list[UUID]


@router.get("/oauth/revoked")
async def revoked(kernel: KernelDep) -> Revoked:
    """What is revoked and could still be alive; services ask for it every 30 seconds. The ids are random."""
    return Revoked(revoked=await access_tokens.revoked(kernel.pool))


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


class RevocationRequest(BaseModel):
    """RFC 7009 §2.1. There is one type of token, so that the hint changes nothing."""

    token: str = Field("", max_length=5000, examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"])
    token_type_hint: str = Field("", max_length=100, examples=["access_token"])
    client_id: str = Field("", max_length=200, examples=["hr-geneva"])
    client_secret: str = Field("", max_length=200, examples=["as the operator was shown it"])


@router.post(
    "/oauth/token",
    response_model=Token,
    responses={400: {"model": TokenRefused}, 401: {"model": TokenRefused}},
)
async def token(
    form: Annotated[TokenRequest, Form()], kernel: KernelDep, network: Network, authorization: Basic = ""
) -> JSONResponse:
    """A short-lived access token for a machine (RFC 6749 §4.4); the client's secret in the form or as Basic."""
    name, secret = _basic(authorization) or (form.client_id, form.client_secret)
    if form.grant_type != GRANT:
        return _refused("unsupported_grant_type" if form.grant_type else "invalid_request")
    await keep_within(kernel.pool, TOKENS, network)
    try:
        issued = await access_tokens.issue(kernel, name, secret, form.scope)
    except access_tokens.NotAuthorized as refusal:
        return _refused(refusal.error)
    body = Token(access_token=issued.token, expires_in=int(TOKENS_LAST.total_seconds()), scope=issued.scope)
    return JSONResponse(body.model_dump(), headers=NOT_KEPT)


@router.post(
    "/oauth/revocation",
    status_code=200,
    response_class=Response,
    responses={
        200: {"description": "The token opens nothing any more, in every service within a minute."},
        400: {"model": TokenRefused},
        401: {"model": TokenRefused},
    },
)
async def revoke(
    form: Annotated[RevocationRequest, Form()], kernel: KernelDep, network: Network, authorization: Basic = ""
) -> Response:
    """Ends a token of the client before its time (RFC 7009); 200 too for one that is over or never was."""
    name, secret = _basic(authorization) or (form.client_id, form.client_secret)
    await keep_within(kernel.pool, TOKENS, network)
    try:
        await access_tokens.revoke(kernel, name, secret, form.token)
    except access_tokens.NotAuthorized as refusal:
        return _refused(refusal.error)
    return Response(headers=NOT_KEPT) if form.token else _refused("invalid_request")


def _refused(error: str) -> JSONResponse:
    if error == "invalid_client":
        return JSONResponse({"error": error}, 401, {**NOT_KEPT, "www-authenticate": "Basic"})
    return JSONResponse({"error": error}, 400, NOT_KEPT)


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
