"""What the JSON doors of support take and give."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from services.support.domain import MOST, Screenshot
from services.support.events import Status
from services.support.use_cases.tickets import Shown, pictures_of
from shared.files.inspecting import Inspector
from shared.files.uploads import Uploaded, inspected
from shared.vocabulary.official import Official

Line = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=5000)]
TicketId = Annotated[UUID, Path(description="As opening answered it, in `id`.")]
ScreenshotId = Annotated[UUID, Path(description="One of the ticket's `screenshots`.")]


TICKET_ID: Final = "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911"
MESSAGE_ID: Final = "0191d2d9-0a41-7b52-8f10-6d1f0c9b7e22"
PICTURE: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
REQUEST_EXAMPLE: Final[dict[str, Any]] = {
    "full_name": "Anna Müller",
    "email": "anna@example.org",
    "nature": "problem",
    "job_opening_number": "ECO-DESA-241877-R-NEWYORK (X)",
    "subject": "A blank page instead of my PHP",
    "description": "“View/Print PHP” opens a blank page.",
    "steps": "I opened Careers, then pressed “View/Print PHP”.",
    "language": "en",
    "screenshots": [{"name": "blank-page.png", "content": PICTURE}],
}
LINE_EXAMPLE: Final[dict[str, Any]] = {
    "id": TICKET_ID,
    "number": "2026-000123",
    "nature": "problem",
    "status": "answered",
    "subject": REQUEST_EXAMPLE["subject"],
    "opened_at": "2026-11-23T12:00:00Z",
    "changed_at": "2026-11-23T14:30:00Z",
}
TICKET_EXAMPLE: Final[dict[str, Any]] = {
    **LINE_EXAMPLE,
    **{name: REQUEST_EXAMPLE[name] for name in ("full_name", "email", "language", "job_opening_number")},
    **{name: REQUEST_EXAMPLE[name] for name in ("description", "steps")},
    "user_code": "P92W-EYDR",
    "messages": [{"id": MESSAGE_ID, "by": "agent", "text": "Which browser?", "at": "2026-11-23T14:30:00Z"}],
    "unread": [MESSAGE_ID],
    "mailed": True,
    "undelivered": False,
    "screenshots": [{"id": MESSAGE_ID, "name": "blank-page.png", "kind": "image/png", "size": 70}],
}


def _sent(*examples: Mapping[str, Any]) -> ConfigDict:
    """Unknown fields are refused, so that a misspelt one does not get lost."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [dict(example) for example in examples]})


def _given(example: Mapping[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [dict(example)]})


class PictureSent(BaseModel):
    """A screenshot: a PNG or JPEG picture in base64. All that is sent at once may take up to 2 MB."""

    model_config = _sent({"name": "blank-page.png", "content": PICTURE})

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    content: Base64Bytes


Pictures = Annotated[list[PictureSent], Field(max_length=MOST)]


async def received(
    pictures: Sequence[PictureSent], request_id: UUID, inspector: Inspector
) -> dict[Screenshot, Uploaded]:
    """The pictures, each once."""
    files = [await inspected(each.name, each.content, inspector, "screenshots") for each in pictures]
    return pictures_of(request_id, files)


class RequestForHelp(BaseModel):
    """A request for help; never a password, never a CV. The user code of whoever is logged in is known."""

    model_config = _sent(REQUEST_EXAMPLE)

    full_name: Line = ""
    has_user_code: Literal["", "yes", "no"] = Field(
        "", description="Visitors only; follows from `user_code` if left out"
    )
    user_code: Line = ""
    email: Line = ""
    nature: Line = Field("", description="problem, question (technical); submitted, unsolicited, other (declined)")
    about_opening: Literal["", "yes", "no"] = Field("", description="Follows from `job_opening_number` if left out")
    job_opening_number: Line = ""
    subject: Line = ""
    description: Text = ""
    steps: Text = Field("", description="Needed for a problem, with at least one screenshot")
    language: Official | None = Field(None, description="The language to be answered in")
    screenshots: Pictures = []

    def values(self) -> dict[str, Any]:
        said = self.model_dump(exclude={"language", "screenshots"})
        said["has_user_code"] = said["has_user_code"] or ("yes" if self.user_code.strip() else "")
        said["about_opening"] = said["about_opening"] or ("yes" if self.job_opening_number.strip() else "no")
        return said


class TicketOpened(BaseModel):
    """The ticket's number; `answer` is the standard answer when the request was declined as not technical.

    mailed: the number is mailed too; not to an address that is not the account's and has had several mails lately.
    """

    model_config = _given({"id": TICKET_ID, "number": "2026-000123", "status": "waiting", "answer": "", "mailed": True})

    id: UUID
    number: str
    status: Status
    answer: str = ""
    mailed: bool


class TicketLine(BaseModel):
    """A ticket in a list."""

    model_config = _given(LINE_EXAMPLE)

    id: UUID
    number: str
    nature: str
    status: Status
    subject: str
    opened_at: datetime
    changed_at: datetime


class Message(BaseModel):
    """Something that was written in a ticket."""

    id: UUID
    by: Literal["candidate", "agent"]
    text: str
    at: datetime


class Picture(BaseModel):
    """A screenshot of a ticket; its content is at `…/screenshots/{id}`."""

    id: UUID
    name: str
    kind: str
    size: int


class Ticket(TicketLine):
    """A ticket whole."""

    model_config = _given(TICKET_EXAMPLE)

    full_name: str
    user_code: str
    email: str
    language: str
    job_opening_number: str
    description: str
    steps: str
    messages: list[Message]
    unread: list[UUID] = Field(description="The agents' messages that the candidate has not yet seen, in order")
    screenshots: list[Picture]
    mailed: bool = Field(default=True, description="Whether the number was mailed to whoever asked")
    undelivered: bool = Field(description="The last mail to whoever asked could not be delivered")

    @classmethod
    def of(cls, document: Shown) -> "Ticket":
        return cls.model_validate(document)


class Reply(BaseModel):
    """Something to add to one's own ticket."""

    model_config = _sent({"text": "It is Firefox 140.", "screenshots": []})

    text: Text
    screenshots: Pictures = []


class Seen(BaseModel):
    """The last message before the candidate's eyes."""

    model_config = _sent({"message_id": MESSAGE_ID})

    message_id: UUID


class Answer(BaseModel):
    """An agent's answer; `close` ends the ticket with it."""

    model_config = _sent({"text": "Clear the cache, then try again.", "close": False})

    text: Text
    close: bool = False
