"""Saved job openings and the mails about them, through the doors of the running platform."""

import asyncio
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zipfile import ZipFile

import orjson
import pytest

from services.vacancies.events import NEW_YORK
from tests.alerts.test_doors import publish
from tests.applications.test_late_views import held_back
from tests.platform import Candidate, Kit, Visitor, until

OPENINGS, PREFERENCES = "/alerts/api/openings", "/alerts/api/preferences"
ALL_ON = {"draft_deadlines": True, "opening_deadlines": True, "opening_changes": True}


async def listed(anna: Candidate) -> list[dict[str, Any]]:
    answer = await anna.api("GET", OPENINGS)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_star_saves_and_leads_back_to_the_results_and_the_careers_page_takes_it_off(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(language="fr"), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    vacancy_id = await publish(hr, word)
    await platform.settled()
    here = f"/vacancies?keywords={word}"
    results = await anna.get(here)
    assert f'value="{here}"' in results.text
    assert "Suivre cette offre d’emploi" in results.text
    assert 'name="next" value="/vacancies"' in (await anna.get(f"{here}&{'levels=P-4&' * 200}")).text, "not repeated"
    path = f"/alerts/openings/{vacancy_id}"
    saved = await anna.post_form(path, {"_action": "save", "next": here}, page=here)
    assert (saved.url.path, saved.url.params["keywords"]) == ("/vacancies", word)
    assert "Vous suivez maintenant cette offre d’emploi." in saved.text
    assert "Suivie – ne plus suivre" in saved.text
    assert "Suivie – ne plus suivre" in (await anna.get(f"/vacancies/{vacancy_id}")).text
    careers = await anna.get("/careers")
    assert f"Economist for {word}" in careers.text
    overview = (await anna.api("GET", "/careers/api/overview")).json()
    assert [(each["vacancy_id"], each["status"]) for each in overview["openings"]] == [(vacancy_id, "open")]
    with ZipFile(io.BytesIO((await anna.get("/alerts/my-data")).content)) as data:
        assert [*orjson.loads(data.read("openings.json"))] == [vacancy_id]
    left = await anna.post_form(path, {"_action": "leave", "next": "/careers"}, page="/careers")
    assert "Vous ne suivez plus cette offre d’emploi." in left.text
    assert f"Economist for {word}" not in left.text
    assert "Suivre cette offre d’emploi" in (await anna.get(here)).text


async def test_whoever_is_not_logged_in_saves_after_logging_in(platform: Kit) -> None:
    hr, word = await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    vacancy_id, galaxy = await publish(hr, word), await publish(hr, word, "galaxy-notices")
    stranger = platform.visitor()
    await platform.settled()
    notice = await stranger.get(f"/vacancies/{vacancy_id}")
    link = re.search(rf'href="(/alerts/openings/{vacancy_id}\?[^"]*)"', notice.text)
    assert link
    login = await stranger.get(link[1])
    assert login.url.path == "/identity/login"
    anna = await platform.candidate()
    asked = await anna.get(link[1])
    assert f"Economist for {word}" in asked.text
    assert await listed(anna) == []
    saved = await anna.post_form(f"/alerts/openings/{vacancy_id}", {"_action": "save"}, page=link[1])
    assert saved.url.path == f"/vacancies/{vacancy_id}"
    assert [each["vacancy_id"] for each in await listed(anna)] == [vacancy_id]
    path = f"/alerts/openings/{galaxy}"
    assert "you cannot apply for it here" in (await anna.get(path)).text
    assert "We remind you" not in (await anna.get(path)).text
    assert "we tell you if it changes" in (await anna.post_form(path, {"_action": "save"}, page=path)).text


async def test_the_json_door_saves_lists_and_leaves(platform: Kit) -> None:
    anna, boris, hr = await platform.candidate(), await platform.candidate(), await platform.machine("hr")
    vacancy_id, sooner = await publish(hr, "water"), await publish(hr, "water", days=20)
    await platform.settled()
    for key in (vacancy_id, sooner):
        assert (await anna.api("PUT", f"{OPENINGS}/{key}")).status_code == 204
    assert [each["vacancy_id"] for each in await listed(anna)] == [sooner, vacancy_id]
    merged = "update documents set document = document || jsonb_build_object('into', $2::text) where key = $1"
    await platform.service("alerts").kernel.pool.execute(f"{merged} and view = 'vacancies'", sooner, vacancy_id)
    for _ in range(2):
        assert (await anna.api("DELETE", f"{OPENINGS}/{sooner}")).status_code == 204
    assert await listed(anna) == [], "what it has become part of is left too"
    for key in (sooner, vacancy_id):
        assert (await anna.api("PUT", f"{OPENINGS}/{key}")).status_code == 204
    (row,) = await listed(anna)
    assert (row["vacancy_id"], row["status"], row["duty_stations"]) == (vacancy_id, "open", ["Geneva"])
    assert await listed(boris) == []
    cancelled = await hr.api("PUT", f"/vacancies/api/vacancies/{vacancy_id}/cancellation", json={"reason": "Budget"})
    assert cancelled.status_code < 300, cancelled.text

    async def is_cancelled() -> bool:
        return [each["status"] for each in await listed(anna)] == ["cancelled"]

    await until(is_cancelled, "the list to say that it is cancelled")
    refused = await boris.api("PUT", f"{OPENINGS}/{vacancy_id}")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:postulo:problem:vacancy-not-open")
    for _ in range(2):
        assert (await anna.api("DELETE", f"{OPENINGS}/{vacancy_id}")).status_code == 204
    assert await listed(anna) == []
    assert (await anna.api("PUT", f"{OPENINGS}/{uuid4()}")).status_code == 404
    assert (await anna.api("DELETE", f"{OPENINGS}/{uuid4()}")).status_code == 204


async def test_mails_are_chosen_in_one_place_at_both_doors(platform: Kit) -> None:
    anna = await platform.candidate()
    saved = await anna.api("POST", "/alerts/api/searches", json={"name": "Mine", "criteria": {}, "alert": True})
    page = await anna.get("/alerts/preferences")
    assert page.text.count(" checked") == 3
    assert "Mine" in page.text
    form = {"kinds": ["draft_deadlines", "opening_changes"]}
    assert "Your choice of e-mails is saved." in (await anna.post_form("/alerts/preferences", form)).text
    assert (await anna.api("GET", PREFERENCES)).json() == {**ALL_ON, "opening_deadlines": False}
    wish = {**ALL_ON, "draft_deadlines": False}
    assert (await anna.api("PUT", PREFERENCES, json=wish)).status_code == 204
    assert (await anna.api("GET", PREFERENCES)).json() == wish
    switched = {"_action": "off", "next": "/alerts/preferences"}
    off = await anna.post_form(f"/alerts/{saved.json()['id']}/alert", switched, page="/alerts/preferences")
    assert off.url.path == "/alerts/preferences"
    assert not (await anna.api("GET", f"/alerts/api/searches/{saved.json()['id']}")).json()["alert"]
    for path in ("/alerts", "/careers", "/identity/account"):
        assert 'href="/alerts/preferences"' in (await anna.get(path)).text


async def go_out(platform: Kit, anna: Candidate) -> None:
    """What has been noted for her goes out now instead of in some minutes."""
    pool = platform.service("alerts").kernel.pool
    sql = "update timers set due = now() where rule = 'mails' and data->>'candidate_id' = $1 returning key"
    await until(lambda: pool.fetchval(sql, str(anna.account_id)), "something to be noted")


async def test_a_deadline_that_is_near_is_mailed_and_one_click_ends_such_mails(platform: Kit) -> None:
    anna, boris, hr = await platform.candidate(), await platform.candidate(), await platform.machine("hr")
    word = f"w{uuid4().hex[:12]}"
    closes = datetime.now(NEW_YORK).date() + timedelta(days=6)
    vacancy_id = await publish(hr, word, days=(closes - datetime.now(UTC).date()).days)
    await platform.settled()
    await anna.api("PUT", f"{OPENINGS}/{vacancy_id}")
    draft = {"confirmed": True, "start": "start_blank", "vacancy_id": vacancy_id}
    assert (await boris.api("POST", "/applications/api/applications", json=draft)).status_code == 201
    await platform.settled()
    timer = f"near:{vacancy_id}:7", orjson.dumps({"vacancy_id": vacancy_id, "days": 7}).decode()
    sql = "insert into timers (key, rule, due, data) values ($1, 'near', now(), $2::jsonb)"
    await platform.service("alerts").kernel.pool.execute(sql, *timer)
    for each in (anna, boris):
        await go_out(platform, each)
    assert f"Economist for {word}" in (await platform.mail(boris.email, "alerts/mail/draft_deadlines")).subject
    mail = await platform.mail(anna.email, "alerts/mail/opening_deadlines")
    assert f"Economist for {word}" in mail.subject
    link = re.fullmatch(r"<(https://[^>]+)>", mail.headers["List-Unsubscribe"])
    assert link
    path, stranger = urlsplit(link[1]).path, platform.visitor()
    assert len(path.rpartition("/")[2]) == 32, "nobody guesses it"
    assert "Stop these e-mails?" in (await stranger.get(path)).text
    assert (await anna.api("GET", PREFERENCES)).json() == ALL_ON, "looking at the link must change nothing"
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    for _ in range(2):
        clicked = await stranger.client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=headers)
        assert clicked.status_code == 200
    assert (await stranger.client.post(path.rpartition("/")[0] + "/guess")).status_code == 404
    assert (await stranger.client.post(path.replace("opening_deadlines", "everything"))).status_code == 404
    await platform.settled()
    assert (await anna.api("GET", PREFERENCES)).json() == {**ALL_ON, "opening_deadlines": False}
    page = re.search(r"https://\S+(/alerts/mails/\S+)", mail.text)
    assert page
    assert "You are unsubscribed" in (await stranger.get(page[1])).text


