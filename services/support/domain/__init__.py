"""The rules of support: what a request must say, what it must not reveal, and the life of a ticket."""

from services.support.domain.feedback import FEEDBACK
from services.support.domain.passwords import looks_like_password
from services.support.domain.request import (
    NATURES,
    STANDARD_ANSWER,
    TECHNICAL,
    USER_CODE,
    fields_of,
    problems_of,
    ticket_id,
)
from services.support.domain.screenshots import EXTENSIONS, LARGEST, MOST, Screenshot
from services.support.domain.ticket import (
    ALL_OF_A_CANDIDATE,
    MESSAGE,
    TICKET,
    AnswerTicket,
    CloseTicket,
    DeclineOutOfScope,
    EraseTicket,
    OpenTicket,
    ReadTicket,
    ReopenTicket,
    ReplyToTicket,
    Ticket,
)

ALL = (TICKET, FEEDBACK)

__all__ = [
    "ALL",
    "ALL_OF_A_CANDIDATE",
    "EXTENSIONS",
    "FEEDBACK",
    "LARGEST",
    "MESSAGE",
    "MOST",
    "NATURES",
    "STANDARD_ANSWER",
    "TECHNICAL",
    "TICKET",
    "USER_CODE",
    "AnswerTicket",
    "CloseTicket",
    "DeclineOutOfScope",
    "EraseTicket",
    "OpenTicket",
    "ReadTicket",
    "ReopenTicket",
    "ReplyToTicket",
    "Screenshot",
    "Ticket",
    "fields_of",
    "looks_like_password",
    "problems_of",
    "ticket_id",
]
