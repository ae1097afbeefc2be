"""What the rules of an application need to know of a job opening, of a candidate and of a file; brought in commands."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field

from services.applications.events import AttachmentAdded, FileType
from services.applications.events.library import DocumentKept
from services.vacancies.events import Question, State
from shared.model.errors import N_, Problem
from shared.model.message import Message, derived_id
from shared.vocabulary.flaws import Flaw

MOST_BYTES: Final = 999_999
MOST_FILES: Final = 10
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_ENDINGS: Final = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")}


class Titled(Message):
    """What a job opening is called in a language."""

    language: str
    title: str


class VacancyFacts(Message):
    """A job opening as it reads now, its `title` in `language`.

    absorbed: the ids under which notices of it were vacancies of their own. organisation: whose it is, if known.
    """

    id: UUID
    job_opening_number: str
    title: str
    source: Literal["inspira", "galaxy"]
    language: str
    version: int
    opens_at: datetime
    closes_at: datetime
    state: State
    questions: tuple[Question, ...] = ()
    translations: tuple[Titled, ...] = ()
    absorbed: tuple[UUID, ...] = ()
    organisation: str | None = None

    def in_language(self, language: str) -> "VacancyFacts":
        """The same with its title in this language, if it has one."""
        return next(
            (self.model_copy(update=dict(each)) for each in self.translations if each.language == language), self
        )


class CandidateFacts(Message):
    """Who applies, with the profile as it is now and how complete it is."""

    id: UUID
    language: str = "en"
    user_code: str = ""
    title: str = ""
    given_names: str = ""
    family_name: str = ""
    birth_date: str = ""
    email: str = ""
    percent: int = 0
    complete: bool = False
    missing: tuple[str, ...] = ()
    profile: dict[str, dict[str, Any]] = Field(default_factory=dict)


class FileFacts(Message):
    """A file that was read and parsed: `content_type` is what it really is, None if that is not accepted."""

    id: UUID
    name: str
    size: int
    sha256: str
    content_type: FileType | None
    flaw: Flaw | None = None


def copy_of(new_id: UUID, file_id: UUID, file: AttachmentAdded | DocumentKept) -> FileFacts:
    """A file as it is held once more, under an id that follows from that of what it is for and from its own."""
    return FileFacts(
        id=derived_id(new_id, str(file_id)),
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        content_type=file.content_type,
    )


UNKNOWN = N_("“%(name)s” is neither a PDF nor a PNG or JPEG picture. Save or print it as a PDF, and attach that")


def not_open(vacancy: VacancyFacts, at: datetime) -> Problem | None:
    """Why nobody can apply for this job opening at this time, if so (R31)."""
    if vacancy.source != "inspira":
        return Problem("vacancy", N_("This job opening was published in Galaxy. You cannot apply for it here"))
    if vacancy.state == "cancelled":
        return Problem("vacancy", N_("This job opening was cancelled"))
    if at < vacancy.opens_at:
        return Problem("vacancy", N_("This job opening is not open yet"))
    if at > vacancy.closes_at or vacancy.state == "closed":
        return Problem("vacancy", N_("The deadline of this job opening has passed"))
    return None


def file_problems(file: FileFacts) -> Iterator[Problem]:
    """Why this file cannot be attached (R61, R62)."""
    if file.size > MOST_BYTES:
        yield Problem(
            "file",
            N_("The file has %(size)s bytes. It must have fewer than 1,000,000: scan it at a lower resolution"),
            {"size": file.size},
        )
    if not _NAME.fullmatch(file.name):
        yield Problem(
            "file",
            N_(
                "“%(name)s” cannot be a file's name here. Use up to 64 characters: unaccented letters, digits, "
                "full stops, hyphens and underscores, like Your-Initials_Diploma.pdf"
            ),
            {"name": file.name[:80]},
        )
    elif file.content_type and not file.name.lower().endswith(_ENDINGS[file.content_type]):
        yield Problem(
            "file",
            N_("The extension of “%(name)s” does not match its content. Rename it so that it ends in %(ending)s"),
            {"name": file.name, "ending": _ENDINGS[file.content_type][0]},
        )
    if file.content_type is None and file.size <= MOST_BYTES:
        yield file.flaw.of(file.name, "file") if file.flaw else Problem("file", UNKNOWN, {"name": file.name[:80]})
