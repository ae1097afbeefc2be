"""A subscriber with no code of ours reads everything that a journey left on Kafka, from the documentation alone."""

import ast
import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from services.__main__ import NAMES, chosen
from tests.applications.doors import API, applicant, draft, fill, publish, submit, submitted
from tests.applications.values import ANSWERS, SECTIONS
from tests.contracts import subscriber
from tests.contracts.subscriber import Received, Subscriber
from tests.platform import ORIGIN, Kit, Visitor
from tests.system.test_openapi import belongings
from tests.vacancies.doors import day

LETTER: Final = {**SECTIONS["letter"], "convicted": "no", "conviction": "An answer of before"}
JOB: Final = {**SECTIONS["education"]["jobs"][0], "time": "part", "percentage": "50", "staff": "3"}
EDUCATION: Final = {**SECTIONS["education"], "jobs": [JOB]}
TYPED: Final = {**SECTIONS, "letter": LETTER, "education": EDUCATION, "screening": ANSWERS}


PUBLISHING: Final = set(NAMES) - {"careers"}


async def journey(platform: Kit) -> str:
    """What candidates, support and HR do, until most that can happen has happened; the first application's id."""
    vacancy, other = await publish(platform), await publish(platform)
    anna, hr = await applicant(platform), await platform.machine("hr")
    application = await draft(anna, vacancy)
    ready = await fill(anna, application, TYPED)
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    for status in ("under_consideration", "selected"):
        body = {"status": status, "reason": "Well done"}
        assert (await hr.api("POST", f"/applications/api/submitted/{application}/status", json=body)).status_code == 200
    boris = await applicant(platform, "fr")
    sent = await submitted(boris, other)
    assert (await boris.api("POST", f"{API}/{sent['id']}/withdrawal")).status_code in (200, 204)
    await belongings(boris, vacancy)
    extended = await hr.api("PUT", f"/vacancies/api/vacancies/{other['id']}/deadline", json={"closes_on": day(60)})
    assert extended.status_code == 200, extended.text
    await platform.settled()
    return application


@pytest.fixture(scope="module")
async def submitted_id(platform: Kit) -> str:
    return await journey(platform)


@pytest.fixture(scope="module")
async def hr(platform: Kit, submitted_id: str) -> Subscriber:
    """Knows the documents, fetched from the site."""
    loop, visitor = asyncio.get_running_loop(), platform.visitor()

    def fetch(address: str) -> Any:
        answer = asyncio.run_coroutine_threadsafe(visitor.get(address), loop).result(30)
        assert answer.status_code == 200, address
        return answer.json()

    documents = [await asyncio.to_thread(fetch, f"{ORIGIN}/{name}/asyncapi.json") for name in NAMES]
    return Subscriber(documents, fetch)


@pytest.fixture(scope="module")
async def messages(hr: Subscriber) -> Sequence[Received]:
    return await asyncio.to_thread(hr.messages)


