"""A person whose values are found nowhere else, and the search for them in everything that a platform keeps."""

import asyncio
import base64
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import orjson
from pypdf import PdfReader

from services.site import chosen
from shared.ops.settings import Settings
from tests.shared.kafka.records import records_of

MARK: Final = "Zwrkanar"
"""In every text that the person types; no name, word or code holds it."""
BORN: Final = "1971-08-29"
PHONE: Final = "97 53 86 42"

FREE: Final = frozenset({
    "family_name", "given_names", "birth_place", "permanent_street", "permanent_city", "function", "spouse_family_name",
    "spouse_given_names", "name", "institution", "field_of_study", "employer", "duties", "achievements", "it_skills",
    "letter", "occupation", "full_name", "subject", "description", "steps",
})  # fmt: skip
"""Fields that take any text."""
TITLED: Final = frozenset({"diplomas", "jobs"})
"""Lists in whose entries `title` takes any text."""


def branded(value: Any, name: str = "", within: str = "") -> Any:
    """The same values, with the mark in every text that is the person's own."""
    if isinstance(value, dict):
        return {key: branded(inner, key, within) for key, inner in value.items()}
    if isinstance(value, list):
        return [branded(inner, name, name) for inner in value]
    if not isinstance(value, str):
        return value
    if name in FREE or (name == "title" and within in TITLED):
        return f"{MARK} {value}"
    if name == "email":
        return f"{MARK.lower()}.{value}"
    return f"+33 1 {PHONE}" if name == "phone" else BORN if name == "birth_date" else value


def spellings() -> dict[str, re.Pattern[bytes]]:
    """What to look for, by what it is."""
    texts = {"mark": MARK, "birth date": BORN, "phone": PHONE, "phone in one": PHONE.replace(" ", "")}
    found = {name: re.compile(re.escape(text.encode()), re.IGNORECASE) for name, text in texts.items()}
    for text in (MARK, MARK.lower(), MARK.upper()):
        found[f"{text} in hex"] = re.compile(text.encode().hex().encode(), re.IGNORECASE)
        found[f"{text} in UTF-16"] = re.compile(re.escape(text.encode("utf-16-le")))
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + text.encode())
            inner = whole[-(-shift * 8 // 6) : (shift + len(text)) * 8 // 6]
            found[f"{text} in base64 at {shift}"] = re.compile(re.escape(inner))
    return found


SPELLINGS: Final = spellings()


def traces(name: str, content: bytes) -> Iterator[str]:
    """Where a value of the person's stands in this, whatever it is wrapped in."""
    for what, spelling in SPELLINGS.items():
        if match := spelling.search(content):
            around = content[max(match.start() - 60, 0) : match.end() + 60]
            yield f"{name}: {what}: {around!r}"
    yield from _inside(name, content)


def _inside(name: str, content: bytes) -> Iterator[str]:
    if content.startswith(b"%PDF"):
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        yield from traces(f"{name} (text)", text.encode())
    elif content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from traces(f"{name}/{member}", archive.read(member))
    elif content[:2] in (b"\x1f\x8b", b"\x78\x9c"):
        yield from traces(f"{name} (inflated)", zlib.decompress(content, 47))


Looked = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""What of a row of `<service>.<table>` is looked through."""


def all_of_it(_place: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row


async def in_tables(databases: Mapping[str, str], looked: Looked = all_of_it) -> list[str]:
    """In every table of these databases, by the service's name."""
    found: list[str] = []
    for service, dsn in databases.items():
        connection = await asyncpg.connect(dsn)
        try:
            tables = await connection.fetch(
                "select table_schema, table_name from information_schema.tables"
                " where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"
            )
            for schema, table in tables:
                for row in await connection.fetch(f'select * from "{schema}"."{table}"'):  # noqa: S608 - all of them
                    for column, value in looked(f"{service}.{table}", dict(row)).items():
                        content = bytes(value) if isinstance(value, bytes) else str(value).encode(errors="replace")
                        found += traces(f"{service}.{table}.{column}", content)
        finally:
            await connection.close()
    return found


async def in_pages(databases: Mapping[str, str]) -> list[str]:
    """In PostgreSQL's own files of these databases, once it has put its tables in order, as autovacuum does in time."""
    found: list[str] = []
    for service, dsn in databases.items():
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute("vacuum full")
            await connection.execute("checkpoint")
            place = await connection.fetchval(
                "select current_setting('data_directory') || '/base/' || oid from pg_database"
                " where datname = current_database()"
            )
        finally:
            await connection.close()
        found += await asyncio.to_thread(_in_files, service, Path(place))
    return found


def _in_files(service: str, folder: Path) -> list[str]:
    files = sorted(each for each in folder.iterdir() if each.is_file())
    if not files:
        raise FileNotFoundError(folder)
    return [trace for file in files for trace in traces(f"{service}/{file.name}", file.read_bytes())]


class Kept(NamedTuple):
    """What outlives the account until its own time is over: a submitted application, and a ticket without account."""

    application: str
    ticket: str

    def beside(self, place: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What of a row is not theirs: of the application's document all that is not of what was submitted."""
        match place:
            case "applications.documents" if row["view"] == "application" and row["key"] == self.application:
                document = {name: value for name, value in orjson.loads(row["document"]).items() if name not in FILE}
                return {**row, "document": orjson.dumps(document).decode()}
            case "applications.documents_of_record" if str(row["application_id"]) == self.application:
                return {}
            case "applications.files" if UUID(self.application).hex.encode() in row["content"]:
                return {}
            case "support.documents" if row["key"] == self.ticket:
                return {}
        return row


FILE: Final = frozenset({"submitted", "attachments", "timeline", "withdrawal"})
"""Of an application's document, what was submitted, what HR said of it, and why it was withdrawn."""


async def on_topics(settings: Settings) -> list[str]:
    """In every record, its key and its headers, of every topic of every service."""
    found: list[str] = []
    for service in chosen(None):
        for topic in sorted(service.published.all_topics(settings.topic_prefix)):
            for record in await records_of(settings, topic):
                parts = [record.key, record.value, *(value for _, value in record.headers or ())]
                found += traces(f"{topic}/{record.partition}/{record.offset}", b" ".join(filter(None, parts)))
    return found


def in_texts(name: str, texts: Iterable[str]) -> list[str]:
    """In what is written to logs, metrics and the like."""
    return [trace for text in texts for trace in traces(name, text.encode(errors="replace"))]
