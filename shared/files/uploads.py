"""Uploaded files: read with a limit, known by parsing, and kept by their SHA-256 in the service's own database.

A service that keeps files has the two tables in its migrations: `files` holds each content once, `file_holders` says
who holds it. Content that nobody holds any more is gone in the same transaction.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from starlette.datastructures import UploadFile

from shared.files.answers import Kind
from shared.files.inspecting import Inspector
from shared.model.errors import N_, Conflict
from shared.store.database import Also, Connection, Pool
from shared.vocabulary.flaws import Flaw

T = TypeVar("T")

_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1, 1))"


class Uploaded(NamedTuple):
    """A file as it came. `size` is its whole size; the rest is empty when that is more than was allowed.

    flaw: what is wrong with one of no `kind`, if that can be told.
    """

    name: str
    size: int
    content: bytes = b""
    kind: Kind | None = None
    sha256: str = ""
    flaw: Flaw | None = None


async def received(upload: UploadFile, most: int) -> tuple[str, bytes]:
    """Name and content; of a larger file the first `most + 1` bytes. Closes it."""
    content = await upload.read(most + 1)
    await upload.close()
    return (upload.filename or "").replace("\\", "/").rpartition("/")[2], content


async def read_upload(upload: UploadFile, most: int, inspector: Inspector, field: str) -> Uploaded:
    """The file and what it really is; of a larger one nothing but its size. Closes it. Raises Invalid, Unavailable."""
    name, content = await received(upload, most)
    if len(content) > most:
        return Uploaded(name, max(upload.size or 0, len(content)))
    return await inspected(name, content, inspector, field)


async def inspected(name: str, content: bytes, inspector: Inspector, field: str) -> Uploaded:
    """A file with what it really is, and its SHA-256. Raises Invalid or Unavailable, and then it is not accepted."""
    found = await inspector.look(name, content, field)
    digest = await asyncio.to_thread(hashlib.sha256, content)
    return Uploaded(name, len(content), content, found.kind, digest.hexdigest(), found.flaw)


async def attach(connection: Connection, holder: UUID, sha256: str, content: bytes | None = None) -> None:
    """`holder` holds this content from now on; without `content` it must be there, else Conflict."""
    await connection.execute(_LOCK, sha256)
    if await connection.fetchval("select true from file_holders where holder = $1", holder):
        return
    if content is not None:
        await connection.execute("insert into files values ($1, $2) on conflict do nothing", sha256, content)
    sql = "insert into file_holders (holder, sha256) select $1, sha256 from files where sha256 = $2"
    if await connection.execute(sql, holder, sha256) == "INSERT 0 0":
        raise Conflict.because(N_("A file was removed at this moment. Try again"))


def attaching(files: Mapping[UUID, Uploaded]) -> Also:
    """What to run in the transaction of a command, so that each holder holds its file."""

    async def hold_all(connection: Connection) -> None:
        for holder, file in files.items():
            await attach(connection, holder, file.sha256, file.content)

    return hold_all


async def detach(connection: Connection, holders: Iterable[UUID]) -> None:
    """These hold nothing any more."""
    rows = await connection.fetch("delete from file_holders where holder = any($1) returning sha256", list(holders))
    for sha256 in sorted({row["sha256"] for row in rows}):
        await connection.execute(_LOCK, sha256)
        await connection.execute(
            "delete from files where sha256 = $1 and not exists (select from file_holders where sha256 = $1)", sha256
        )


async def content_of(pool: Pool, holder: UUID) -> bytes | None:
    """The content that `holder` holds."""
    content: bytes | None = await pool.fetchval(
        "select content from files join file_holders using (sha256) where holder = $1", holder
    )
    return content
