"""Pages: language, tokens, notices shown once, refusals in words, and nothing from anywhere else."""

import gc
import re
import warnings
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

import pytest

from shared.ops.signing import Signer
from shared.web.page import LONGEST_NEXT, local, within
from tests.shared.web.site import browser, hidden, site

SITE = site()
ANNA = {"__Host-session": "anna"}
FILLED = {
    "family_name": "Petit",
    "birth_date-day": "3",
    "birth_date-month": "mars",
    "birth_date-year": "1990",
    "employed": "no",
    "agreed": "yes",
}


async def test_the_language_is_asked_for_remembered_then_the_readers_then_the_browsers() -> None:
    async with browser(SITE, headers={"accept-language": "fr-CA, en;q=0.5"}) as client:
        assert '<html lang="fr" class=' in (await client.get("/sample/form")).text
        assert '<html lang="ar" dir="rtl" class=' in (await client.get("/sample/form?lang=ar")).text
        assert '<html lang="en" class=' in (await client.get("/sample/form?lang=en")).text
        assert '<html lang="en"' in (await client.get("/sample/form?lang=xx")).text
    async with browser(SITE, headers={"accept-language": "de, zh-Hant-TW;q=0.8, ru;q=0.3"}) as client:
        assert '<html lang="zh"' in (await client.get("/sample/form")).text
    async with browser(SITE, cookies=ANNA, headers={"accept-language": "en"}) as client:
        assert '<html lang="fr"' in (await client.get("/sample/form")).text
    async with browser(SITE) as client:
        page = (await client.get("/sample/form?q=a%26b&lang=en")).text
        assert 'href="?q=a%26b&amp;lang=fr"' in page


async def test_navigation_fits_who_reads() -> None:
    async with browser(SITE) as client:
        stranger = (await client.get("/sample/form?lang=fr")).text
    async with browser(SITE, cookies=ANNA) as client:
        anna = (await client.get("/sample/form")).text
    assert all(words in stranger for words in ("Rech. emplois", "Connexion", "Inscription immédiate", "Aide"))
    assert all(
        words in anna for words in ("Carrières", "Mon profil", "Rech. emplois", "Recherches enregistrées", "Aide")
    )
    assert "Déconnexion" in anna
    assert "Déconnexion" not in stranger


@pytest.mark.rule("R63")
async def test_every_page_offers_to_contact_us() -> None:
    async with browser(SITE) as client:
        for path in ("/sample/form", "/sample/nothing", "/sample/fault"):
            assert '<a href="/support">Contactez-nous</a>' in (await client.get(f"{path}?lang=fr")).text


async def test_a_page_loads_nothing_from_elsewhere_and_has_no_inline_code_or_style() -> None:
    async with browser(SITE, cookies=ANNA) as client:
        html = (await client.get("/sample/form")).text
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', html)
        weight = len((await client.get("/sample/form")).content)
        assert loaded
        assert all(address.startswith("/assets/") for address in loaded)
        for address in loaded:
            asset = await client.get(address)
            assert asset.headers["cache-control"].endswith("immutable")
            assert asset.headers["content-encoding"] == "gzip"
            if address.endswith(".css"):
                assert not re.search(r"url\((?!\"?data:)|@import|Transport|crest", asset.text)
            weight += int(asset.headers["content-length"])
    assert not re.search(r"<script[^>]*>[^<]|<style|\sstyle=|\son\w+=", html)
    assert weight < 150_000


async def test_a_form_needs_the_token_of_this_browser() -> None:
    async with browser(SITE) as client, browser(SITE) as other:
        mine = hidden((await client.get("/sample/form")).text, "_token")
        theirs = hidden((await other.get("/sample/form")).text, "_token")
        for token in ("", "x", theirs, "é", urlsafe_b64encode(b"").decode()):
            refused = await client.post("/sample/form", data={**FILLED, "_token": token})
            assert refused.status_code == 403
        assert (await client.post("/sample/form", data={**FILLED, "_token": mine})).status_code == 303


