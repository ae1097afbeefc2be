"""V5, files: with a virus scanner, each door hands each file to it first and accepts only what has passed it."""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from html import unescape
from typing import Any, Final

import httpx
import pytest

from shared.files.inspecting import Inspector, scanner_of
from shared.model.errors import Invalid
from shared.runtime.kernel import Kernel
from tests.applications.doors import API, applicant, draft
from tests.applications.values import pdf
from tests.platform import Kit, Visitor
from tests.shared.files.scanners import EICAR, ClamdServer, listening, silent
from tests.support.samples import PROBLEM, QUESTION, VISITOR, picture
from tests.support.test_doors import known, opened

REFUSED: Final = "L’antivirus a refusé «\u00a0{}\u00a0». Vérifiez que votre ordinateur ne contient pas de virus"
AWAY: Final = "«\u00a0{}\u00a0» ne peut pas être soumis à l’antivirus pour le moment et n’a pas été accepté"
TYPED: Final = "Où donc est passée « l’échéance » ?"

Scanned = Callable[[Any], AbstractAsyncContextManager[None]]


@pytest.fixture
def scanned(platform: Kit, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """Has what takes files ask this clamd as long as the block lasts."""

    @asynccontextmanager
    async def by(server: Any) -> AsyncIterator[None]:
        async with listening(server) as address:
            with monkeypatch.context() as patched:
                for name in ("applications", "support"):
                    kernel = platform.service(name).kernel
                    scanner, seconds = scanner_of(f"clamd://{address}"), 1.0 if server is silent else 20.0
                    inspector = Inspector(kernel.parsers, scanner, seconds)
                    patched.setattr(kernel, "inspector", inspector)
                yield

    return by


def said(answer: httpx.Response) -> list[tuple[str, str]]:
    """What a problem document names, field and sentence."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [(each["field"], each["message"]) for each in answer.json()["errors"]]


def sent(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "content": b64encode(content).decode()}


async def attach(anna: Visitor, application: str, name: str, content: bytes) -> httpx.Response:
    files = {"file": (name, content, "application/pdf")}
    return await anna.api("POST", f"{API}/{application}/attachments", files=files)


async def attached(anna: Visitor, application: str) -> list[str]:
    answer = await anna.api("GET", f"{API}/{application}")
    return [each["name"] for each in answer.json()["attachments"]]


async def contents(platform: Kit, service: str) -> int:
    found: int = await platform.service(service).kernel.pool.fetchval("select count(*) from files")
    return found


async def test_an_attachment_with_a_virus_is_refused_by_name_and_one_without_is_kept(
    platform: Kit, scanned: Scanned
) -> None:
    anna = await applicant(platform, "fr")
    application = await draft(anna)
    held, server = await contents(platform, "applications"), ClamdServer()
    bad, good = pdf() + EICAR, pdf()
    async with scanned(server):
        refused = await attach(anna, application, "diplome.pdf", bad)
        assert refused.status_code == 422
        ((field, sentence),) = said(refused)
        assert (field, sentence.startswith(REFUSED.format("diplome.pdf"))) == ("file", True)
        path = f"/applications/{application}/attachments"
        page = await anna.post_form(path, {}, files={"file": ("lettre.pdf", bad, "application/pdf")})
        assert page.status_code == 422
        assert REFUSED.format("lettre.pdf") in unescape(page.text)
        assert 'href="#file"' in page.text
        assert await contents(platform, "applications") == held
        assert await attached(anna, application) == []
        assert (await attach(anna, application, "diplome.pdf", good)).status_code == 201
    assert server.seen == [bad, bad, good]
    assert await attached(anna, application) == ["diplome.pdf"]


async def test_while_the_scanner_is_away_no_attachment_is_accepted_and_everything_else_goes_on(
    platform: Kit, scanned: Scanned
) -> None:
    anna = await applicant(platform, "fr")
    application = await draft(anna)
    held = await contents(platform, "applications")
    async with scanned(silent):
        refused = await attach(anna, application, "diplome.pdf", pdf())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        ((field, sentence),) = said(refused)
        assert (field, sentence.startswith(AWAY.format("diplome.pdf"))) == ("file", True)
        path = f"/applications/{application}/attachments"
        page = await anna.post_form(path, {}, files={"file": ("lettre.pdf", pdf(), "application/pdf")})
        assert page.status_code == 503
        assert AWAY.format("lettre.pdf") in unescape(page.text)
        assert await contents(platform, "applications") == held
        assert await attached(anna, application) == []
        assert (await anna.get(f"/applications/{application}")).status_code == 200


@pytest.mark.parametrize(("server", "status", "words"), [
    (ClamdServer(), 422, REFUSED), (silent, 503, AWAY),
], ids=["virus", "away"])  # fmt: skip
async def test_a_ticket_s_screenshot_that_is_refused_costs_nothing_that_was_typed(
    platform: Kit, scanned: Scanned, server: Any, status: int, words: str
) -> None:
    anna = await known(platform, "fr")
    files = [("screenshots", (name, content, "image/png")) for name, content in
             (("bonne.png", picture()), ("mauvaise.png", picture() + EICAR))]  # fmt: skip
    named = "mauvaise.png" if status == 422 else "bonne.png"
    held = await contents(platform, "support")
    async with scanned(server):
        page = await anna.post_form("/support", {**PROBLEM, "subject": TYPED}, files=files)
        assert page.status_code == status
        text = unescape(page.text)
        assert words.format(named) in text
        assert 'href="#screenshots"' in page.text
        assert f'value="{TYPED}"' in text
        assert PROBLEM["steps"] in text
        assert "Choisissez de nouveau vos captures d’écran" in text
        body = {**PROBLEM, "screenshots": [sent("mauvaise.png", picture() + EICAR)]}
        refused = await anna.api("POST", "/support/api/tickets", json=body, headers={"accept-language": "fr"})
        assert refused.status_code == status
        ((field, sentence),) = said(refused)
        assert (field, sentence.startswith(words.format("mauvaise.png"))) == ("screenshots", True)
        assert (await anna.api("GET", "/support/api/tickets")).json() == []
        assert await contents(platform, "support") == held
        without = await anna.post_form("/support", QUESTION)
        assert without.status_code == 200, "who sends no file needs no scanner"


@pytest.mark.parametrize(("server", "status", "words"), [
    (ClamdServer(), 422, REFUSED), (silent, 503, AWAY),
], ids=["virus", "away"])  # fmt: skip
async def test_a_reply_s_screenshot_that_is_refused_costs_nothing_that_was_typed(
    platform: Kit, scanned: Scanned, server: Any, status: int, words: str
) -> None:
    anna = await known(platform, "fr")
    ticket = (await opened(anna))["id"]
    path, bad = f"/support/tickets/{ticket}", picture() + EICAR
    async with scanned(server):
        files = [("screenshots", ("ecran.png", bad, "image/png"))]
        page = await anna.post_form(f"{path}/reply", {"text": TYPED}, page=path, files=files)
        assert page.status_code == status
        text = unescape(page.text)
        for sentence in (words.format("ecran.png"), TYPED, "Choisissez de nouveau vos captures d’écran"):
            assert sentence in text
        body = {"text": TYPED, "screenshots": [sent("ecran.png", bad)]}
        refused = await anna.api("POST", f"/support/api/tickets/{ticket}/replies", json=body)
        assert (refused.status_code, [field for field, _ in said(refused)]) == (status, ["screenshots"])
    whole = (await anna.api("GET", f"/support/api/tickets/{ticket}")).json()
    assert (whole["messages"], whole["screenshots"]) == ([], [])


async def test_a_visitor_s_picture_is_scanned_too(platform: Kit, scanned: Scanned) -> None:
    visitor, server = platform.visitor(), ClamdServer()
    async with scanned(server):
        body = {**VISITOR, "screenshots": [sent("a.png", picture() + EICAR)]}
        refused = await visitor.api("POST", "/support/api/tickets", json=body)
    assert (refused.status_code, len(server.seen)) == (422, 1)


async def test_a_file_that_is_too_large_anyway_is_not_handed_on(platform: Kit, scanned: Scanned) -> None:
    anna, server = await applicant(platform), ClamdServer()
    application = await draft(anna)
    async with scanned(server):
        refused = await attach(anna, application, "large.pdf", pdf() + b"%" + b"x" * 1_200_000)
    assert (refused.status_code, server.seen) == (422, [])


async def test_a_service_asks_the_scanner_that_the_operator_has_set(platform: Kit) -> None:
    running, server = platform.service("support").kernel, ClamdServer()
    async with listening(server) as address:
        settings = running.settings.model_copy(update={"scanner": f"clamd://{address}"})
        kernel = Kernel(running.service, settings, running.pool)
        with pytest.raises(Invalid):
            await kernel.inspector.look("a.pdf", EICAR)
    assert server.seen == [EICAR]
