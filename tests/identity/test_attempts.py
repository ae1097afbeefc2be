"""What trying costs, counted in the database: accounts slow down, networks queue, mailboxes are spared."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.identity.domain.secrets import AT_ONCE, CODE_LASTS, LINK_LASTS, PATIENCE
from services.identity.use_cases.attempts import Tried, forget_old, forgive, tried, turn
from shared.model.errors import TooMany
from shared.store.database import Pool
from shared.store.limits import MAILS_OF_ONE, may_mail

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each try would have waited; nobody waits here."""
    seconds: list[float] = []

    async def noted(wait: float) -> None:
        seconds.append(wait)

    monkeypatch.setattr("services.identity.use_cases.attempts.sleep", noted)
    return seconds


def somebody(account: UUID | None = None, network: UUID | None = None) -> Tried:
    return Tried(account or uuid4(), network or uuid4())


async def fail(pool: Pool, *whose: Tried) -> None:
    for who in whose:
        async with turn(pool, who):
            pass


async def succeed(pool: Pool, who: Tried) -> None:
    async with turn(pool, who) as attempt:
        attempt.right = True
        async with pool.acquire() as connection:
            await forgive(connection, who)


async def test_an_account_slows_down_from_the_fifth_failure_wherever_they_come_from(
    pool: Pool, slept: list[float]
) -> None:
    account = uuid4()
    await fail(pool, *(somebody(account) for _ in range(11)))
    assert slept == [0, 0, 0, 0, 0, 1, 2, 4, 8, 8, 8]


async def test_another_account_from_another_network_waits_for_nobody(pool: Pool, slept: list[float]) -> None:
    await fail(pool, *[somebody(uuid4(), uuid4())] * 7, somebody())
    assert slept[6] > 0
    assert slept[7] == 0


async def test_a_network_slows_down_from_the_fifth_failure_whatever_it_tries(pool: Pool, slept: list[float]) -> None:
    network = uuid4()
    await fail(pool, *(somebody(network=network) for _ in range(6)))
    assert slept[:5] == [0, 0, 0, 0, 0]
    assert 0.9 < slept[5] <= 1


async def in_parallel(pool: Pool, *whose: Tried) -> list[BaseException | None]:
    """Tries of which none is judged before all have come; what each met."""
    all_here, here = asyncio.Event(), 0

    async def one(who: Tried) -> None:
        nonlocal here
        try:
            async with turn(pool, who):
                here += 1
                if here == len(whose):
                    all_here.set()
                await all_here.wait()
        except TooMany:
            here += 1
            if here == len(whose):
                all_here.set()
            raise

    return await asyncio.gather(*(one(who) for who in whose), return_exceptions=True)


async def test_trying_in_parallel_gains_nothing_against_an_account(pool: Pool, slept: list[float]) -> None:
    """Sixty strangers from as many networks: what comes at once waits as if it had come in a row."""
    account = uuid4()
    assert await in_parallel(pool, *(somebody(account) for _ in range(60))) == [None] * 60
    assert sorted(slept) == [0] * 5 + [1, 2, 4] + [8] * 52


async def test_trying_in_parallel_gains_a_network_nothing(pool: Pool, slept: list[float]) -> None:
    network = uuid4()
    met = await in_parallel(pool, *(somebody(network=network) for _ in range(60)))
    refused = [refusal for refusal in met if isinstance(refusal, TooMany)]
    assert len(slept) + len(refused) == 60
    assert [wait for wait in slept if not wait] == [0] * (AT_ONCE + 4)
    assert len(refused) > 60 - AT_ONCE - 4 - 6
    assert max(slept) <= PATIENCE
    assert {refusal.seconds for refusal in refused} == {int(PATIENCE)}


async def test_people_behind_one_address_log_in_together(pool: Pool, slept: list[float]) -> None:
    network = uuid4()
    for _ in range(3):
        await asyncio.gather(*(succeed(pool, somebody(network=network)) for _ in range(AT_ONCE)))
    assert slept == [0] * 3 * AT_ONCE


async def test_a_refused_try_is_no_failure(pool: Pool, slept: list[float]) -> None:
    who = somebody()
    await fail(pool, *[who] * 6)
    await pool.execute("update attempts set turn = now() + interval '1 hour' where key = $1", who.network)
    with pytest.raises(TooMany):
        await fail(pool, who)
    counted = await pool.fetch("select failures, trying from attempts")
    assert {tuple(row) for row in counted} == {(6, 0)}