async def test_the_token_is_masked_anew_on_each_page_and_stays_valid() -> None:
    async with browser(SITE) as client:
        first = hidden((await client.get("/sample/form")).text, "_token")
        second = hidden((await client.get("/sample/form")).text, "_token")
        assert first != second
        for token in (first, second):
            assert (await client.post("/sample/form", data={**FILLED, "_token": token})).status_code == 303


async def test_uploads_of_a_refused_form_are_closed() -> None:
    async with browser(SITE) as client:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            refused = await client.post("/sample/form", data={"_token": "x"}, files={"file": b"x" * 3_000_000})
            gc.collect()
    assert refused.status_code == 403
    assert [warning.message for warning in caught] == []


async def test_a_success_is_said_once_in_the_readers_language() -> None:
    async with browser(SITE, headers={"accept-language": "fr"}, follow_redirects=True) as client:
        token = hidden((await client.get("/sample/form")).text, "_token")
        answer = await client.post("/sample/form", data={**FILLED, "_token": token})
        assert "Petit\u00a0caractères au plus" in answer.text
        assert "Petit\u00a0caractères au plus" not in (await client.get("/sample/form")).text


NOTICE = "postulo-notice--success"
FORGED = [b'["%(gap)s", {}]', b"3", b'["sample", "%(x)900000000s", {"x": ""}]', b'["sample", "There is a problem", {}]']


@pytest.mark.parametrize("cookie", ["x", "", ".", *(urlsafe_b64encode(text).decode() for text in FORGED)])
@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAA.", "é."])
async def test_a_forged_notice_is_not_shown_and_the_page_is_as_without_it(cookie: str, signature: str) -> None:
    async with browser(SITE, headers={"cookie": f"lang=en; __Host-flash={signature}{cookie}".encode()}) as client:
        forged = await client.get("/sample/form")
    async with browser(SITE, headers={"cookie": b"lang=en"}) as client:
        plain = await client.get("/sample/form")
    assert (forged.status_code, NOTICE in forged.text) == (200, False)
    assert len(forged.content) - len(plain.content) < 50


async def test_a_notice_of_somebody_elses_making_is_not_signed_by_us() -> None:
    text = urlsafe_b64encode(b'["sample", "There is a problem", {}]').decode()
    other = Signer.of_this_process().signed("__Host-flash", text)
    ours = SITE.state.signer.signed("__Host-flash", text)
    for cookie, shown in ((other, False), (ours, True)):
        async with browser(SITE, headers={"cookie": f"lang=en; __Host-flash={cookie}"}) as client:
            assert (NOTICE in (await client.get("/sample/form")).text) is shown


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/alerts?x=1#y", "/alerts?x=1#y"), ("/", "/"), ("", "/"), ("alerts", "/"),
        ("//evil.example", "/"), ("///evil.example", "/"), ("////evil.example", "/"), ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"), ("/\t/evil.example", "/"), ("/\n/evil.example", "/"), ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"), ("/a\\b", "/"), (" //evil.example", "/"), ("/a\r\nX: y", "/"),
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(asked: str, answered: str) -> None:
    assert local(asked) == answered


def test_an_address_to_come_back_to_is_cut_rather_than_too_long() -> None:
    longest = "/a?" + "x" * (LONGEST_NEXT - 3)
    assert [within(each) for each in (longest, longest + "x", "/" + "a" * LONGEST_NEXT)] == [longest, "/a", "/"]


async def test_problems_are_said_in_title_summary_and_beside_the_field_and_nothing_typed_is_lost() -> None:
    async with browser(SITE, headers={"accept-language": "fr"}) as client:
        token = hidden((await client.get("/sample/form")).text, "_token")
        typed = {**FILLED, "_token": token, "birth_date-day": "31", "birth_date-month": "2", "country": "Atlantis"}
        answer = await client.post("/sample/form", data=typed | {"letter": "one\n\n  two", "family_name": '<b>"'})
    html = answer.text
    assert answer.status_code == 422
    assert "<title>Erreur\u00a0: " in html
    assert '<a href="#birth_date">Date of birth – «\u00a031 2 1990\u00a0» n’est pas une date' in html
    assert 'id="birth_date" name="birth_date-day" type="text" value="31"' in html
    assert '<option value="Atlantis" selected>Atlantis</option>' in html
    assert "one\n\n  two</textarea>" in html
    assert 'value="&lt;b&gt;&#34;"' in html


