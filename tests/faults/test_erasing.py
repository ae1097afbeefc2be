"""What is left of somebody who closed the account is found in any table."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import httpx
import pytest

from tests.faults.book import Book
from tests.faults.erasing import remnants
from tests.faults.market import Market
from tests.faults.people import Candidate
from tests.faults.reading import SERVICES
from tests.faults.site import Site

KEY = "insert into subject_keys (subject, wrapped) values ($1, '')"
DOCUMENT = "insert into documents (view, generation, key, document) values ('people', 1, '1', $1)"


class OneDatabase:
    """The databases of all services in one."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    @asynccontextmanager
    async def connected(self, _: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()


def somebody(status: int) -> Candidate:
    browser = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(status)), base_url="http://site")
    who = Candidate(Book(), browser, "c7-1", post=cast("Any", None), market=Market())
    who.who = "1f0e"
    return who


async def found(database: str, status: int = 401) -> set[str]:
    site = cast("Site", OneDatabase(database))
    return {finding.what for finding in [each async for each in remnants(site, [somebody(status)])]}


async def test_of_whom_nothing_is_left_nothing_is_found(database: str) -> None:
    assert await found(database) == set()


@pytest.mark.parametrize("word", ["C7-1@example.org", somebody(401).family_name.upper()])
async def test_a_name_in_any_document_is_found(word: str, database: str) -> None:
    async with OneDatabase(database).connected("identity") as connection:
        await connection.execute(DOCUMENT, json.dumps({"who": word}))
    assert await found(database) == {f"documents of {name} names who has closed the account" for name in SERVICES}


async def test_a_key_and_an_open_door_are_found(database: str) -> None:
    async with OneDatabase(database).connected("identity") as connection:
        await connection.execute(KEY, "account-1f0e")
    keys = {f"{name} has the key of a closed account" for name in SERVICES}
    assert await found(database, 200) == keys | {"can log in with an account that is closed"}
