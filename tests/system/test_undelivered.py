"""A mail that is given up shows where somebody waits for it, with what to do."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from tests.alerts.test_confirming import alert, first, office
from tests.identity.people import registration
from tests.platform import PASSWORD, Candidate, Kit, until
from tests.support.samples import QUESTION, VISITOR

LOST = "Our e-mail could not be delivered: the address does not exist, or its server refuses our e-mails."


def refused(platform: Kit) -> str:
    """An address that the relay refuses for good."""
    address = f"gone.{uuid4().hex[:8]}@example.org"
    platform.postbox.refuses.add(address)
    return address


async def shown(page: Callable[[], Awaitable[str]], sentence: str) -> None:
    async def there() -> bool:
        return sentence in await page()

    await until(there, sentence)


async def test_the_page_that_asks_for_the_code_says_that_the_mail_was_refused(platform: Kit) -> None:
    visitor, address = platform.visitor(), refused(platform)
    answer = await visitor.api("POST", "/identity/api/registrations", json=registration(email=address))
    assert answer.status_code == 202, answer.text
    path = f"/identity/verify?registration={answer.json()['account_id']}"

    async def page() -> str:
        return (await visitor.get(path)).text

    await shown(page, LOST)
    platform.postbox.refuses.remove(address)
    await visitor.post_form(path.replace("verify", "verify/again"), {}, page=path)
    await platform.mail(address, "identity/mail/verify")
    assert LOST not in await page()


async def test_it_says_the_same_whether_the_address_has_an_account_or_not(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    platform.postbox.refuses.add(anna.email)
    answer = await visitor.api("POST", "/identity/api/registrations", json=registration(email=anna.email))

    async def page() -> str:
        return (await visitor.get(f"/identity/verify?registration={answer.json()['account_id']}")).text

    await shown(page, LOST)


async def test_a_new_address_that_refuses_the_code_is_named_as_the_cause(platform: Kit) -> None:
    anna, address = await platform.candidate(), refused(platform)
    form = {"email": address, "current_password": PASSWORD}
    asked = await anna.post_form("/identity/account/email", form)
    assert asked.url.path == "/identity/account/email/code"

    async def page() -> str:
        return (await anna.get("/identity/account/email/code")).text

    await shown(page, LOST)


async def test_what_became_of_the_address_before_says_nothing_of_the_next_one(platform: Kit) -> None:
    """A holder is told once an hour at most: whether that mail is sent must not show to whoever asks."""
    anna, boris, gone = await platform.candidate(), await platform.candidate(), refused(platform)
    told = await platform.visitor().api("POST", "/identity/api/registrations", json=registration(email=boris.email))
    assert told.status_code == 202
    await platform.settled()
    await anna.post_form("/identity/account/email", {"email": gone, "current_password": PASSWORD})

    async def page() -> str:
        return (await anna.get("/identity/account/email/code")).text

    await shown(page, LOST)
    for taken_or_free in (boris.email, office()):
        await anna.post_form("/identity/account/email", {"email": taken_or_free, "current_password": PASSWORD})
        await platform.settled()
        assert LOST not in await page()


async def test_an_alert_whose_address_refuses_its_mails_says_so_until_it_goes_elsewhere(platform: Kit) -> None:
    anna, address = await platform.candidate(), refused(platform)
    search_id = await alert(anna, address)
    sentence = f"The last e-mail could not be delivered to {address}. Check this address, or enter another one."
    for path in ("/alerts", f"/alerts/{search_id}"):
        await shown(lambda path=path: _text(anna, path), sentence)  # type: ignore[misc]
    assert (await first(anna))["undelivered"]
    await anna.api("PUT", f"/alerts/api/searches/{search_id}/alert", json={"email": office()})
    assert sentence not in await _text(anna, "/alerts")
    assert not (await first(anna))["undelivered"]


async def _text(anna: Candidate, path: str) -> str:
    return (await anna.get(path)).text


async def test_a_ticket_whose_mails_are_refused_says_so_to_whoever_asked_and_to_the_agent(platform: Kit) -> None:
    anna, agent, address = await platform.candidate(), await platform.staff("support"), refused(platform)
    opened = await anna.api("POST", "/support/api/tickets", json={**QUESTION, "email": address})
    ticket = opened.json()["id"]
    sentence = f"Our last e-mail could not be delivered to {address}. Read the answers here, or send a new request"
    await shown(lambda: _text(anna, f"/support/tickets/{ticket}"), sentence)
    assert (await anna.api("GET", f"/support/api/tickets/{ticket}")).json()["undelivered"]
    desk = await _text(agent, f"/support/desk/{ticket}")
    assert "The last e-mail to this address could not be delivered: an answer may not reach the person." in desk


async def test_a_visitor_is_told_on_the_page_with_the_number(platform: Kit) -> None:
    visitor, address = platform.visitor("fr"), refused(platform)
    opened = await visitor.api("POST", "/support/api/tickets", json={**VISITOR, "email": address})

    async def page() -> str:
        return (await visitor.get(f"/support/opened/{opened.json()['id']}")).text

    await shown(page, "Notez le numéro et envoyez une nouvelle demande avec une adresse à laquelle vous recevez")