async def test_a_try_that_breaks_off_has_failed(pool: Pool, slept: list[float]) -> None:
    """Whoever does not wait for the answer is counted all the same."""
    who = somebody()
    with pytest.raises(asyncio.CancelledError):
        async with turn(pool, who):
            raise asyncio.CancelledError
    assert [tuple(row) for row in await pool.fetch("select failures, trying from attempts")] == [(1, 0), (1, 0)]


async def test_tries_of_a_process_that_died_are_forgotten(pool: Pool, slept: list[float]) -> None:
    who = somebody()
    await fail(pool, who)
    await pool.execute("update attempts set trying = 50, failures = 0, tried_at = now() - interval '2 minutes'")
    await fail(pool, who)
    assert slept == [0, 0]


async def test_right_credentials_forgive_the_account_but_not_the_network(pool: Pool, slept: list[float]) -> None:
    who = somebody()
    await fail(pool, *[who] * 6)
    await succeed(pool, who)
    slept.clear()
    await fail(pool, somebody(account=who.account), somebody(network=who.network))
    assert slept[0] == 0
    assert slept[1] > 0


async def test_failures_are_forgotten_after_an_hour(pool: Pool, slept: list[float]) -> None:
    who = somebody()
    await fail(pool, *[who] * 6)
    await pool.execute("update attempts set last_at = last_at - $1::interval", AN_HOUR)
    slept.clear()
    await fail(pool, who)
    assert slept == [0]
    assert await pool.fetchval("select failures from attempts where key = $1", who.account) == 1


async def mailed(pool: Pool, kind: str, address: UUID, network: str) -> bool:
    async with pool.acquire() as connection:
        return await may_mail(connection, kind, address, network)


async def test_whoever_asks_has_a_few_mails_of_each_kind(pool: Pool) -> None:
    address = uuid4()
    assert [await mailed(pool, "reset", address, "203.0.113.7") for _ in range(5)] == [True, True, True, False, False]
    assert await mailed(pool, "verify", address, "203.0.113.7")
    assert await mailed(pool, "reset", uuid4(), "203.0.113.7")


async def test_the_holder_gets_a_mail_whatever_strangers_have_asked_for(pool: Pool) -> None:
    """A mailbox gets ten more in an hour than there are networks that ask; a network's first always goes."""
    address = uuid4()
    asked = [await mailed(pool, "reset", address, f"198.51.100.{n}") for n in range(40) for _ in range(2)]
    assert sum(asked) == 40 + 10
    assert await mailed(pool, "reset", address, "203.0.113.7")


async def test_another_mail_may_go_while_the_last_link_still_works(pool: Pool) -> None:
    address = uuid4()
    for _ in range(4):
        await mailed(pool, "reset", address, "203.0.113.7")
    await pool.execute("update limits set until = until - $1::interval", MAILS_OF_ONE.every)
    assert await mailed(pool, "reset", address, "203.0.113.7")
    assert MAILS_OF_ONE.every < LINK_LASTS
    assert MAILS_OF_ONE.every < CODE_LASTS


async def test_rows_whose_time_is_over_are_deleted_and_others_stay(pool: Pool) -> None:
    old, new = somebody(), somebody()
    await fail(pool, old)
    await pool.execute(
        "update attempts set last_at = last_at - $1::interval, tried_at = tried_at - $1::interval", 3 * AN_HOUR
    )
    await fail(pool, new)
    await pool.execute("insert into codes values ($1, '', now() - interval '2 days'), ($2, '', now())", *old)
    await pool.execute(
        "insert into sessions values ($1, '1', $1, now() - interval '2 days'), ($2, '2', $2, now())", *old
    )
    await forget_old(pool)
    assert {row["key"] for row in await pool.fetch("select key from attempts")} == set(new)
    assert [row["account_id"] for row in await pool.fetch("select account_id from codes")] == [old.network]
    assert [row["session_id"] for row in await pool.fetch("select session_id from sessions")] == [old.network]


def test_an_account_counts_together_however_it_was_named_and_nothing_personal_is_kept() -> None:
    account = uuid4()
    assert tried(account, "203.0.113.7") == tried(account, "203.0.113.7")
    assert tried(account, "203.0.113.7").account == tried(account, "203.0.113.8").account
    assert "anna" not in str(tried("anna@example.org", "203.0.113.7"))
