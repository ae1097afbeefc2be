"""Views that an operator rebuilds in a running system: the services start again afterwards."""

from services.__main__ import _rebuilt
from services.vacancies.projections import SEARCH
from shared.store.epoch import check_epoch
from tests.applications.doors import publish
from tests.platform import Kit


async def test_a_service_starts_again_after_a_view_of_its_own_was_rebuilt_by_hand(platform: Kit) -> None:
    await publish(platform)
    await platform.settled()
    kernel = platform.service("vacancies").kernel
    await _rebuilt(kernel, SEARCH)
    kept = await kernel.pool.fetch("select distinct epoch from checkpoints")
    assert [row["epoch"] for row in kept] == [await check_epoch(kernel.pool)]
