"""The id of what a POST creates: the same for every retry of that request, so that a retry creates nothing twice."""

from typing import Annotated, Final
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request

from shared.auth import Who, _anyone
from shared.errors import N_, Invalid
from shared.message import new_id

_SPACE: Final = UUID("1c9d3c1e-6c0b-5d0a-9a55-0f6f1a0c7b11")
FIELD: Final = "_request"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def request_id(
    request: Request,
    who: Annotated[Who | None, Depends(_anyone)],
    idempotency_key: Annotated[str, Header(max_length=255)] = "",
) -> UUID:
    """Derived from the actor, the address and the key: `Idempotency-Key`, or what our forms carry in its place."""
    key = idempotency_key or await _from_form(request)
    if len(key) > 255:
        raise Invalid.because(N_("The idempotency key can have at most 255 characters"), field=FIELD)
    return uuid5(_SPACE, f"{who.actor if who else ''}\n{request.url.path}\n{key}") if key else new_id()


async def _from_form(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        return ""
    return str((await request.form()).get(FIELD, ""))


RequestId = Annotated[UUID, Depends(request_id)]
