"""Every list that has pages says where the next one is, and the pages are the list."""

from typing import Any, Final

import pytest

from services.site import NAMES
from tests.applications.doors import API, applicant, publish, submitted
from tests.platform import Kit, Visitor
from tests.support.samples import QUESTION
from tests.system.stage import NEED
from tests.system.test_openapi import document_of

LISTS: Final = {
    "/vacancies/api/vacancies": ("size", "vacancies"),
    "/applications/api/submitted": ("limit", "applications"),
    "/applications/api/accommodations": ("limit", "requests"),
    "/applications/api/equivalences": ("limit", ""),
    "/applications/api/equivalence-reports": ("limit", ""),
    "/support/api/desk": ("limit", ""),
    **{f"/{name}/api/events": ("limit", "") for name in NAMES if name != "careers"},
}
"""By path: the parameter that says how long a page is, and where in the answer the list stands."""


@pytest.mark.parametrize("service", NAMES)
async def test_every_list_with_pages_documents_the_header_link(platform: Kit, service: str) -> None:
    found = set()
    for path, methods in (await document_of(platform, service))["paths"].items():
        names = {each["name"] for each in methods.get("get", {}).get("parameters", [])}
        if names & {"limit", "size", "after", "offset", "page"}:
            assert "Link" in methods["get"]["responses"]["200"]["headers"], path
            found.add(path)
    assert found == {path for path in LISTS if path.startswith(f"/{service}/")}


async def entries(hr: Visitor, path: str, most: int, pages: int) -> list[dict[str, Any]]:
    size, where = LISTS[path]
    found: list[dict[str, Any]] = []
    address = f"{path}?{size}={most}"
    for _ in range(pages):
        answer = await hr.get(address)
        assert answer.status_code == 200, answer.text
        page = answer.json()[where] if where else answer.json()
        assert len(page) <= most
        found += page
        if not page or "next" not in answer.links:
            break
        address = answer.links["next"]["url"]
    return found


@pytest.fixture(scope="session")
async def hr(platform: Kit) -> Visitor:
    """Who may read every list; two or more stand in each."""
    vacancy, anna = await publish(platform), await applicant(platform)
    await publish(platform)
    for each in (anna, await applicant(platform)):
        sent = (await submitted(each, vacancy))["id"]
        asked = await each.api("PUT", f"{API}/{sent}/accommodation", json=NEED)
        assert asked.status_code == 204, asked.text
    for _ in range(2):
        await anna.api("POST", "/support/api/tickets", json={**QUESTION, "user_code": anna.user_code})
        await anna.api("POST", "/alerts/api/searches", json={"name": "Water", "criteria": {"keywords": "water"}})
    await platform.settled()
    return await platform.machine("hr", "support", "accommodations.read")


@pytest.mark.parametrize("path", [path for path in LISTS if not path.endswith("reports")])
async def test_the_pages_of_a_list_are_the_list(hr: Visitor, path: str) -> None:
    whole = await entries(hr, path, 90, 1)
    assert len(whole) > 1
    assert (await entries(hr, path, 1, 3)) == whole[:3]
