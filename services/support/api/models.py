"""What the JSON doors of support take and give."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, Field, StringConstraints

from services.support.api.tickets import pictures_of
from services.support.domain import MOST, Screenshot
from services.support.projections import TicketDocument
from shared.files import Uploaded, kind_of

Line = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=5000)]
Status = Literal["waiting", "answered", "closed", "declined"]


class PictureSent(BaseModel):
    """A screenshot: a PNG or JPEG picture in base64. All that is sent at once may take up to 2 MB."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    content: Base64Bytes

    def uploaded(self) -> Uploaded:
        return Uploaded(self.name, len(self.content), self.content, kind_of(self.content))


Pictures = Annotated[list[PictureSent], Field(max_length=MOST)]


def received(pictures: Sequence[PictureSent], request_id: UUID) -> dict[Screenshot, Uploaded]:
    """The pictures, each once."""
    return pictures_of(request_id, (picture.uploaded() for picture in pictures))


class RequestForHelp(BaseModel):
    """A request for help; never a password, never a CV. The user code of whoever is logged in is known."""

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
    language: Literal["en", "fr"] | None = Field(None, description="The language to be answered in")
    screenshots: Pictures = []

    def values(self) -> dict[str, Any]:
        said = self.model_dump(exclude={"language", "screenshots"})
        said["has_user_code"] = said["has_user_code"] or ("yes" if self.user_code.strip() else "")
        said["about_opening"] = said["about_opening"] or ("yes" if self.job_opening_number.strip() else "no")
        return said


class TicketOpened(BaseModel):
    """The ticket's number; `answer` is the standard answer when the request was declined as not technical."""

    id: UUID
    number: str
    status: Status
    answer: str = ""


class TicketLine(BaseModel):
    """A ticket in a list."""

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

    @classmethod
    def of(cls, document: TicketDocument) -> "Ticket":
        return cls.model_validate(document)


class Reply(BaseModel):
    """Something to add to one's own ticket."""

    text: Text
    screenshots: Pictures = []


class Seen(BaseModel):
    """The last message before the candidate's eyes."""

    message_id: UUID


class Answer(BaseModel):
    """An agent's answer; `close` ends the ticket with it."""

    text: Text
    close: bool = False