async def extend(hr: Visitor, vacancy_id: str) -> None:
    later = {"closes_on": (datetime.now(NEW_YORK) + timedelta(days=60)).date().isoformat()}
    extended = await hr.api("PUT", f"/vacancies/api/vacancies/{vacancy_id}/deadline", json=later)
    assert extended.status_code < 300, extended.text


async def test_an_extension_is_mailed_to_whoever_saved_the_job_opening(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(language="fr"), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    vacancy_id = await publish(hr, word)
    await platform.settled()
    await anna.api("PUT", f"{OPENINGS}/{vacancy_id}")
    await extend(hr, vacancy_id)
    await go_out(platform, anna)
    mail = await platform.mail(anna.email, "alerts/mail/opening_changes")
    assert "Prolongée" in mail.text
    asked = re.search(r"https://\S+(/alerts/mails/\S+)", mail.text)
    assert asked
    done = await platform.visitor().post(asked[1], {})
    assert "Vous ne recevrez plus" in done.text or "You will receive no more" in done.text


async def test_who_saved_it_a_moment_before_is_told_although_the_view_is_behind(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    vacancy_id = await publish(hr, word)
    await platform.settled()
    process, asked, passed = platform.service("alerts"), asyncio.Event(), asyncio.Event()
    caught_up = process.own_views.caught_up

    async def watched() -> None:
        asked.set()
        await caught_up()
        passed.set()

    async with held_back(platform, "alerts", "savers"):
        assert (await anna.api("PUT", f"{OPENINGS}/{vacancy_id}")).is_success
        monkeypatch.setattr(process.own_views, "caught_up", watched)
        await extend(hr, vacancy_id)
        await asyncio.wait_for(asked.wait(), 120)
        assert not passed.is_set()
    await go_out(platform, anna)
    assert "Extended" in (await platform.mail(anna.email, "alerts/mail/opening_changes")).text
    assert process.timers.own_views is process.own_views
