"""Views that an operator rebuilds in a running system: the services start again afterwards."""

import pytest

from shared import http
from shared.store.epoch import check_epoch
from tests.applications.doors import publish
from tests.platform import Kit, commanded, commanded_here


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


async def test_a_command_makes_no_pages_since_it_answers_nobody(platform: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "create", None)
    status, said = await commanded_here(platform, "rebuild", "support", "feedback")
    assert status == 0
    assert said.startswith("support feedback: generation ")