def test_it_has_no_code_of_ours() -> None:
    tree = ast.parse(Path(subscriber.__file__).read_text("utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names]
    assert {module.partition(".")[0] for module in modules}.isdisjoint({"services", "shared", "deploy", "tests"})


async def test_every_message_is_what_the_schema_that_it_names_says(
    hr: Subscriber, messages: Sequence[Received]
) -> None:
    complaints = [await asyncio.to_thread(hr.complaints, each) for each in messages]
    assert [each for found in complaints for each in found] == []
    assert {urlsplit(address).path.split("/")[1] for address in filter(None, hr.schemas)} == PUBLISHING


def test_the_sdk_reads_every_envelope(messages: Sequence[Received]) -> None:
    for each in messages:
        event = each.event
        assert (event.get_specversion(), event.get_datacontenttype()) == ("1.0", "application/json")
        assert event.get_id() == each.headers["ce_id"]
        assert event.get_dataschema() == each.headers.get("ce_dataschema")
        assert event.get_subject() == each.headers["ce_subject"]
        assert event.get_extension("sequence") == each.headers.get("ce_sequence")
        assert event.get_extension("lineage") == each.headers["ce_lineage"]
        assert event.get_time() is not None
        assert event.get_data() == each.data


def test_an_id_is_one_event_and_a_stream_is_in_order_without_unexplained_gaps(messages: Sequence[Received]) -> None:
    events = [each for each in messages if "ce_sequence" in each.headers]
    places = {each.headers["ce_id"]: (each.key, each.headers["ce_sequence"]) for each in events}
    assert max(Counter(places.values()).values()) == 1
    first: dict[str, list[str]] = {}
    for each in events:
        known = first.setdefault(each.key, [])
        if each.headers["ce_sequence"] not in known:
            known.append(each.headers["ce_sequence"])
    for stream, sequences in first.items():
        assert sequences == sorted(sequences), stream
        if stream.partition("-")[0] in whole():
            assert [*map(int, sequences)] == [*range(1, len(sequences) + 1)], stream


def test_everything_comes_from_a_store_that_is_announced(messages: Sequence[Received]) -> None:
    announced = {each.key for each in messages if each.headers["ce_type"] == "StoreAnnounced"}
    assert len(announced) == len(PUBLISHING)
    assert {each.headers["ce_lineage"] for each in messages} == announced


def whole() -> set[str]:
    """The aggregates of which everything leaves."""
    return {
        decider.category
        for service in chosen(None)
        for decider in service.deciders
        if set(decider.events) == set(service.published.aggregates.get(decider.category, ()))
    }


def test_the_submitted_file_is_data(messages: Sequence[Received], submitted_id: str) -> None:
    [sent] = [
        each for each in messages
        if each.headers["ce_type"] == "ApplicationSubmitted" and each.key == f"application-{submitted_id}"
    ]  # fmt: skip
    sections = sent.data["snapshot"]["sections"]
    assert "conviction" not in sections["letter"]
    assert (sections["education"]["jobs"][0]["percentage"], sections["education"]["jobs"][0]["staff"]) == (50, 3)


def test_a_journey_leaves_what_recruiting_is_about(messages: Sequence[Received]) -> None:
    there = {each.headers["ce_type"] for each in messages}
    assert there >= {
        "VacancyPublished", "DeadlineExtended", "CandidateRegistered", "EmailVerified", "ProfileCompleted",
        "DraftSaved", "ApplicationSubmitted", "ApplicationMovedUnderConsideration", "ApplicationOutcomeRecorded",
        "ApplicationWithdrawn", "SearchSaved", "TicketOpened", "LoggedIn", "SlotReserved",
    }  # fmt: skip


async def test_the_feed_says_of_every_event_what_kafka_says(platform: Kit, messages: Sequence[Received]) -> None:
    """Ids, streams, sequences, data and all attributes; of addresses the path, since tests run sites under several."""
    events = [each for each in messages if each.headers["ce_type"] != "StoreAnnounced"]
    hr = await platform.machine("events")
    for name in sorted(PUBLISHING):
        on_kafka = {each.headers["ce_id"]: each for each in events if each.headers["ce_source"] == f"/postulo/{name}"}
        fed = await everything(hr, f"/{name}/api/events")
        assert len(fed) == len({each["id"] for each in fed})
        last = max(place for place, each in enumerate(fed) if each["id"] in on_kafka)  # Others may have written since.
        assert {each["id"] for each in fed[: last + 1]} == on_kafka.keys()
        for each in fed:
            if known := on_kafka.get(each["id"]):
                named = {key.removeprefix("ce_"): text for key, text in known.headers.items() if key != "content-type"}
                assert urlsplit(each.pop("dataschema")).path == urlsplit(named.pop("dataschema")).path
                assert each == {**named, "datacontenttype": "application/json", "data": known.data}


async def everything(hr: Visitor, address: str) -> list[Any]:
    """All pages of a feed, each found by the one before."""
    found: list[Any] = []
    while True:
        answer = await hr.get(address)
        assert answer.status_code == 200, answer.text
        if not (page := answer.json()):
            return found
        found += page
        address = answer.links["next"]["url"]
