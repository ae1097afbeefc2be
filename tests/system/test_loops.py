"""What is true of every service: it is alive, ready, measured, and says which events it speaks."""

import re

import pytest

from services.site import NAMES, chosen
from tests.containers import ROOT
from tests.platform import Kit


@pytest.mark.parametrize("name", NAMES)
async def test_every_service_is_alive_ready_and_measured(platform: Kit, name: str) -> None:
    visitor = platform.visitor()
    assert (await visitor.get(f"/{name}/livez")).text == "alive"
    assert (await visitor.get(f"/{name}/readyz")).text == "ready"
    assert f'postulo_events_appended_total{{service="{name}"}}' in (await visitor.get(f"/{name}/metrics")).text


@pytest.mark.parametrize("page", ["README.md", "loop-restarts.md"])
async def test_the_runbook_of_loops_names_each_as_the_log_does(platform: Kit, page: str) -> None:
    text = (ROOT / "docs" / "runbooks" / page).read_text()
    listed = re.search(r"loop of the service \(([^)]*)\)", text)
    assert listed
    started = {loop for name in NAMES for loop in platform.service(name).tasks.names}
    assert {re.sub("^index of .*", "index of …", loop) for loop in started} == set(listed[1].split(", "))


@pytest.mark.parametrize("name", NAMES)
async def test_every_service_documents_its_events_and_its_operations(platform: Kit, name: str) -> None:
    visitor = platform.visitor()
    asyncapi = (await visitor.get(f"/{name}/asyncapi.json")).json()
    published = platform.service(name).kernel.service.published
    addresses = {channel["address"] for channel in asyncapi["channels"].values()}
    assert published.topics(platform.settings.topic_prefix) <= addresses
    assert {event.__name__ for event in published.events} <= set(asyncapi["components"]["messages"])
    assert (await visitor.get(f"/{name}/api/openapi.json")).json()["paths"]


def test_no_two_services_publish_an_aggregate_of_the_same_name() -> None:
    """Streams of the same name would queue behind each other where a handler parks them."""
    categories = [category for each in chosen(None) for category in each.published.aggregates]
    assert len(categories) == len(set(categories))


async def test_a_candidate_registers_and_logs_in_through_the_doors(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    assert anna.user_code
    await platform.settled()
