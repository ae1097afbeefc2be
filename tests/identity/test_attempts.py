"""What failures cost, counted in the database: accounts slow down, networks queue, mailboxes are spared."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.identity.domain.secrets import MAILS_AN_HOUR, PATIENCE
from services.identity.use_cases.attempts import (
    Tried,
    failed,
    forget_old,
    may_mail,
    network_of,
    seconds_to_wait,
    succeeded,
    tried,
)
from shared.store.database import Pool

AN_HOUR = timedelta(hours=1)


def request_from(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


def somebody(account: UUID | None = None, network: UUID | None = None) -> Tried:
    return Tried(account or uuid4(), network or uuid4())


async def waits(pool: Pool, account: UUID | None, network: UUID | None, failures: int) -> AsyncIterator[float]:
    """What each try has to wait for, each of which fails."""
    for _ in range(failures):
        who = somebody(account, network)
        yield await seconds_to_wait(pool, who)
        await failed(pool, who)


async def test_an_account_slows_down_from_the_fifth_failure_wherever_they_come_from(pool: Pool) -> None:
    assert [wait async for wait in waits(pool, uuid4(), None, 11)] == [0, 0, 0, 0, 0, 1, 2, 4, 8, 8, 8]


async def test_another_account_from_another_network_waits_for_nobody(pool: Pool) -> None:
    assert [wait async for wait in waits(pool, uuid4(), uuid4(), 7)][-1] > 0
    assert await seconds_to_wait(pool, somebody()) == 0


async def test_a_network_slows_down_from_the_fifth_failure_whatever_it_tries(pool: Pool) -> None:
    waited = [wait async for wait in waits(pool, None, uuid4(), 6)]
    assert waited[:5] == [0, 0, 0, 0, 0]
    assert 0.9 < waited[5] <= 1


async def test_trying_in_parallel_gains_a_network_nothing(pool: Pool) -> None:
    network = uuid4()
    async for _ in waits(pool, None, network, 6):
        pass
    first = await pool.fetchval("select turn from attempts where key = $1", network)
    turns = await asyncio.gather(
        *(seconds_to_wait(pool, somebody(network=network)) for _ in range(8)), return_exceptions=True
    )
    served = [turn for turn in turns if isinstance(turn, float)]
    refused = [turn for turn in turns if isinstance(turn, HTTPException)]
    assert len(served) + len(refused) == 8
    last = await pool.fetchval("select turn from attempts where key = $1", network)
    assert last - first == timedelta(seconds=2) * len(served)
    assert max(served) <= PATIENCE
    assert {refusal.status_code for refusal in refused} == {429}
    assert all(int((refusal.headers or {})["Retry-After"]) > 0 for refusal in refused)


async def test_right_credentials_forgive_the_account_but_not_the_network(pool: Pool) -> None:
    who = somebody()
    async for _ in waits(pool, who.account, who.network, 6):
        pass
    async with pool.acquire() as connection:
        await succeeded(connection, who)
    assert await seconds_to_wait(pool, somebody(account=who.account)) == 0
    assert await seconds_to_wait(pool, somebody(network=who.network)) > 0


async def test_failures_are_forgotten_after_an_hour(pool: Pool) -> None:
    who = somebody()
    async for _ in waits(pool, who.account, None, 6):
        pass
    await pool.execute("update attempts set last_at = last_at - $1::interval", AN_HOUR)
    assert await seconds_to_wait(pool, who) == 0
    await failed(pool, who)
    assert await pool.fetchval("select failures from attempts where key = $1", who.account) == 1


async def test_an_address_gets_five_mails_an_hour_from_strangers(pool: Pool) -> None:
    address = uuid4()
    async with pool.acquire() as connection:
        allowed = [await may_mail(connection, address) for _ in range(MAILS_AN_HOUR + 2)]
        assert allowed == [True] * MAILS_AN_HOUR + [False, False]
        assert await may_mail(connection, uuid4())
        await connection.execute("update attempts set since = since - $1::interval", AN_HOUR)
        assert await may_mail(connection, address)


async def test_rows_whose_time_is_over_are_deleted_and_others_stay(pool: Pool) -> None:
    old, new = somebody(), somebody()
    await failed(pool, old)
    await pool.execute("update attempts set last_at = last_at - 3 * $1::interval", AN_HOUR)
    await failed(pool, new)
    await pool.execute("insert into codes values ($1, '', now() - interval '2 days'), ($2, '', now())", *old)
    await pool.execute(
        "insert into sessions values ($1, '1', $1, now() - interval '2 days'), ($2, '2', $2, now())", *old
    )
    await forget_old(pool)
    assert {row["key"] for row in await pool.fetch("select key from attempts")} == set(new)
    assert [row["account_id"] for row in await pool.fetch("select account_id from codes")] == [old.network]
    assert [row["session_id"] for row in await pool.fetch("select session_id from sessions")] == [old.network]


def test_the_same_login_counts_together_however_it_is_written() -> None:
    here = request_from("203.0.113.7")
    assert tried("Anna@example.org", here, 0) == tried(" anna@EXAMPLE.org ", here, 0)
    assert "anna" not in str(tried("anna@example.org", here, 0))


def test_a_network_is_an_ipv4_address_or_a_household_s_64_bits() -> None:
    assert network_of(request_from("203.0.113.7"), 0) == "203.0.113.7"
    assert network_of(request_from("2001:db8:1:2:3:4:5:6"), 0) == network_of(request_from("2001:db8:1:2::9"), 0)
    assert network_of(request_from("testclient"), 0) == "unknown"


@given(st.lists(st.ip_addresses(v=4).map(str), max_size=3))
def test_what_a_client_forges_never_counts(forged: list[str]) -> None:
    """One gateway of ours appended the address that it saw; without one, the header is not believed at all."""
    line = ", ".join([*forged, "203.0.113.7"])
    assert network_of(request_from("10.0.0.1", line), 1) == "203.0.113.7"
    assert network_of(request_from("10.0.0.1", line), 0) == "10.0.0.1"


@pytest.mark.parametrize("lines", [["6.6.6.6, 203.0.113.7, 10.0.0.2"], ["6.6.6.6, 203.0.113.7", "10.0.0.2"]])
def test_two_gateways_count_from_the_right(lines: list[str]) -> None:
    assert network_of(request_from("10.0.0.1", *lines), 2) == "203.0.113.7"
