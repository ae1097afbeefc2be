"""The faults of events leave nothing behind."""

import asyncio

import pytest

from tests.faults.events import to_its_end


async def test_a_member_leaves_its_group_however_often_it_is_cancelled() -> None:
    begun, goes_on, left = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def leaving() -> None:
        begun.set()
        await goes_on.wait()
        left.set()

    task = asyncio.create_task(to_its_end(leaving()))
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left.is_set()


async def test_what_fails_at_leaving_is_said() -> None:
    async def leaving() -> None:
        raise ValueError("nobody is there")

    with pytest.raises(ValueError, match="nobody is there"):
        await to_its_end(leaving())
