"""Forms posted after their session had ended (R20): kept for a while, and filled in again once their owner is back.

A kept form belongs to a browser (a random cookie) and to the account whose session it was, as identity attests: a
stranger without a session can have nothing kept, and whoever else logs in here sees nothing of it.
"""

import asyncio
import re
import secrets
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request

from shared.store.database import Pool
from shared.vocabulary import cookies

BROWSER: Final = cookies.KEPT.name
LASTS: Final = cookies.KEPT.lasts
MOST, LARGEST = 10, 2_000_000
"""Forms of one account, and the size of one, in characters."""

AGAIN: Final = frozenset({"_version", "_add", "_remove"})
"""The hidden fields and buttons that mean something in the form that is filled in again."""

_SECRET: Final = re.compile("password|secret", re.IGNORECASE)
_KEY: Final = re.compile(r"[\w-]{22,64}", re.ASCII)

_KEEP: Final = """with old as (
        delete from kept_forms where owner = $3 and (browser, action) <> ($1, $2) and kept_at <= (
            select kept_at from kept_forms where owner = $3 order by kept_at desc offset $6 limit 1))
    insert into kept_forms (browser, action, owner, page, fields, kept_at)
        values ($1, $2, $3, $4, $5::text::jsonb, clock_timestamp())
    on conflict (browser, action) do update set
        owner = excluded.owner, page = excluded.page, fields = excluded.fields, kept_at = excluded.kept_at"""
_FIND: Final = """select action, fields::text from kept_forms where browser = $1 and owner = $2 and page = $3
    and kept_at > clock_timestamp() - $4::interval order by kept_at desc limit 1"""
_DROP: Final = "delete from kept_forms where browser = $1 and owner = $2 and action = $3"
_FORGET: Final = "delete from kept_forms where kept_at < clock_timestamp() - $1::interval"


class SavedForm(NamedTuple):
    """What was typed into the form with this action."""

    action: str
    form: FormData


class ExpiredForms:
    """The kept forms of one service."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, browser: str, owner: UUID, page: str, action: str, form: FormData) -> bool:
        """Keeps what is worth it: no file, no password. False if nothing is, or if it is too large."""
        fields = [pair for pair in form.multi_items() if _worth_keeping(*pair)]
        size = sum(len(name) + len(str(value)) for name, value in fields)
        if not any(name not in AGAIN for name, _ in fields) or size > LARGEST:
            return False
        body = orjson.dumps(fields).decode()
        await self._pool.execute(_KEEP, _hashed(browser), action, owner, page, body, MOST - 1)
        return True

    async def find(self, browser: str, owner: UUID, page: str) -> SavedForm | None:
        row = await self._pool.fetchrow(_FIND, _hashed(browser), owner, page, LASTS)
        return (
            SavedForm(row["action"], FormData([tuple(pair) for pair in orjson.loads(row["fields"])])) if row else None
        )

    async def drop(self, browser: str, owner: UUID, action: str) -> None:
        """The form was posted again: what was kept of it is no longer the newest."""
        await self._pool.execute(_DROP, _hashed(browser), owner, action)

    async def forget_old(self) -> None:
        """For ever, at every tenth minute."""
        while True:
            await self._pool.execute(_FORGET, LASTS)
            await asyncio.sleep(600)


def expired_forms(request: Request) -> ExpiredForms | None:
    """This application's, if it has a database."""
    return getattr(request.app.state, "expired_forms", None)


def browser_of(request: Request) -> str:
    """The browser's key; nothing if it has none."""
    key = request.cookies.get(BROWSER, "")
    return key if _KEY.fullmatch(key) else ""


def new_browser() -> str:
    return secrets.token_urlsafe(24)


def page_with_form(request: Request) -> str:
    """The page asked for, or the page on which the posted form stood."""
    asked = urlsplit(str(request.url))
    if request.method != "GET":
        stood = urlsplit(request.headers.get("referer", ""))
        asked = stood if stood.netloc == asked.netloc else asked._replace(query="")
    return asked.path + (f"?{asked.query}" if asked.query else "")


def _worth_keeping(name: str, value: object) -> bool:
    return isinstance(value, str) and not _SECRET.search(name) and (name in AGAIN or not name.startswith("_"))


def _hashed(browser: str) -> bytes:
    return sha256(browser.encode()).digest()
