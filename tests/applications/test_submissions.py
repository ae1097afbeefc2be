"""The list of submitted applications through its door: whose they are, since when, page by page."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.events import PUBLISHED
from services.applications.use_cases.submissions import Asked, page_of
from tests.applications.doors import applicant, draft, publish, submitted
from tests.platform import Kit, Visitor
from tests.system.test_samples import decoded, read

LIST = "/applications/api/submitted"


async def sent(platform: Kit, *vacancies: dict[str, Any]) -> list[str]:
    """Applications by as many candidates, one after the other."""
    return [(await submitted(await applicant(platform), vacancy))["id"] for vacancy in vacancies]


async def listed(hr: Visitor, **query: Any) -> list[str]:
    answer = await hr.get(LIST, params=query)
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["applications"]]


async def test_a_line_says_how_an_application_stands_and_the_list_goes_by_the_last_change(platform: Kit) -> None:
    vacancy = await publish(platform)
    first, second, third = await sent(platform, vacancy, vacancy, vacancy)
    await draft(await applicant(platform), vacancy)
    hr = await platform.machine("hr")
    await hr.api("POST", f"{LIST}/{first}/status", json={"status": "under_consideration"})
    await platform.settled()
    of_it = {"vacancy_id": vacancy["id"]}
    answer = await hr.get(LIST, params=of_it)
    lines = answer.json()["applications"]
    assert [line["id"] for line in lines] == [second, third, first]
    assert (answer.json()["next"], "link" in answer.headers) == ("", False)
    read = (await hr.get(f"{LIST}/{first}")).json()
    assert lines[-1] == {
        **{name: read[name] for name in ("id", "candidate_id", "vacancy_id", "job_opening_number", "title")},
        **{name: read[name] for name in ("reference", "status")},
        "submitted_at": read["timeline"][1]["at"].replace("+00:00", "Z"),
        "changed_at": read["timeline"][2]["at"].replace("+00:00", "Z"),
    }
    assert await listed(hr, **of_it, status="applied") == [second, third]
    assert await listed(hr, **of_it, status="draft") == []
    assert await listed(hr, **of_it, changed_after=lines[0]["changed_at"]) == [third, first]
    assert await listed(hr, **of_it, changed_after=lines[0]["changed_at"], status="applied") == [third]
    assert await listed(hr, vacancy_id=str(uuid4())) == []


async def test_pages_follow_one_another_exactly_and_what_changes_meanwhile_comes_again_at_the_end(
    platform: Kit,
) -> None:
    vacancy = await publish(platform)
    first, second, third = await sent(platform, vacancy, vacancy, vacancy)
    await platform.settled()
    hr = await platform.machine("hr")
    page = await hr.get(LIST, params={"vacancy_id": vacancy["id"], "limit": 2})
    assert [line["id"] for line in page.json()["applications"]] == [first, second]
    assert page.links["next"]["url"] == (
        f"{LIST}?vacancy_id={vacancy['id']}&limit=2&after={quote(page.json()['next'])}"
    )
    await hr.api("POST", f"{LIST}/{first}/status", json={"status": "cancelled"})
    await platform.settled()
    rest = await hr.get(page.links["next"]["url"])
    assert [line["id"] for line in rest.json()["applications"]] == [third, first]
    assert (rest.json()["next"], rest.links) == ("", {})


async def test_a_client_lists_what_was_submitted_for_its_organisations_vacancies_and_staff_all(platform: Kit) -> None:
    own, other, staff = (
        await platform.machine("applications.read", organisation="Kingfishers"),
        await platform.machine("hr", organisation="Herons"),
        await platform.staff("reader"),
    )
    theirs = await publish_for(platform, "Kingfishers")
    ids = await sent(platform, theirs, theirs)
    await platform.settled()
    assert await listed(own) == ids
    assert await listed(own, vacancy_id=theirs["id"]) == ids
    assert await listed(own, limit=1) == ids[:1]
    assert (await listed(other), await listed(other, vacancy_id=theirs["id"])) == ([], [])
    assert await listed(staff, vacancy_id=theirs["id"]) == ids
    assert set(ids) <= set(await listed(staff, limit=500))


async def publish_for(platform: Kit, organisation: str) -> dict[str, Any]:
    """A job opening of this organisation, known to the applications service."""
    notice = await publish(platform)
    hr = await platform.machine("hr", organisation=organisation)
    wish = {**{k: v for k, v in notice.items() if k != "id"}, "job_opening_number": f"26-{organisation}"}
    answer = await hr.api("POST", "/vacancies/api/vacancies", json=wish)
    assert answer.status_code == 201, answer.text
    await platform.settled()
    return {**wish, "id": answer.json()["id"]}


async def test_what_was_submitted_before_events_named_the_organisation_is_listed_for_it_too(platform: Kit) -> None:
    theirs = await publish_for(platform, "Egrets")
    (old,) = await sent(platform, theirs)
    await platform.settled()
    kernel = platform.service("applications").kernel
    assert (await kernel.state(APPLICATION, old)).submitted.organisation == "Egrets"  # type: ignore[union-attr]
    sql = "update documents set document = document - 'organisation' where view = 'submissions' and key = $1"
    await kernel.pool.execute(sql, old)
    assert await listed(await platform.machine("applications.read", organisation="Egrets")) == [old]
    assert await listed(await platform.machine("applications.read", organisation="Storks")) == []


def test_an_event_from_before_does_not_name_the_organisation() -> None:
    (sample,) = [each for each in read("applications") if each.type == "ApplicationSubmitted" and each.version == 1]
    assert decoded(PUBLISHED, sample).organisation is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("owners", [None, frozenset({"Kingfishers", ""})])
@pytest.mark.parametrize("vacancy_id", [None, "found"])
async def test_each_look_goes_along_an_index(
    platform: Kit, owners: frozenset[str] | None, vacancy_id: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = platform.service("applications").kernel
    if vacancy_id:
        vacancy_id = (await publish(platform))["id"]
    plans: list[str] = []

    async def explained(view: Any, sql: str, *args: Any) -> list[Any]:
        of_view = "(select * from documents where view = $1 and generation = 1)"
        async with kernel.pool.acquire() as connection, connection.transaction():
            await connection.execute(MANY)
            rows = await connection.fetch(
                f"explain with documents_of_view as not materialized {of_view} {sql}", view.name, *args
            )
        plans.append("\n".join(row[0] for row in rows))
        return []

    monkeypatch.setattr(kernel.views, "fetch", explained)
    await page_of(kernel, owners, Asked(vacancy_id=vacancy_id))
    wanted = {"submissions_of_vacancy"} if vacancy_id else {"submissions_of_all"}
    if owners and not vacancy_id:
        wanted = {"submissions_of_organisation", "submissions_of_unknown"}
    (plan,) = plans
    assert {index for index in INDEXES if index in plan} == wanted, plan
    assert "Seq Scan" not in plan


MANY = """create temp table documents (like public.documents including defaults) on commit drop;
    alter table documents add primary key (view, generation, key);
    insert into documents (view, generation, key, document)
        select 'submissions', 1, gen_random_uuid(), jsonb_strip_nulls(jsonb_build_object(
            'status', 'applied', 'changed_at', now() - n * interval '1 minute', 'vacancy_id', gen_random_uuid(),
            'organisation', case when n % 10 > 0 then 'of ' || n % 100 end))
        from generate_series(1, 5000) as n;
    do $$ declare made text; begin
        for made in select indexdef from pg_indexes where schemaname = 'public' and indexname like 'submissions%' loop
            execute replace(made, 'public.', 'pg_temp.');
        end loop;
    end $$;
    analyze documents"""
"""In the place of the documents there are, so many that the planner weighs the indexes."""
INDEXES = ("submissions_of_vacancy", "submissions_of_organisation", "submissions_of_unknown", "submissions_of_all")


@pytest.mark.parametrize("after", ["x", "~", "2026~", "~0191d2d4-0000-7000-8000-000000000001"])
async def test_a_place_that_there_is_not_is_refused(platform: Kit, after: str) -> None:
    answer = await (await platform.machine("hr")).get(LIST, params={"after": after})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")
