"""A small site of our own to try the doors of the kernel: one page with a form, and a few JSON routes."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI, Response, UploadFile
from pydantic import BaseModel, ConfigDict

from shared.auth import Candidate, Who
from shared.http import RequestId, api_router, create
from shared.model.errors import Conflict, Invalid, NotFound, Problem
from shared.model.message import Position
from shared.ops.context import WriteToken, WrittenEvent, current
from shared.ops.logs import configure
from shared.vocabulary.fields import COUNTRIES, Entries, Field, Option, check
from shared.web import Page, pages_router
from shared.web.entries import section_values
from shared.web.forms import action

configure("json", "WARNING")

TEMPLATES = Path(__file__).parent / "templates"
EVENT = UUID("3f2b8a52-0f0e-4a57-9f83-5d7f1f4a1a01")
ANNA = Who(
    account_id=UUID("11111111-2222-4333-8444-555555555555"),
    user_code="ANNA",
    roles=frozenset({"candidate"}),
    session_id=uuid4(),
    language="fr",
    name="Anna Petit",
    email="anna@example.org",
)

PLAIN = (
    Field("family_name", "Family name", required=True, autocomplete="family-name"),
    Field("birth_date", "Date of birth", "date", required=True, past=True, autocomplete="bday"),
    Field("employed", "Employed by the UN", "yesno", required=True),
    Field("organisation", "Organisation", when=("employed", ("yes",))),
    Field("country", "Country", "lookup", options=COUNTRIES, hint="Pick one"),
    Field("networks", "Networks", "choices", options=(Option("law", "Legal"), Option("it", "Technology"))),
    Field("letter", "Letter", "textarea", length=800),
    Field("agreed", "I agree", "checkbox", required=True),
)
JOBS = Entries(
    "jobs",
    "Work experience",
    "Job",
    (Field("title", "Title", required=True), Field("start", "From", "date")),
    minimum=1,
    maximum=3,
)
FIELDS = (*PLAIN, JOBS)
SAVED = {"jobs": [{"title": "Clerk", "start": "2001-02-03"}]}


class Note(BaseModel):
    title: str
    pages: int = 1
    more: dict[str, Any] = {}


class StrictNote(Note):
    model_config = ConfigDict(extra="forbid")


class Known:
    """Sessions as identity would answer: one cookie is Anna's."""

    async def resolve(self, cookie: str) -> Who | None:
        ends = datetime.now(UTC) + timedelta(minutes=60)
        return replace(ANNA, expires_at=ends) if cookie == "anna" else None

    async def machine(self, token: str) -> Who | None:
        return replace(ANNA, client=token, account_id=uuid4()) if token != "forged" else None


def site() -> FastAPI:
    app = create("sample", templates=TEMPLATES)
    app.state.sessions = Known()
    app.include_router(_json())
    app.include_router(_identity())
    app.include_router(_pages())
    app.include_router(_other_pages())
    return app


def _identity() -> Any:
    """The door at which a page continues its session."""
    router = api_router("identity")

    @router.get("/session")
    async def session(who: Candidate) -> dict[str, Any]:
        return {"account_id": who.account_id, "expires_in": 3600}

    return router


def _json() -> Any:
    router = api_router("sample")

    @router.post("/notes")
    async def write(note: Note, id: RequestId) -> dict[str, str]:  # noqa: A002
        return {"id": str(id), "title": note.title}

    @router.post("/strict")
    async def write_strictly(note: StrictNote) -> dict[str, str]:
        return {"title": note.title}

    @router.post("/files")
    async def upload(file: UploadFile) -> dict[str, int]:
        return {"size": len(await file.read())}

    @router.get("/mine")
    async def mine(who: Candidate) -> dict[str, str]:
        return {"code": who.user_code, "actor": current().actor}

    @router.post("/wrote")
    async def wrote() -> None:
        current().wrote["sample"] = WriteToken(Position(7, 42), (WrittenEvent("sample", EVENT),))

    @router.get("/fault/{kind}")
    async def fault(kind: str) -> None:
        faults: dict[str, Exception] = {
            "bug": RuntimeError("anna@example.org is 'Anna Petit'"),
            "database": asyncpg.PostgresConnectionError("gone"),
            "refused": ConnectionRefusedError("gone"),
            "password": asyncpg.InvalidPasswordError("it was changed a moment ago"),
            "garbled": asyncpg.InternalClientError("got an unexpected message"),
            "slow": TimeoutError(),
            "full": asyncpg.DiskFullError("no space"),
            "nul": asyncpg.CharacterNotInRepertoireError("0x00"),
            "conflict": Conflict.because("This has changed in the meantime"),
            "missing": NotFound.because("Page not found"),
            "invalid": Invalid(Problem("jobs.0.title", "Enter: %(label)s", {"label": "Year"})),
        }
        raise faults[kind]

    return router


def _pages() -> Any:
    router = pages_router()

    @router.get("/sample/form")
    async def form(page: Page) -> Response:
        page.request.app.state.seen = current()
        return page.render("sample/form.html", fields=FIELDS, values=SAVED)

    @router.post("/sample/form")
    async def post(page: Page, id: RequestId) -> Response:  # noqa: A002
        posted = await page.form()
        values = section_values(FIELDS, posted, SAVED)
        if page.autosave:
            return page.saved(version=8)
        problems = check(FIELDS, values)
        if problems or action(posted):
            page.request.app.state.values = values
            return page.render("sample/form.html", 422, fields=FIELDS, values=values, problems=problems)
        return page.redirect("/sample/form", "At most %(maximum)s characters", maximum=values["family_name"])

    return router


def _other_pages() -> Any:
    router = pages_router()

    @router.get("/sample/private")
    async def private(page: Page, who: Candidate) -> Response:
        return page.render("sample/form.html", fields=FIELDS, values={"family_name": who.name})

    @router.post("/sample/private")
    async def write_private(page: Page, who: Candidate) -> Response:
        return page.redirect("/sample/private", who.name)

    @router.get("/sample/in")
    async def log_in(page: Page) -> Response:
        answer = page.redirect("/sample/form")
        answer.set_cookie("__Host-session", "anna", secure=True, httponly=True)
        return answer

    @router.get("/sample/fault")
    async def fault() -> Response:
        raise RuntimeError("broken")

    @router.get("/sample/stale")
    async def stale(page: Page) -> Response:
        current().stale = True
        return page.render("sample/form.html", fields=(), values={})

    @router.get("/sample/away")
    async def away(page: Page, to: str) -> Response:
        return page.redirect(to)

    return router


@asynccontextmanager
async def browser(app: Any, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a browser's cookies, over https as far as it knows."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://postulo.test", **options) as client:
        yield client


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    assert match, name
    return match[1]


Call = Callable[..., Awaitable[httpx.Response]]
