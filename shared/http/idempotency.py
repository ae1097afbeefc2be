"""The id of what a POST creates: the same for every retry of that request, so that a retry creates nothing twice."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request

from shared.auth import Who, anyone
from shared.model.errors import N_, Invalid
from shared.model.message import new_id
from shared.web.forms import posted, text

_SPACE: Final = UUID("1c9d3c1e-6c0b-5d0a-9a55-0f6f1a0c7b11")
FIELD: Final = "_request"
LONGEST: Final = 255
KEY: Final = "Any text of the caller's own: the same request with the same key is carried out once."
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def request_id(
    request: Request,
    who: Annotated[Who | None, Depends(anyone)],
    idempotency_key: Annotated[str, Header(max_length=LONGEST, description=KEY)] = "",
) -> AsyncIterator[UUID]:
    """Derived from the actor, the address and the key: `Idempotency-Key`, or what our forms carry in its place."""
    try:
        key = idempotency_key or await _from_form(request)
        if len(key) > LONGEST:
            raise Invalid.because(N_("The idempotency key can have at most 255 characters"), field=FIELD)
        yield uuid5(_SPACE, f"{who.actor if who else ''}\n{request.url.path}\n{key}") if key else new_id()
    finally:
        await request.close()


async def _from_form(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        return ""
    return text(await posted(request), FIELD)


RequestId = Annotated[UUID, Depends(request_id)]
