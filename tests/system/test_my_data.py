""" "My data": everything that the services hold about a candidate, each service's part as a ZIP, for its owner only."""

import io
import re
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from httpx import Response

from tests.applications.doors import API, applicant, draft, publish, submitted
from tests.applications.values import pdf
from tests.platform import Candidate, Kit, Visitor
from tests.profile.values import COMPLETE
from tests.support.samples import PROBLEM, picture
from tests.support.test_doors import opened, sent

PAGE = "/identity/account/data"
PARTS = {
    "identity": "account.json",
    "profile": "profile.json",
    "applications": "applications.json",
    "alerts": "searches.json",
    "support": "tickets.json",
}

MAILS = {"draft_deadlines": True, "opening_deadlines": False, "opening_changes": True}


def files_in(answer: Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def downloaded(who: Candidate, service: str) -> tuple[Any, dict[str, bytes]]:
    """What the JSON file says, and all files."""
    files = files_in(await who.get(f"/{service}/my-data"))
    return orjson.loads(files[PARTS[service]]), files


@pytest.fixture
async def anna(platform: Kit) -> Candidate:
    """A candidate with something everywhere."""
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    await submitted(anna, vacancy)
    unfinished = await draft(anna)
    file = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}
    assert (await anna.api("POST", f"{API}/{unfinished}/attachments", files=file)).status_code == 201
    wish = {"name": "Économie", "criteria": {"keywords": "eau"}, "alert": True}
    assert (await anna.api("POST", "/alerts/api/searches", json=wish)).status_code == 201
    assert (await anna.api("PUT", "/alerts/api/preferences", json=MAILS)).status_code == 204
    await opened(anna, {**PROBLEM, "email": anna.email}, screenshots=sent(picture()))
    return anna


async def test_the_page_leads_to_every_part_from_the_account_and_from_its_closure(anna: Candidate) -> None:
    for page in ("/identity/account", "/identity/account/close"):
        assert f'href="{PAGE}"' in (await anna.get(page)).text
    shown = (await anna.get(PAGE)).text
    assert "Mes données" in shown
    links = re.findall(r'href="(/[a-z]+/my-data)"', shown)
    assert links == [f"/{service}/my-data" for service in PARTS]
    for link in links:
        answer = await anna.get(link)
        name = f"postulo-{link.split('/')[1]}-{anna.user_code}.zip"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in answer.headers["cache-control"]


async def test_everything_that_is_held_is_in_the_files(anna: Candidate) -> None:
    account, _ = await downloaded(anna, "identity")
    assert (account["account"]["email"], account["account"]["roles"]) == (anna.email, ["candidate"])
    assert account["history"][0]["what"] == "CandidateRegistered"
    assert account["history"][0]["birth_date"] == "1990-11-23"
    assert len(account["sessions"]) == 1

    profile, _ = await downloaded(anna, "profile")
    assert {name: section["values"] for name, section in profile["sections"].items()} == COMPLETE

    held, files = await downloaded(anna, "applications")
    unfinished, sent_in = held["applications"]
    reference, folder = sent_in["submitted"]["reference"], f"draft-{unfinished['id']}"
    assert set(files) == {
        "applications.json",
        f"{folder}/PHP-draft.pdf",
        f"{folder}/1-AM_Diplome.pdf",
        f"{reference}/PHP-{reference}.pdf",
    }
    assert files[f"{folder}/1-AM_Diplome.pdf"] == pdf()
    assert files[f"{reference}/PHP-{reference}.pdf"] == (await anna.get(f"/applications/{sent_in['id']}/php")).content

    [search], others = await downloaded(anna, "alerts")
    assert orjson.loads(others["mails.json"]) == MAILS
    assert (search["name"], search["email"]) == ("Économie", anna.email)
    [ticket], pictures = await downloaded(anna, "support")
    assert ticket["steps"] == PROBLEM["steps"]
    assert pictures[f"{ticket['number']}/1.png"] == picture()


async def test_no_secret_leaves(platform: Kit, anna: Candidate) -> None:
    everything = b"".join([content for service in PARTS for content in (await downloaded(anna, service))[1].values()])
    row = await platform.service("identity").kernel.pool.fetchrow(
        "select hash, token_hash from passwords join sessions using (account_id) where account_id = $1", anna.account_id
    )
    assert row
    token = await platform.service("alerts").kernel.pool.fetchval(
        "select document->>'token' from documents where view = 'searches' and document->>'candidate_id' = $1",
        str(anna.account_id),
    )
    assert token
    for secret in (row["hash"].encode(), row["token_hash"].hex().encode(), token.encode()):
        assert secret not in everything


async def test_that_two_accounts_may_be_one_person_is_revealed_to_neither(platform: Kit) -> None:
    name = {"given_names": "Maria Twice", "family_name": "Once"}
    first, second = await platform.candidate(**name), await platform.candidate(**name)
    await platform.settled()
    known = await platform.service("identity").kernel.pool.fetchval(
        "select count(*) from events where type = 'PossibleDuplicateFlagged' and data::text like '%' || $1 || '%'",
        str(first.account_id),
    )
    assert known
    held, files = await downloaded(second, "identity")
    assert str(first.account_id) not in files["account.json"].decode()
    assert held["account"]["name"] == "Maria Twice Once"


async def test_nobody_gets_what_is_another_s(platform: Kit, anna: Candidate) -> None:
    boris, agent = await platform.candidate(), await platform.staff("support")
    for other in (boris, agent):
        for service, name in PARTS.items():
            _, files = await downloaded(other, service)
            assert list(files) == [name]
            said = files[name].decode()
            assert anna.email not in said
            assert str(anna.account_id) not in said
    await _asked_to_log_in(platform.visitor())


async def _asked_to_log_in(visitor: Visitor) -> None:
    for path in (PAGE, *(f"/{service}/my-data" for service in PARTS)):
        assert (await visitor.get(path)).url.path == "/identity/login"
