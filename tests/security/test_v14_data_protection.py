"""V14, data protection: what is somebody's is kept in no cache, in no address, and goes with the account."""

from typing import Final

import pytest

from tests.applications.doors import API, applicant, draft
from tests.platform import Kit

MINE: Final = (
    "/identity/api/session", "/identity/api/account/sessions", "/identity/api/account/second-factors",
    "/profile/api/contact", API, "/alerts/api/searches", "/support/api/tickets", "/careers/api/overview",
    "/identity/my-data", "/profile/my-data",
)  # fmt: skip


@pytest.mark.parametrize("path", MINE)
async def test_an_answer_about_somebody_is_kept_nowhere(platform: Kit, path: str) -> None:
    anna = await applicant(platform)
    answer = await anna.api("GET", path)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]


async def test_no_page_s_links_name_anybody(platform: Kit) -> None:
    """An address ends in histories, logs and the next site's Referer."""
    anna = await applicant(platform)
    application = await draft(anna)
    for page in ("/careers", "/profile", "/identity/account", f"/applications/{application}/review"):
        shown = await anna.get(page)
        links = [part.partition('"')[0] for part in shown.text.split('href="')[1:]]
        assert links
        assert not [link for link in links if anna.email in link or anna.family_name in link or "@" in link]


async def test_the_next_site_is_not_told_where_somebody_came_from(platform: Kit) -> None:
    anna = await platform.candidate()
    assert (await anna.get("/careers")).headers["referrer-policy"] == "same-origin"
