"""Saved searches through the doors of the running platform."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.platform import Candidate, Kit, Visitor, until

SEARCHES = "/alerts/api/searches"


async def publish(hr: Visitor, word: str, door: str = "vacancies", days: int = 30) -> str:
    """HR publishes a vacancy, or lists one of Galaxy, whose description holds this word; returns its id."""
    body: dict[str, Any] = {
        "job_opening_number": f"26-{uuid4().hex[:8]}", "language": "en", "title": f"Economist for {word}",
        "description": f"<p>You analyse {word}.</p>", "family": "ECO", "level": "P-4",
        "duty_stations": [{"code": "GENEVA"}], "department": "DESA",
        "closes_on": (datetime.now(UTC) + timedelta(days=days)).date().isoformat(),
    }  # fmt: skip
    answer = await hr.api("POST", f"/vacancies/api/{door}", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def save(anna: Candidate, keywords: str = "", **other: Any) -> str:
    body = {"name": "Mine", "criteria": {"keywords": keywords}, **other}
    answer = await anna.api("POST", SEARCHES, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def listed(anna: Candidate) -> list[Mapping[str, Any]]:
    answer = await anna.api("GET", SEARCHES)
    assert answer.status_code == 200, answer.text
    found: list[Mapping[str, Any]] = answer.json()
    return found


@pytest.mark.rule("R46")
@pytest.mark.rule("R47")
@pytest.mark.rule("R48")
async def test_a_search_is_named_ticked_as_an_alert_and_saved(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    page = await anna.get("/alerts/new?keywords=économiste")
    for words in ("Enregistrer recherche", "économiste", "Utiliser comme Alerte emploi", "Enregistrer"):
        assert words in page.text
    assert "Envoyer une notification Alerte emploi à\u00a0:" in page.text
    form = {"name": "Éco", "alert": "yes", "email": "other@example.org", "rhythm": "weekly"}
    done = await anna.post_form("/alerts/new?keywords=économiste", form)
    assert done.url.path == "/alerts"
    assert "Les notifications commenceront dès que le lien envoyé à other@example.org aura été suivi." in done.text
    (search,) = await listed(anna)
    assert (search["name"], search["alert"], search["email"], search["rhythm"], search["days_left"]) == (
        "Éco", True, "other@example.org", "weekly", 365,
    )  # fmt: skip
    assert search["awaits_confirmation"]
    assert search["criteria"]["keywords"] == "économiste"


@pytest.mark.rule("R47")
async def test_an_unticked_search_is_saved_without_alert(platform: Kit) -> None:
    anna = await platform.candidate()
    await anna.post_form("/alerts/new?levels=P-4", {"name": "P-4", "email": "", "rhythm": "daily"})
    (search,) = await listed(anna)
    assert (search["alert"], search["email"], search["criteria"]["levels"]) == (False, "", ["P-4"])


@pytest.mark.rule("R48")
async def test_a_bad_address_is_refused_beside_its_field_and_what_was_typed_stays(platform: Kit) -> None:
    anna = await platform.candidate()
    bad = await anna.post_form("/alerts/new", {"name": "Kept", "alert": "yes", "email": "nobody", "rhythm": "daily"})
    assert bad.status_code == 422
    assert 'href="#email"' in bad.text
    assert 'value="Kept"' in bad.text
    refused = await anna.api("POST", SEARCHES, json={"name": "x", "criteria": {}, "alert": True, "email": "nobody"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "email")
    assert await listed(anna) == []


@pytest.mark.rule("R48")
async def test_the_address_defaults_to_the_accounts(platform: Kit) -> None:
    anna = await platform.candidate()
    assert f'value="{anna.email}"' in (await anna.get("/alerts/new")).text
    await save(anna, alert=True)
    assert (await listed(anna))[0]["email"] == anna.email


@pytest.mark.rule("R50")
async def test_the_sixth_search_is_refused_and_deleting_one_makes_room(platform: Kit) -> None:
    anna = await platform.candidate()
    first, *_ = [await save(anna, name=f"Number {n}") for n in range(5)]
    sixth = await anna.post_form("/alerts/new", {"name": "Sixth", "rhythm": "daily"})
    assert sixth.status_code == 409
    assert "already have 5 saved searches" in sixth.text
    assert (await anna.api("POST", SEARCHES, json={"name": "Sixth", "criteria": {}})).status_code == 409
    assert len(await listed(anna)) == 5
    deleted = await anna.post_form(f"/alerts/{first}/delete", {})
    assert "has been deleted" in deleted.text
    await save(anna, name="Sixth")
    assert [each["name"] for each in await listed(anna)] == ["Number 1", "Number 2", "Number 3", "Number 4", "Sixth"]


@pytest.mark.rule("R50")
async def test_eight_searches_saved_at_the_same_moment_take_at_most_five_places(platform: Kit) -> None:
    anna = await platform.candidate()
    body = {"name": "Now", "criteria": {}}
    answers = await asyncio.gather(*(anna.api("POST", SEARCHES, json=body) for _ in range(8)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409}
    assert len(await listed(anna)) == statuses.count(201) <= 5


async def test_the_same_request_sent_twice_saves_once(platform: Kit) -> None:
    anna = await platform.candidate()
    body, key = {"name": "Once", "criteria": {}}, {"idempotency-key": "one"}
    first, again = [await anna.api("POST", SEARCHES, json=body, headers=key) for _ in range(2)]
    assert first.json() == again.json()
    assert len(await listed(anna)) == 1


async def test_a_saved_search_is_changed_switched_and_renewed_on_its_pages(platform: Kit) -> None:
    anna = await platform.candidate()
    search_id = await save(anna)
    form = {"name": "Renamed", "alert": "yes", "email": anna.email, "rhythm": "at_once"}
    changed = await anna.post_form(f"/alerts/{search_id}", form)
    assert "Renamed" in changed.text
    assert f"{anna.email} at once" in changed.text
    off = await anna.post_form(f"/alerts/{search_id}/alert", {"_action": "off"}, page="/alerts")
    assert "no more notifications" in off.text
    assert not (await listed(anna))[0]["alert"]
    on = await anna.post_form(f"/alerts/{search_id}/alert", {"_action": "on"}, page="/alerts")
    assert f"{anna.email} at once" in on.text
    renewed = await anna.post_form(f"/alerts/{search_id}/renew", {}, page="/alerts")
    assert "valid for another 365 days" in renewed.text


async def test_the_json_door_does_all_that_the_pages_do(platform: Kit) -> None:
    anna = await platform.candidate()
    path = f"{SEARCHES}/{await save(anna)}"
    assert (await anna.api("PUT", f"{path}/name", json={"name": "By machine"})).status_code == 204
    assert (await anna.api("PUT", f"{path}/alert", json={"rhythm": "weekly"})).status_code == 204
    search = (await anna.api("GET", path)).json()
    assert (search["name"], search["alert"], search["email"], search["rhythm"]) == (
        "By machine", True, anna.email, "weekly",
    )  # fmt: skip
    assert (await anna.api("DELETE", f"{path}/alert")).status_code == 204
    assert (await anna.api("POST", f"{path}/renewal")).status_code == 204
    assert not (await anna.api("GET", path)).json()["alert"]
    assert (await anna.api("DELETE", path)).status_code == 204
    assert (await anna.api("GET", path)).status_code == 404


async def test_criteria_outside_the_lists_are_refused(platform: Kit) -> None:
    anna = await platform.candidate()
    body = {"name": "x", "criteria": {"levels": ["P-99"]}}
    assert (await anna.api("POST", SEARCHES, json=body)).status_code == 422
    assert (await anna.get("/alerts/new?levels=P-99")).status_code == 422
    assert (await anna.get("/alerts/new?posted_since=yesterday")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"criteria": {"level": ["P-3"]}}, "criteria.level"),
        ({"criteria": {"keywords": "x", "language": "fr"}}, "criteria.language"),
        ({"alrt": True}, "alrt"),
        ({"rhythm": "hourly"}, "rhythm"),
    ],
)
async def test_a_misspelt_wish_is_refused_rather_than_left_out(
    platform: Kit, changes: dict[str, Any], field: str
) -> None:
    anna = await platform.candidate()
    refused = await anna.api("POST", SEARCHES, json={"name": "x", "criteria": {}, **changes})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert await listed(anna) == []


@pytest.mark.rule("R46")
async def test_a_search_is_called_what_it_looks_for_until_its_owner_finds_better(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    page = await anna.get("/alerts/new?keywords=eau&levels=P-4&duty_stations=GENEVA&posted_since=2026-11-01")
    assert 'value="eau, P-4, Genève, 1er novembre 2026"' in page.text
    assert 'value="Toutes les offres d’emploi"' in (await anna.get("/alerts/new")).text
    many = "&".join(
        f"levels={level}" for level in ("P-1", "P-2", "P-3", "P-4", "P-5", "D-1", "D-2", "G-1", "G-2", "G-3")
    )
    saved = await anna.post_form(f"/alerts/new?keywords={'x' * 90}&{many}", {"_action": "alert"})
    assert "Votre recherche a été enregistrée" in saved.text
    (search,) = await listed(anna)
    assert search["name"].endswith("…")
    assert len(search["name"]) <= 100


@pytest.mark.rule("R50")
async def test_one_press_too_many_is_refused_where_a_search_is_named(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    for number in range(5):
        await save(anna, name=f"Number {number}")
    page = await anna.post_form("/alerts/new?keywords=eau", {"_action": "alert"}, page="/vacancies?keywords=eau")
    assert page.status_code == 409
    assert 'value="eau"' in page.text
    assert "Vous utilisez 5 recherches enregistrées sur 5." in (await anna.get("/alerts")).text


async def test_a_search_of_somebody_else_is_not_there(platform: Kit) -> None:
    anna, boris = await platform.candidate(), await platform.candidate()
    search_id = await save(anna)
    for method, path in [("GET", ""), ("DELETE", ""), ("DELETE", "/alert"), ("POST", "/renewal")]:
        assert (await boris.api(method, f"{SEARCHES}/{search_id}{path}")).status_code == 404
    assert (await boris.get(f"/alerts/{search_id}")).status_code == 404
    assert (await boris.get(f"/alerts/{search_id}/delete")).status_code == 404
    assert (await platform.visitor().api("GET", SEARCHES)).status_code == 401
    assert (await platform.visitor().get("/alerts")).url.path == "/identity/login"


@pytest.mark.rule("R47")
@pytest.mark.rule("R51")
async def test_a_published_vacancy_is_mailed_once_and_a_galaxy_one_never(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(language="fr"), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    await save(anna, word, alert=True, rhythm="at_once")
    await publish(hr, word, "galaxy-notices")
    await publish(hr, "something else")
    vacancy_id = await publish(hr, word)
    mail = await platform.mail(anna.email, "alerts/mail/vacancy")
    assert f"Economist for {word}" in mail.subject
    assert f"/vacancies/{vacancy_id}" in mail.text
    await platform.settled()
    assert len(platform.mails(anna.email, "alerts/")) == 1


async def test_an_alert_is_left_by_one_click_without_being_logged_in(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    await save(anna, word, alert=True, rhythm="at_once")
    await publish(hr, word)
    mail = await platform.mail(anna.email, "alerts/mail/vacancy")
    link = re.fullmatch(r"<(https://[^>]+)>", mail.headers["List-Unsubscribe"])
    assert link
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<[0-9a-f-]{36}\.alerts\.[a-z0-9.-]+>", mail.headers["List-Id"])
    path, stranger = urlsplit(link[1]).path, platform.visitor()
    looked = await stranger.get(path)
    assert looked.status_code == 200
    assert (await listed(anna))[0]["alert"], "looking at the link must change nothing"
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    for _ in range(2):
        clicked = await stranger.client.post(
            path, data={"List-Unsubscribe": "One-Click"}, headers=headers, follow_redirects=False
        )
        assert clicked.status_code == 200
    assert (await stranger.client.post(path.rpartition("/")[0] + "/guess")).status_code == 404

    async def is_off() -> bool:
        return not (await listed(anna))[0]["alert"]

    await until(is_off, "the alert to be off")
    await publish(hr, word)
    await platform.settled()
    assert len(platform.mails(anna.email, "alerts/")) == 1


async def test_the_link_at_the_end_of_a_mail_asks_before_it_unsubscribes(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    await save(anna, word, alert=True, rhythm="at_once")
    await publish(hr, word)
    mail = await platform.mail(anna.email, "alerts/mail/vacancy")
    link = re.search(r"https://\S+(/alerts/unsubscribe/\S+)", mail.text)
    assert link
    asked = await platform.visitor().get(link[1])
    assert "Stop these notifications?" in asked.text
    assert "“Mine”" in asked.text, "the search that is stopped must be named"
    assert '<a class="govuk-link" href="/alerts">Keep the alert</a>' in asked.text
    assert (await platform.visitor().get(f"{link[1]}x")).status_code == 404
    done = await platform.visitor().post(link[1], {})
    assert "You are unsubscribed" in done.text
    used = await platform.visitor().get(link[1])
    assert "You are unsubscribed" in used.text
    assert "<form" not in used.text.partition("<main")[2].partition("</main>")[0]

    async def is_off() -> bool:
        return not (await listed(anna))[0]["alert"]

    await until(is_off, "the alert to be off")


async def test_a_daily_alert_waits_for_its_digest_which_goes_out_as_one_mail(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    search_id = await save(anna, word, alert=True)
    for _ in range(2):
        await publish(hr, word)
    await platform.settled()
    assert platform.mails(anna.email, "alerts/") == []
    await fall_due(platform, "digest", search_id)
    mail = await platform.mail(anna.email, "alerts/mail/digest")
    assert "2 new job openings" in mail.subject
    assert mail.text.count(f"Economist for {word}") == 2
    assert "List-Unsubscribe" in mail.headers


@pytest.mark.rule("R49")
async def test_a_reminder_or_expiry_that_fires_early_changes_nothing(platform: Kit) -> None:
    """The rule, not the timer, knows the time: R49's own tests are in test_search.py."""
    anna = await platform.candidate()
    search_id = await save(anna)
    await platform.settled()
    assert await fall_due(platform, "reminder", search_id) == 1
    assert await fall_due(platform, "expiry", search_id) == 1
    await platform.settled()
    assert (await listed(anna))[0]["expired"] is False
    assert platform.mails(anna.email, "alerts/") == []


async def fall_due(platform: Kit, rule: str, search_id: str) -> int:
    """Makes the search's timers of this rule due now and returns how many there were, once they have fired."""
    pool = platform.service("alerts").kernel.pool
    keys = [row["key"] for row in await pool.fetch(
        "update timers set due = now() where rule = $1 and data->>'search_id' = $2 returning key", rule, search_id
    )]  # fmt: skip

    async def fired() -> bool:
        return not await pool.fetchval("select count(*) from timers where key = any($1)", keys)

    await until(fired, f"{rule} of {search_id}")
    return len(keys)
