"""The page that asks for a mailed code shows the address, hidden in part, to nobody but who gave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.pages.mailed import HIDDEN, MAILED, hidden_in_part
from tests.identity.people import new_address, registration
from tests.platform import PASSWORD, Kit

DAY = {"birth_date-day": "23", "birth_date-month": "11", "birth_date-year": "1990"}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna.muller@example.org", "a•••r@example.org"),
        (" anna@example.org ", "a•••a@example.org"),
        ("ann@example.org", "a•••@example.org"),
        ("a@example.org", "a•••@example.org"),
        ("anna@exämple.org", "a•••a@exämple.org"),
    ],
)
def test_its_owner_recognises_it(address: str, shown: str) -> None:
    assert hidden_in_part(address) == shown


@given(st.emails())
def test_of_the_name_two_characters_show_at_most(address: str) -> None:
    name, _, domain = hidden_in_part(address).rpartition("@")
    assert domain == address.rpartition("@")[2]
    assert len(name.replace(HIDDEN, "")) <= 2


@pytest.mark.parametrize("known", [False, True], ids=["new", "registered"])
async def test_the_page_says_where_the_code_went_whether_or_not_the_address_has_an_account(
    platform: Kit, known: bool
) -> None:
    email = (await platform.candidate()).email if known else new_address()
    visitor = platform.visitor("fr")
    sent = await visitor.post_form("/identity/register", {**registration(email=email), **DAY})
    said = f"Nous avons envoyé un message à {hidden_in_part(email)}. Entrez le code qu’il contient."
    assert said in sent.text
    assert email not in sent.text
    again = await visitor.post_form(str(sent.url.raw_path, "ascii"), {"code": ""})
    assert again.status_code == 422
    assert said in again.text
    elsewhere = await platform.visitor("fr").get(str(sent.url.raw_path, "ascii"))
    assert HIDDEN not in elsewhere.text
    assert "à l’adresse que vous avez fournie" in elsewhere.text


async def test_of_another_registration_or_a_forged_cookie_nothing_is_shown(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor("fr")
    await visitor.post_form("/identity/register", {**registration(), **DAY})
    other = await visitor.get("/identity/verify?registration=0191d2d4-0000-7000-8000-000000000001")
    assert HIDDEN not in other.text
    for forged in ("x", "", "e.e", f"AAAA.{anna.account_id}"):
        visitor.client.cookies.set(MAILED, forged, domain="careers.test")
        shown = await visitor.get("/identity/verify?registration=0191d2d4-0000-7000-8000-000000000001")
        assert (shown.status_code, HIDDEN in shown.text) == (200, False)


async def test_a_change_of_address_says_where_its_code_went(platform: Kit) -> None:
    anna, email = await platform.candidate(language="fr"), new_address()
    form = {"email": email, "current_password": PASSWORD}
    asked = await anna.post_form("/identity/account/email", form)
    assert asked.url.path == "/identity/account/email/code"
    assert f"Nous avons envoyé un message à {hidden_in_part(email)}." in asked.text
    wrong = await anna.post_form("/identity/account/email/code", {"code": "0000 0000"})
    assert hidden_in_part(email) in wrong.text
