"""A subscriber with no code of ours reads everything that a journey left on Kafka, from the documentation alone."""

import ast
import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import pytest

from services.site import NAMES, chosen
from shared.kafka.keys import ERASED
from shared.ops.sealing import Sealer
from shared.store.keys import PURPOSE
from tests.applications.doors import API, applicant, draft, fill, publish, submit, submitted
from tests.applications.values import ANSWERS, SECTIONS
from tests.contracts import subscriber
from tests.contracts.subscriber import Received, Subscriber
from tests.platform import ORIGIN, Kit, Visitor
from tests.profile.values import COMPLETE
from tests.shared.kafka.records import records_of
from tests.support.samples import QUESTION
from tests.system.test_openapi import belongings
from tests.vacancies.doors import day

LETTER: Final = {**SECTIONS["letter"], "convicted": "no", "conviction": "An answer of before"}
JOB: Final = {
    **SECTIONS["education"]["jobs"][0],
    "title": "Head of trade statistics",
    "time": "part",
    "percentage": "50",
    "staff": "3",
}
DIPLOMA: Final = {**SECTIONS["education"]["diplomas"][0], "title": "Diplôme d’hydrologue"}  # In no catalogue.
EDUCATION: Final = {**SECTIONS["education"], "jobs": [JOB], "diplomas": [DIPLOMA]}
TYPED: Final = {**SECTIONS, "letter": LETTER, "education": EDUCATION, "screening": ANSWERS}


PUBLISHING: Final = set(NAMES) - {"careers"}
SERVICES: Final = {service.name: service for service in chosen(None)}


class Done(NamedTuple):
    """What the journey left: the first application's id, and what was typed on the way that is personal."""

    application: str
    typed: frozenset[str]


async def journey(platform: Kit) -> Done:
    """What candidates, support and HR do, until most that can happen has happened."""
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
    people = {each for who in (anna, boris) for each in (who.email, who.given_names)}
    told = {*texts_of(TYPED), *texts_of(COMPLETE), *people, "Well done", QUESTION["subject"], QUESTION["description"]}
    return Done(application, frozenset(each for each in told if len(each) >= TELLING) | {"1990-11-23", "Müller"})


TELLING: Final = 9
"""Letters of a text that stands nowhere by chance, nor as a word of the product's own, such as a code."""


def texts_of(typed: Any) -> Iterator[str]:
    """The texts that somebody typed, as the lines of which they consist; no codes and dates."""
    if isinstance(typed, dict | list):
        for each in typed.values() if isinstance(typed, dict) else typed:
            yield from texts_of(each)
    elif isinstance(typed, str) and not re.fullmatch("[a-z_]+|[A-Z0-9]+|[0-9-]+", typed):
        yield from typed.splitlines()


@pytest.fixture(scope="module")
async def done(platform: Kit) -> Done:
    return await journey(platform)


@pytest.fixture(scope="module")
async def hr(platform: Kit, done: Done) -> Subscriber:
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


def test_nothing_that_was_typed_is_in_any_record(messages: Sequence[Received], done: Done) -> None:
    assert {"rosa@example.org", "Analysed trade.", "Diplôme d’hydrologue", "1990-11-23", "Well done"} < done.typed
    wanted = {form: text for text in done.typed for form in (text.encode(), json.dumps(text)[1:-1].encode())}
    found = [
        (each.headers["ce_type"], text)
        for each in messages
        for form, text in wanted.items() if form in each.value + each.key.encode() + repr(each.headers).encode()
    ]  # fmt: skip
    assert found == []


def test_what_is_personal_is_one_part_of_those_types_that_have_something_personal(
    messages: Sequence[Received], done: Done
) -> None:
    parts = {each.headers["ce_type"] for each in messages if "personal" in each.data}
    assert parts >= {"CandidateRegistered", "ApplicationSubmitted", "TicketOpened", "SearchSaved"}
    assert parts.isdisjoint({"DraftSaved", "AttachmentAdded", "VacancyPublished", "LoggedIn"})
    sent = next(each for each in messages if each.key == f"application-{done.application}" and "personal" in each.data)
    assert sent.data["personal"].startswith(f"application-{done.application}.")


async def test_who_has_the_scope_fetches_what_is_personal_where_the_event_says(
    platform: Kit, messages: Sequence[Received], done: Done
) -> None:
    hers = [each.headers for each in messages if each.key == f"application-{done.application}"]
    there = {each["ce_type"]: each["ce_dataref"] for each in hers if "ce_dataref" in each}
    assert there.keys() == {"ApplicationSubmitted", "ApplicationMovedUnderConsideration", "ApplicationOutcomeRecorded"}
    [address] = set(there.values())
    path = urlsplit(address).path
    reader, other = await platform.machine("applications.read"), await platform.machine("events")
    answer = await reader.get(path)
    assert answer.status_code == 200, answer.text
    sections = answer.json()["snapshot"]["sections"]
    assert "conviction" not in sections["letter"]
    assert (sections["education"]["jobs"][0]["percentage"], sections["education"]["jobs"][0]["staff"]) == (50, 3)
    assert [each["reason"] for each in answer.json()["timeline"]] == ["", "", "Well done", "Well done"]
    refused = await other.get(path)
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"].endswith('scope="applications.read"')
    assert (await platform.visitor().get(path, headers={"accept": "application/json"})).status_code == 401


async def test_the_keys_tell_strangers_nothing(platform: Kit, done: Done) -> None:
    """A broker without access rules lets strangers read them: they are wrapped under a key that no broker has."""
    for name in ("identity", "applications"):
        store = platform.service(name).kernel.store
        topic = SERVICES[name].published.keys_topic(platform.settings.topic_prefix)
        told = [each for each in await records_of(platform.settings, topic) if each.value is not None]
        records = [each for each in told if not each.key.decode().startswith(ERASED)]
        keys = [store.keys.sealer.opened(PURPOSE, each.value, each.key.decode()) or b"" for each in records]
        assert {len(each) for each in keys} == {32}
        everything = b"\n".join(each.value for each in records)
        assert [each for each in keys if each in everything or base64.b64encode(each) in everything] == []
        stranger = Sealer("another master key")
        assert {stranger.opened(PURPOSE, each.value, each.key.decode()) for each in records} == {None}


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
                for address in ("dataschema", "dataref"):
                    assert urlsplit(each.pop(address, "")).path == urlsplit(named.pop(address, "")).path
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
