"""Statuses set by HR systems, singly and in bulk, and how their operations are described."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
import pytest
from asyncpg.exceptions import RaiseError

from tests.applications.doors import API, applicant, draft, publish, submitted
from tests.platform import Kit, Visitor

STATUSES = "/applications/api/statuses"


def change(application: str, status: str = "under_consideration", **more: str) -> dict[str, str]:
    return {"application_id": application, "status": status, **more}


async def bulk(hr: Visitor, *changes: dict[str, str], key: str = "") -> Any:
    headers = {"idempotency-key": key or uuid4().hex}
    return await hr.api("POST", STATUSES, json={"changes": changes}, headers=headers)


async def timeline(platform: Kit, anna: Visitor, application: str) -> list[tuple[str, str]]:
    await platform.settled()
    read = (await anna.api("GET", f"{API}/{application}")).json()
    return [(step["status"], step["reason"]) for step in read["timeline"]]


async def test_each_change_stands_by_itself_and_a_retry_is_answered_the_same(platform: Kit) -> None:
    vacancy, anna, ben, hr = (
        await publish(platform),
        await applicant(platform),
        await applicant(platform),
        await platform.machine("hr"),
    )
    first, second = await submitted(anna, vacancy), await submitted(ben, vacancy)
    open_draft, key = await draft(anna), uuid4().hex
    wishes = (
        change(first["id"], reason="Longlisted"),
        change(second["id"], "selected"),
        change(open_draft),
        change(str(uuid4())),
    )
    answer = await bulk(hr, *wishes, key=key)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["outcome"] for result in results] == ["set", "refused", "refused", "refused"]
    assert [result["application_id"] for result in results] == [wish["application_id"] for wish in wishes]
    kinds = ["status-not-possible", "not-found", "not-found"]
    assert [result["type"] for result in results] == [None, *(f"urn:postulo:problem:{kind}" for kind in kinds)]
    said = "The status cannot change from applied to selected"
    assert results[1]["problems"] == [{"field": "status", "pointer": "/changes/1/status", "message": said}]
    assert (await timeline(platform, anna, first["id"]))[-1] == ("under_consideration", "Longlisted")
    assert (await timeline(platform, ben, second["id"]))[-1] == ("applied", "")

    assert (await bulk(hr, change(first["id"], "rostered"))).json()["results"][0]["outcome"] == "set"
    retried = await bulk(hr, *wishes, key=key)
    assert retried.json() == answer.json()
    assert (await timeline(platform, anna, first["id"]))[-1] == ("rostered", "")
    other = await bulk(hr, wishes[0], key=key)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "idempotency-key")
    somebody = await bulk(await platform.machine("hr"), change(second["id"]), key=key)
    assert somebody.json()["results"][0]["outcome"] == "set"


async def test_a_status_that_is_set_already_is_set(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, vacancy)
    answers = [await bulk(hr, change(sent["id"])) for _ in range(2)]
    assert [answer.json()["results"][0]["outcome"] for answer in answers] == ["set", "set"]
    assert [step for step, _ in await timeline(platform, anna, sent["id"])] == [
        "draft",
        "applied",
        "under_consideration",
    ]


ONE = "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b11"
BAD: dict[str, tuple[list[dict[str, str]], str]] = {
    "none": ([], "changes"),
    "no id": ([change("nothing")], "changes.0.application_id"),
    "no status of HR's": ([change(ONE, "applied")], "changes.0.status"),
    "long reason": ([change(ONE, reason="x" * 1_001)], "changes.0.reason"),
    "too many": ([change(ONE)] * 501, "changes"),
}


@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=BAD)
async def test_bad_input_is_refused_as_a_whole(platform: Kit, changes: Any, field: str) -> None:
    hr = await platform.machine("hr")
    refused = await bulk(hr, *changes)
    errors = [(error["field"], error["pointer"]) for error in refused.json()["errors"]]
    assert (refused.status_code, errors) == (422, [(field, "/" + field.replace(".", "/"))])


async def test_a_bulk_request_needs_a_key_and_the_scope(platform: Kit) -> None:
    hr, body = await platform.machine("hr"), {"changes": [change(str(uuid4()))]}
    without = await hr.api("POST", STATUSES, json=body)
    assert (without.status_code, without.json()["errors"][0]["field"]) == (400, "idempotency-key")
    key = {"idempotency-key": uuid4().hex}
    strangers = ((platform.visitor(), 401), (await platform.candidate(), 403), (await platform.machine("support"), 403))
    for stranger, expected in strangers:
        assert (await stranger.api("POST", STATUSES, json=body, headers=key)).status_code == expected


async def test_an_application_that_stands_in_a_request_twice_is_changed_twice_in_order(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = (await submitted(anna, vacancy))["id"]
    wishes = (change(sent), change(sent, "rostered"), change(sent, "selected"))
    answer = await bulk(hr, *wishes)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["outcome"] for result in results] == ["set", "set", "refused"]
    assert [problem["pointer"] for problem in results[2]["problems"]] == ["/changes/2/status"]
    steps = [step for step, _ in await timeline(platform, anna, sent)]
    assert steps[2:] == ["under_consideration", "rostered"]


MIGRATION: Final = (
    Path(__file__).parents[2] / "services/applications/migrations/0005_answers_by_change.sql"
).read_text()


async def kept_before(platform: Kit, results: list[dict[str, Any]]) -> None:
    """Has the last request be one that the version before answered: one row for its whole list."""
    async with platform.service("applications").kernel.pool.acquire() as db, db.transaction():
        request = await db.fetchval("select request from answers_by_change order by given_at desc limit 1")
        await db.execute("insert into answers (request, answer) values ($1, $2)", request, dumps({"results": results}))
        await db.execute("drop table answers_by_change")
        await db.execute(MIGRATION)


def dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


async def test_what_an_earlier_version_answered_is_answered_again(platform: Kit) -> None:
    """Its results had neither a type nor a pointer."""
    hr, key, other = await platform.machine("hr"), uuid4().hex, str(uuid4())
    wishes = change(ONE), change(other, "rostered")
    await bulk(hr, *wishes, key=key)
    told = [{"field": "", "message": "There is no such application"}]
    results = [{**wish, "outcome": "refused", "problems": told} for wish in wishes]
    await kept_before(platform, results)
    again = await bulk(hr, *wishes, key=key)
    assert again.json()["results"] == [
        {**result, "type": None, "problems": [{**told[0], "pointer": None}]} for result in results
    ]


@pytest.mark.parametrize(
    "earlier",
    [
        [change(str(uuid4()))],
        [change(ONE, "rostered")],
        [change(ONE), change(ONE)],
    ],
    ids=["another application", "another status", "a longer list"],
)
async def test_the_key_of_another_list_of_an_earlier_version_is_refused(
    platform: Kit, earlier: list[dict[str, str]]
) -> None:
    hr, key = await platform.machine("hr"), uuid4().hex
    await bulk(hr, change(ONE), key=key)
    await kept_before(platform, [{**wish, "outcome": "refused", "problems": []} for wish in earlier])
    answer = await bulk(hr, change(ONE), key=key)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:postulo:problem:idempotency-key-reused"


@pytest.mark.parametrize("done", [0, 1, 2, 3])
async def test_a_retry_after_a_request_that_broke_off_does_the_rest_and_no_more(platform: Kit, done: int) -> None:
    """What was done is answered as it was, though its application has moved on in the same list."""
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent, key = (await submitted(anna, vacancy))["id"], uuid4().hex
    wishes = (change(sent), change(sent, "rostered"), change(str(uuid4())))
    pool = platform.service("applications").kernel.pool
    await pool.execute(STOP_AT.format(number=done))
    try:
        with suppress(RaiseError):
            await bulk(hr, *wishes, key=key)
    finally:
        await pool.execute(GO_ON)
    steps = [step for step, _ in await timeline(platform, anna, sent)]
    assert steps[2:] == ["under_consideration", "rostered"][:done]
    await pool.execute(NOT_RUNNING)
    results = (await bulk(hr, *wishes, key=key)).json()["results"]
    assert [result["outcome"] for result in results] == ["set", "set", "refused"]
    steps = [step for step, _ in await timeline(platform, anna, sent)]
    assert steps[2:] == ["under_consideration", "rostered"]


STOP_AT = """create function stop() returns trigger language plpgsql as $$ begin raise 'stopped'; end $$;
create trigger stop before insert on answers_by_change for each row when (new.number = {number})
    execute function stop()"""
GO_ON = "drop function stop cascade"
NOT_RUNNING = "update requests set running_until = null"
"""As ten seconds later, when the process that went away no longer counts as running it."""


HR_OPERATIONS = {
    ("get", "/applications/api/submitted/{application_id}"),
    ("get", "/applications/api/submitted/{application_id}/php"),
    ("get", "/applications/api/submitted/{application_id}/attachments/{attachment_id}"),
    ("post", "/applications/api/submitted/{application_id}/status"),
    ("post", STATUSES),
    ("get", "/applications/api/equivalences"),
    ("get", "/applications/api/equivalences/{entry_id}"),
    ("put", "/applications/api/equivalences/{entry_id}"),
    ("post", "/applications/api/equivalences"),
    ("get", "/applications/api/equivalence-reports"),
}


async def test_every_operation_for_hr_is_described_with_an_example_of_what_it_takes(platform: Kit) -> None:
    document = (await platform.visitor().get("/applications/api/openapi.json")).json()
    for method, path in HR_OPERATIONS:
        operation = document["paths"][path][method]
        assert operation["description"], path
        if "requestBody" in operation:
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][name]["examples"], path
    assert "/applications/api/applications/{application_id}/status" not in document["paths"]
    [key] = [
        parameter
        for parameter in document["paths"][STATUSES]["post"]["parameters"]
        if parameter["name"] == "idempotency-key"
    ]
    assert key["required"]
