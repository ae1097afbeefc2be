"""The id of what a POST creates: the same for every retry of that request, so that a retry creates nothing twice.

`Idempotency-Key` is understood as the IETF's draft of that name says: 400 where it is missing and needed, 422 where it
was used for another request, 409 while that request is still being carried out.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from shared.auth import Who, anyone
from shared.model.errors import N_, Invalid, Refused
from shared.model.message import new_id
from shared.store.requests import Requests
from shared.web.forms import is_form, posted, text

_SPACE: Final = UUID("1c9d3c1e-6c0b-5d0a-9a55-0f6f1a0c7b11")
FIELD: Final = "_request"
LONGEST: Final = 255
DESCRIPTION: Final = (
    "Any text of the caller's own. A request is carried out once, however often it comes with its key. Of whoever is "
    "logged in or sends a token the key is remembered: with another request it is refused (422), and while the first "
    "is being carried out, it is in use (409)."
)
BLOCK: Final = 1_000_000
"""Bytes of a file that are read at once."""
_KEYED: Final = 64
"""Bytes of a key for a keyed BLAKE2b."""


async def request_id(
    request: Request,
    who: Annotated[Who | None, Depends(anyone)],
    idempotency_key: Annotated[str, Header(max_length=LONGEST, description=DESCRIPTION)] = "",
) -> AsyncIterator[UUID]:
    """Derived from the actor, the address and the key: `Idempotency-Key`, or what our forms carry in its place."""
    try:
        key = idempotency_key or await _from_form(request)
        if len(key) > LONGEST:
            raise Invalid.because(N_("The idempotency key can have at most 255 characters"), field=FIELD)
        made = uuid5(_SPACE, f"{who.actor if who else ''}\n{request.url.path}\n{key}") if key else new_id()
        if who and idempotency_key:
            async with _once(request.app.state.requests, made, await _fingerprint(request, idempotency_key)):
                yield made
        else:
            yield made
    finally:
        await request.close()


@asynccontextmanager
async def _once(requests: Requests, made: UUID, fingerprint: bytes) -> AsyncIterator[None]:
    """What is refused leaves its key free: the corrected request may carry it. What failed may be half done."""
    await requests.begin(made, fingerprint)
    try:
        yield
    except (Refused, RequestValidationError, HTTPException):
        await requests.refused(made)
        raise
    except BaseException:
        await requests.end(made)
        raise
    await requests.end(made)


async def _fingerprint(request: Request, key: str) -> bytes:
    """BLAKE2b of what is asked for, 32 bytes; without the key, which nobody keeps, it tells nothing of it."""
    digest = hashlib.blake2b(key=hashlib.blake2b(key.encode(), digest_size=_KEYED).digest(), digest_size=32)
    async for part in _parts(request):
        digest.update(b"%d\n" % len(part) + part)
    return digest.digest()


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body; a form by its fields, as each sending of the same form draws another line between them."""
    yield request.method.encode()
    yield request.url.query.encode()
    if not is_form(request):
        yield await request.body()
        return
    for name, value in (await posted(request)).multi_items():
        yield name.encode()
        if isinstance(value, UploadFile):
            yield (value.filename or "").encode()
            while block := await value.read(BLOCK):
                yield block
            await value.seek(0)
        else:
            yield value.encode()


async def _from_form(request: Request) -> str:
    return text(await posted(request), FIELD) if is_form(request) else ""


RequestId = Annotated[UUID, Depends(request_id, scope="function")]


def _needed(idempotency_key: Annotated[str, Header(min_length=1, max_length=LONGEST, description=DESCRIPTION)]) -> str:
    return idempotency_key


KeyNeeded: Final[Any] = Depends(_needed)
"""For operations that take no request without a key; `RequestId` is derived from it."""
