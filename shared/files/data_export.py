"""What a service holds about somebody, as a ZIP that leaves while it is made: a JSON file, and files beside it."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from io import RawIOBase
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from starlette.responses import Response, StreamingResponse

HEADERS: Final = {"x-content-type-options": "nosniff", "cache-control": "private, no-store"}

Part = tuple[str, bytes]
"""A file's name in the ZIP, and its content."""


def as_json(content: Any) -> bytes:
    """Readable by people too; the database's own kinds of values as text."""
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def zip_response(service: str, user_code: str, parts: AsyncIterable[Part]) -> Response:
    """The download for the person with this user code: no more than one file of it is in memory at a time."""
    name = f"postulo-{service}-{user_code}.zip"
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(zipped(parts), media_type="application/zip", headers=headers)


async def zipped(parts: AsyncIterable[Part]) -> AsyncIterator[bytes]:
    """The bytes of a ZIP of these files, in pieces."""
    going_out = _GoingOut()
    with ZipFile(going_out, "w", ZIP_DEFLATED) as archive:
        async for name, content in parts:
            await asyncio.to_thread(archive.writestr, name, content)
            yield going_out.taken()
    yield going_out.taken()


class _GoingOut(RawIOBase):
    """The file that the ZIP is written into; it cannot be read again, only taken away."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken
