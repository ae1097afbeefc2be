"""An alert to somebody else's address, through the doors: asked once, in our words only, and never after a no (R48)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from services.alerts.domain import SEARCH
from services.alerts.pages.searches import ALERT_OFF
from services.alerts.use_cases import recipients
from shared.ops.sealing import Sealer
from tests.alerts.test_doors import SEARCHES, listed, publish, save
from tests.alerts.test_unsubscribe_secret import everything_published
from tests.identity.people import log_in
from tests.identity.test_my_account import change_address
from tests.platform import Candidate, Kit, Mail, Visitor, hidden_fields, until

OURS = "alerts/mail/confirm"


def office() -> str:
    return f"office.{uuid4().hex[:8]}@example.org"


def link_of(mail: Mail) -> str:
    """The path of the one link in the mail; text and page have the same."""
    text = {urlsplit(link).path for link in re.findall(r"https://\S+/alerts/confirm/\S+", mail.text)}
    html = {urlsplit(link).path for link in re.findall(r'href="(https://[^"]+/alerts/confirm/[^"]+)"', mail.html)}
    (path,) = text | html
    assert text == html
    return str(path)


async def answered(visitor: Visitor, link: str, said: str = "confirm") -> httpx.Response:
    asked = await visitor.get(link)
    assert asked.status_code == 200, asked.text
    return await visitor.post(link, {"_action": said})


async def alert(anna: Candidate, email: str, word: str = "", **other: Any) -> str:
    return await save(anna, word, alert=True, email=email, rhythm="at_once", **other)


async def first(anna: Candidate) -> Mapping[str, Any]:
    return (await listed(anna))[0]


async def becomes(anna: Candidate, **expected: Any) -> None:
    """Somebody else's browser wrote it, for which this one does not wait."""

    async def is_so() -> bool:
        search = await first(anna)
        return {name: search[name] for name in expected} == expected

    await until(is_so, f"the search to be {expected}")


@pytest.mark.rule("R48")
async def test_nothing_goes_to_another_address_before_somebody_there_agreed(platform: Kit) -> None:
    anna, hr = await platform.candidate(), await platform.machine("hr")
    word, email = f"w{uuid4().hex[:12]}", office()
    await alert(anna, email, word, name=f"BUY {word} NOW https://spam.example")
    question = await platform.mail(email, OURS)
    await publish(hr, word)
    await platform.settled()
    assert [mail.template for mail in platform.mails(email)] == [OURS]
    whole = f"{question.subject}\n{question.text}\n{question.html}\n{question.headers}"
    for told in (word, "spam", "BUY", anna.given_names, anna.family_name, anna.email, anna.user_code):
        assert told not in whole, f"the question must hold none of the sender's words: {told}"
    page = (await anna.get("/alerts")).text
    assert "Waiting for confirmation" in page
    assert f"Nobody has confirmed {email} yet" in page
    assert f"Notifications go to {email}" not in page
    reader, link = platform.visitor("fr"), link_of(question)
    looked = await reader.get(link)
    assert (looked.status_code, word in looked.text, email in looked.text) == (200, False, True)
    assert (await first(anna))["awaits_confirmation"], "looking at the link must change nothing"
    agreed = await answered(reader, link)
    assert f"sont désormais envoyées à {email}" in agreed.text
    await becomes(anna, awaits_confirmation=False)
    assert f"Notifications go to {email} at once." in (await anna.get("/alerts")).text
    vacancy = await publish(hr, word)
    assert f"/vacancies/{vacancy}" in (await platform.mail(email, "alerts/mail/vacancy")).text


@pytest.mark.rule("R48")
async def test_one_yes_is_for_all_alerts_of_this_candidate_and_of_nobody_else(platform: Kit) -> None:
    anna, boris, email = await platform.candidate(), await platform.candidate(), office()
    await alert(anna, email)
    await alert(anna, email.upper(), name="Second")
    question = await platform.mail(email, OURS)
    await answered(platform.visitor(), link_of(question))
    await alert(anna, email, name="Third")

    async def all_confirmed() -> bool:
        return [search["awaits_confirmation"] for search in await listed(anna)] == [False, False, False]

    await until(all_confirmed, "all three to be confirmed")
    await alert(boris, email)
    assert (await first(boris))["awaits_confirmation"]
    await platform.mail(email, OURS, 2)


@pytest.mark.rule("R48")
@pytest.mark.parametrize("by", ["no", "unsubscribing"])
async def test_who_said_no_or_unsubscribed_is_not_asked_again_whoever_asks(platform: Kit, by: str) -> None:
    anna, boris, hr = await platform.candidate(), await platform.candidate(), await platform.machine("hr")
    word, email = f"w{uuid4().hex[:12]}", office()
    search_id = await alert(anna, email, word)
    link = link_of(await platform.mail(email, OURS))
    if by == "no":
        assert "You will not be asked again" in (await answered(platform.visitor(), link, "refuse")).text
    else:
        await answered(platform.visitor(), link)
        await publish(hr, word)
        sent = await platform.mail(email, "alerts/mail/vacancy")
        one_click = urlsplit(sent.headers["List-Unsubscribe"].strip("<>")).path
        assert (await platform.visitor().api("POST", one_click)).status_code == 200
    await becomes(anna, alert=False)
    before = len(platform.mails(email))
    again = await anna.post_form(f"/alerts/{search_id}/alert", {"_action": "on"}, page="/alerts")
    assert f"the link that we send to {email}" in again.text, "what others said is not told"
    await anna.post_form(f"/alerts/{search_id}/confirmation", {}, page="/alerts")
    await alert(boris, email.upper(), word)
    await publish(hr, word)
    await platform.settled()
    assert len(platform.mails(email)) == before
    assert (await platform.visitor().get(link)).status_code == 200, "the reader who has the link may think again"


@pytest.mark.rule("R48")
async def test_of_who_unsubscribed_no_address_is_kept_in_clear(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    await answered(platform.visitor(), link_of(await platform.mail(email, OURS)), "refuse")
    await anna.api("DELETE", f"{SEARCHES}/{search_id}")
    pool = platform.service("alerts").kernel.pool
    kept = await pool.fetch("select stream, data::text as data from events where stream like 'recipient-%'")
    assert kept
    assert not [row for row in kept if email in row["data"] or email in row["stream"]]
    assert not [record for record in await everything_published(platform) if record.key.startswith(b"recipient-")]


@pytest.mark.rule("R48")
async def test_the_link_is_sent_again_within_limits_and_the_page_says_when(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    path = f"/alerts/{search_id}/confirmation"
    sent_again = await anna.post_form(path, {}, page="/alerts")
    assert f"another link is on its way to {email}" in sent_again.text
    await platform.mail(email, OURS, 2)
    answers = [await anna.post_form(path, {}, page="/alerts") for _ in range(6)]
    assert answers[-1].status_code == 429
    assert re.search(r"Too many requests at once\. Try again in (9|10) min", answers[-1].text)
    limited = await anna.api("POST", f"{SEARCHES}/{search_id}/confirmation")
    assert limited.status_code == 429
    assert 540 < int(limited.headers["retry-after"]) <= 600
    await platform.settled()
    assert len(platform.mails(email, OURS)) <= 3, "a mailbox is spared, whatever an account may ask for"
    saved = await anna.post_form("/alerts/new", {"name": "Kept", "alert": "yes", "email": office(), "rhythm": "daily"})
    assert (saved.status_code, 'value="Kept"' in saved.text) == (429, True)
    assert len(await listed(anna)) == 1
    own = await anna.post_form("/alerts/new", {"name": "Mine", "alert": "yes", "email": anna.email, "rhythm": "daily"})
    assert own.status_code == 200, "the own address needs no mail"


@pytest.mark.rule("R48")
async def test_a_link_opens_only_the_alert_and_the_address_that_it_was_mailed_for(platform: Kit) -> None:
    anna, boris, email = await platform.candidate(), await platform.candidate(), office()
    search_id = await alert(anna, email)
    other = await alert(boris, office())
    link = link_of(await platform.mail(email, OURS))
    token = link.rpartition("/")[2]
    for bad in (f"/alerts/confirm/{other}/{token}", f"{link}0", f"/alerts/confirm/{search_id}/{uuid4().hex}"):
        for answer in (await platform.visitor().get(bad), await platform.visitor().post(bad, {})):
            assert answer.status_code == 404
            assert "Ask for another link" in answer.text
    await anna.api("PUT", f"{SEARCHES}/{search_id}/alert", json={"email": office()})
    assert (await platform.visitor().post(link, {})).status_code == 404, "it goes elsewhere by now"
    assert (await first(anna))["awaits_confirmation"]


@pytest.mark.rule("R48")
async def test_the_json_door_asks_confirms_and_refuses_too(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    link = link_of(await platform.mail(email, OURS))
    assert (await anna.api("POST", f"{SEARCHES}/{search_id}/confirmation")).status_code == 204
    await platform.mail(email, OURS, 2)
    door = link.replace("/alerts/confirm/", "/alerts/api/confirmations/")
    assert (await platform.visitor().api("POST", door)).status_code == 204
    await becomes(anna, awaits_confirmation=False)
    assert (await anna.api("POST", f"{SEARCHES}/{search_id}/confirmation")).status_code == 204
    assert (await platform.visitor().api("POST", f"{door}/refusal")).status_code == 204
    await becomes(anna, alert=False)
    boris = await platform.candidate()
    assert (await boris.api("POST", f"{SEARCHES}/{search_id}/confirmation")).status_code == 404
    assert len(platform.mails(email, OURS)) == 2


async def test_an_address_that_becomes_the_accounts_needs_no_question(platform: Kit) -> None:
    """Whoever asks again is told that it is confirmed."""
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    await platform.mail(email, OURS)
    code = await change_address(platform, anna, email)
    assert (await anna.post_form("/identity/account/email/code", {"code": code})).status_code == 200
    again = platform.visitor()
    assert (await log_in(again, email)).status_code == 200
    await platform.settled()
    (search,) = (await again.api("GET", SEARCHES)).json()
    assert search["awaits_confirmation"]
    said = await again.post_form(f"/alerts/{search_id}/confirmation", {}, page="/alerts")
    assert f"{email} is confirmed: notifications go there." in said.text
    (search,) = (await again.api("GET", SEARCHES)).json()
    assert not search["awaits_confirmation"]
    assert len(platform.mails(email, OURS)) == 1


@pytest.mark.rule("R48")
async def test_an_old_mail_s_link_says_nothing_for_the_address_to_which_the_alert_goes_now(platform: Kit) -> None:
    """Else anybody could have anybody's address refuse alerts, whose reader has said nothing."""
    anna, boris, hr = await platform.candidate(), await platform.candidate(), await platform.machine("hr")
    word, victim = f"w{uuid4().hex[:12]}", office()
    search_id = await alert(anna, anna.email, word)
    await publish(hr, word)
    mail = await platform.mail(anna.email, "alerts/mail/vacancy")
    link = urlsplit(mail.headers["List-Unsubscribe"].strip("<>")).path
    await anna.api("PUT", f"{SEARCHES}/{search_id}/alert", json={"email": victim})
    await platform.mail(victim, OURS)
    assert (await platform.visitor().api("POST", link)).status_code == 404
    assert (await first(anna))["awaits_confirmation"]
    await alert(boris, victim)
    await platform.mail(victim, OURS, 2)


async def test_asking_again_for_an_alert_that_is_off_says_that_it_is(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    page = await anna.get("/alerts")
    await answered(platform.visitor(), link_of(await platform.mail(email, OURS)), "refuse")
    await becomes(anna, alert=False)
    said = await anna.post(f"/alerts/{search_id}/confirmation", hidden_fields(page.text))
    assert (said.status_code, "is confirmed" in said.text) == (200, False)
    assert ALERT_OFF in said.text


async def test_without_its_master_key_nobody_s_refusal_is_read_or_lost(platform: Kit) -> None:
    """A process that was started with another one makes a key of its own, beside the one that it cannot open."""
    anna, email = await platform.candidate(), office()
    await alert(anna, email)
    await answered(platform.visitor(), link_of(await platform.mail(email, OURS)), "refuse")
    kernel = platform.service("alerts").kernel
    before, known = kernel.sealer, await kernel.pool.fetchval("select count(*) from address_keys")
    kernel.sealer = Sealer("a master key that was mistyped by its operator")
    try:
        asked = {"criteria": {}, "name": "Lost", "alert": True, "email": email}
        assert (await anna.api("POST", SEARCHES, json=asked)).status_code == 503
        await recipients.prepare(kernel)
    finally:
        kernel.sealer = before
    assert await kernel.pool.fetchval("select count(*) from address_keys") == known + 1
    boris = await platform.candidate()
    await alert(boris, email)
    await platform.settled()
    assert len(platform.mails(email, OURS)) == 1, "the refusal is known again"


async def test_a_refusal_under_a_key_that_was_lost_for_a_while_counts_beside_a_newer_one(platform: Kit) -> None:
    """The operator keeps the other master key, and names the one of before when they notice."""
    anna, email = await platform.candidate(), office()
    await alert(anna, email)
    await answered(platform.visitor(), link_of(await platform.mail(email, OURS)), "refuse")
    kernel = platform.service("alerts").kernel
    ours, other = kernel.settings.master_key, "a master key that an operator has chosen since"
    try:
        for before in ("", ours, ""):  # At first without ours; at last ours is taken away again.
            kernel.sealer = Sealer(other, before)
            await recipients.prepare(kernel)
        await alert(await platform.candidate(), email)
        await platform.settled()
        assert len(platform.mails(email, OURS)) == 1
    finally:
        kernel.sealer = Sealer(ours, other)
        await recipients.prepare(kernel)


async def test_renaming_an_alert_that_waits_sends_no_second_question(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    await platform.mail(email, OURS)
    form = {"name": "Other name", "alert": "yes", "email": email, "rhythm": "weekly"}
    await anna.post_form(f"/alerts/{search_id}", form)
    await platform.settled()
    search = await first(anna)
    assert (search["name"], search["rhythm"], search["awaits_confirmation"]) == ("Other name", "weekly", True)
    assert len(platform.mails(email, OURS)) == 1


async def test_a_change_of_the_master_key_forgets_nobody_who_unsubscribed(platform: Kit) -> None:
    anna, email = await platform.candidate(), office()
    search_id = await alert(anna, email)
    await answered(platform.visitor(), link_of(await platform.mail(email, OURS)), "refuse")
    kernel = platform.service("alerts").kernel
    before = kernel.sealer
    new = "another master key of thirty-two characters"
    try:
        kernel.sealer = Sealer(new, kernel.settings.master_key)
        await recipients.prepare(kernel)
        kernel.sealer = Sealer(new)
        await recipients.prepare(kernel)
        await anna.api("PUT", f"{SEARCHES}/{search_id}/alert", json={"email": email})
        await platform.settled()
        assert len(platform.mails(email, OURS)) == 1
    finally:
        kernel.sealer = Sealer(kernel.settings.master_key, new)
        await recipients.prepare(kernel)
        kernel.sealer = before

    async def waits() -> bool:
        return (await kernel.state(SEARCH, UUID(search_id))).awaits

    assert await until(waits, "the alert to wait")
