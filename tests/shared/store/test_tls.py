"""PostgreSQL over TLS, as the address says it: verified, or no password leaves. A proxy speaks TLS for the server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import trustme

from shared.store.database import open_pool

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


class Proxy:
    """Asks for TLS as PostgreSQL does, then hands on to the server. `told`: what came to it over TLS."""

    def __init__(self, dsn: str, context: ssl.SSLContext | None) -> None:
        self.dsn, self.context, self.told = dsn, context, 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == SSL_REQUEST
            writer.write(b"S" if self.context else b"N")
            await writer.drain()
            if self.context:
                await writer.start_tls(self.context)
                await self._hand_on(reader, writer)
        writer.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(self.dsn)
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                self.told += len(data)
                target.write(data)
                await target.drain()
        target.close()


@asynccontextmanager
async def proxied(dsn: str, context: ssl.SSLContext | None) -> AsyncIterator[tuple[Proxy, str]]:
    """The proxy, and the address that leads through it."""
    proxy = Proxy(dsn, context)
    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(dsn)
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))
    finally:
        server.close()


def context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    made, path = trustme.CA(), tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, path


async def test_a_pool_works_over_verified_tls(database: str, authority: tuple[trustme.CA, Path]) -> None:
    made, path = authority
    async with proxied(database, context(made)) as (proxy, address):
        pool = await open_pool(f"{address}?sslmode=verify-full&sslrootcert={path}", 1, "test")
        assert await pool.fetchval("select count(*) from events") == 0
        await pool.close()
    assert proxy.told > 0


@pytest.mark.parametrize("wrong", ["authority", "name"])
async def test_a_server_that_nobody_vouches_for_is_told_nothing(
    database: str, authority: tuple[trustme.CA, Path], wrong: str
) -> None:
    made, path = authority
    shown = context(trustme.CA()) if wrong == "authority" else context(made, "db.example.org")
    async with proxied(database, shown) as (proxy, address):
        with pytest.raises(ssl.SSLCertVerificationError):
            await open_pool(f"{address}?sslmode=verify-full&sslrootcert={path}", 1, "test")
    assert proxy.told == 0


async def test_a_server_without_tls_is_told_nothing(database: str, authority: tuple[trustme.CA, Path]) -> None:
    async with proxied(database, None) as (proxy, address):
        with pytest.raises(ConnectionError, match="rejected SSL upgrade"):
            await open_pool(f"{address}?sslmode=verify-full&sslrootcert={authority[1]}", 1, "test")
    assert proxy.told == 0


async def test_verifying_without_an_authority_is_refused(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(asyncpg.ClientConfigurationError, match="root certificate"):
        await open_pool(f"{database}?sslmode=verify-full", 1, "test")