async def test_background_saving_answers_with_the_version() -> None:
    async with browser(SITE) as client:
        token = hidden((await client.get("/sample/form")).text, "_token")
        answer = await client.post("/sample/form", data={"_token": token}, headers={"postulo-autosave": "1"})
    assert (answer.status_code, answer.headers["postulo-version"]) == (204, "8")


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/sample/nothing", 404, "Page introuvable"),
        ("PUT", "/sample/form", 405, "Cette action n’est pas possible ici"),
        ("POST", "/sample/form", 403, "Vous n’y êtes pas autorisé(e)"),
        ("GET", "/sample/form?x=%00", 422, "Il y a un problème"),
        ("GET", "/sample/fault", 500, "Une erreur s’est produite de notre côté"),
    ],
)
async def test_refusals_are_pages_of_ours_with_a_reference(method: str, path: str, status: int, said: str) -> None:
    async with browser(SITE, headers={"accept-language": "fr"}) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert f'<h1 class="govuk-heading-l">{said}</h1>' in answer.text
    assert answer.headers["x-correlation-id"] in answer.text


async def test_a_body_too_large_is_a_page_too() -> None:
    async with browser(SITE) as client:
        answer = await client.post("/sample/form", data={"letter": "x" * 2_000_001})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")


async def test_a_broken_multipart_form_is_refused_not_a_fault() -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    async with browser(SITE) as client:
        for body in (b"--x\r\nnonsense", b"", b"--y--"):
            answer = await client.post("/sample/form", content=body, headers=headers)
            assert 400 <= answer.status_code < 500


async def test_whoever_is_not_logged_in_is_sent_to_the_login_page_and_back() -> None:
    async with browser(SITE) as client:
        answer = await client.get("/sample/private?page=2")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/identity/login?next=%2Fsample%2Fprivate%3Fpage%3D2",
    )


async def test_a_form_posted_without_a_session_leads_back_to_its_page() -> None:
    async with browser(SITE) as client:
        for referer, back in (
            ("https://postulo.test/sample/form?page=2", "/sample/form?page=2"),
            ("https://evil.test/x", "/sample/private"),
        ):
            answer = await client.post("/sample/private", headers={"referer": referer})
            assert answer.headers["location"] == "/identity/login?" + urlencode({"next": back})


async def test_the_page_warns_before_the_session_ends() -> None:
    async with browser(SITE, cookies=ANNA) as client:
        seconds = re.search(r'data-session="(\d+)"', (await client.get("/sample/form")).text)
    assert seconds
    assert 0 < int(seconds[1]) <= 3600


async def test_a_view_that_has_not_caught_up_is_said_to_be_updated() -> None:
    async with browser(SITE) as client:
        assert "This page is being updated" in (await client.get("/sample/stale")).text


async def test_a_redirect_stays_here() -> None:
    async with browser(SITE) as client:
        assert (await client.get("/sample/away", params={"to": "//evil.test"})).headers["location"] == "/"
        assert (await client.get("/sample/away", params={"to": "/a?b=c"})).headers["location"] == "/a?b=c"


@pytest.mark.rule("R45")
async def test_a_deadline_is_shown_with_its_zone() -> None:
    async with browser(SITE, headers={"accept-language": "fr"}) as client:
        html = (await client.get("/sample/form")).text
    assert "30 novembre 2026 à 23:59, heure de New York (EST)" in html
    assert '<time datetime="2026-12-01T04:59:59+00:00" data-deadline>' in html
