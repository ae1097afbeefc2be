"""The rules of support: what a request must say, what it must not reveal, and the life of a ticket."""

from services.support.domain.passwords import looks_like_password
from services.support.domain.request import CANDIDATE_REQUEST, NATURES, TECHNICAL, VISITOR_REQUEST, fields_of
from services.support.domain.screenshots import EXTENSIONS, LARGEST, MOST, Screenshot
from services.support.domain.ticket import (
    MESSAGE,
    TICKET,
    AnswerTicket,
    CloseTicket,
    DeclineOutOfScope,
    OpenTicket,
    ReopenTicket,
    ReplyToTicket,
    Status,
    Ticket,
)

ALL = (TICKET,)

__all__ = [
    "ALL",
    "CANDIDATE_REQUEST",
    "EXTENSIONS",
    "LARGEST",
    "MESSAGE",
    "MOST",
    "NATURES",
    "TECHNICAL",
    "TICKET",
    "VISITOR_REQUEST",
    "AnswerTicket",
    "CloseTicket",
    "DeclineOutOfScope",
    "OpenTicket",
    "ReopenTicket",
    "ReplyToTicket",
    "Screenshot",
    "Status",
    "Ticket",
    "fields_of",
    "looks_like_password",
]
