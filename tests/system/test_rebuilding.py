"""Views that an operator rebuilds in a running system: the services start again afterwards."""

from shared.store.epoch import check_epoch
from tests.applications.doors import publish
from tests.platform import Kit, commanded


async def test_a_service_starts_again_after_a_view_of_its_own_was_rebuilt_by_hand(platform: Kit) -> None:
    await publish(platform)
    await platform.settled()
    assert await commanded(platform, "rebuild", "vacancies", "search") == (
        0,
        "vacancies search: generation 2 is live\n",
    )
    pool = platform.service("vacancies").kernel.pool
    kept = await pool.fetch("select distinct epoch from checkpoints")
    assert [row["epoch"] for row in kept] == [await check_epoch(pool)]
