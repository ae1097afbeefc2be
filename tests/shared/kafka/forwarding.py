"""A port that hands everything on to a broker, so that there can be one where there was none."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def forwarding(port: int, address: str) -> AsyncIterator[None]:
    """Until the block ends."""
    host, _, there = address.rpartition(":")

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        back, forth = await asyncio.open_connection(host, int(there))
        await asyncio.gather(_pump(reader, forth), _pump(back, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
