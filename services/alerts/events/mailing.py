"""Facts about the mails that a candidate may switch off; none of them leaves the service."""

from typing import Final, Literal, Self
from uuid import UUID

from services.identity.events import PERSON, CandidateId
from shared.model.codes import Code
from shared.model.errors import N_
from shared.model.message import Event, Message, Personal

What = Literal["deadline", "amended", "extended", "cancelled"]


class MailKind(Code):
    """What may be switched off, job alerts apart, which each saved search switches. label, stopped: catalogue keys.

    stopped: what somebody who unsubscribes is told.
    """

    label: str
    stopped: str

    def __new__(cls, code: str, label: str, stopped: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label, self.stopped = code, label, stopped
        return self

    DRAFT_DEADLINES = (
        "draft_deadlines",
        N_("Reminders 7 days and 2 days before the deadline of a draft application"),
        N_("You will receive no more reminders of the deadlines of your draft applications."),
    )
    OPENING_DEADLINES = (
        "opening_deadlines",
        N_("Reminders 7 days and 2 days before the deadline of a saved job opening"),
        N_("You will receive no more reminders of the deadlines of saved job openings."),
    )
    OPENING_CHANGES = (
        "opening_changes",
        N_("E-mails when a saved job opening is amended, extended or cancelled"),
        N_("You will receive no more e-mails about changes of saved job openings."),
    )


class News(Message):
    """One thing to tell of a job opening, once.

    application_id: of the draft that it is about, if it is about one.
    mark: tells it from what was told of the same before: the deadline and the days left, or the version.
    """

    kind: MailKind
    what: What
    vacancy_id: UUID
    application_id: UUID | None = None
    mark: str


class NewsNoted(Event):
    """It goes out with what else there is to tell in the next minutes."""

    candidate_id: CandidateId
    news: News


class NewsSent(Event):
    """What had gathered goes out in one mail, as far as it still holds."""

    candidate_id: CandidateId
    kind: MailKind
    news: tuple[News, ...]


class MailSwitched(Event):
    """The candidate wants mails of this kind, or none; in the preferences, or by a mail's link."""

    candidate_id: CandidateId
    kind: MailKind
    on: bool
    reason: Literal["candidate", "unsubscribed"] = "candidate"


class MailLinkMade(Event):
    """The secret in the unsubscribe links of all these mails of the candidate (RFC 8058)."""

    whose = PERSON

    candidate_id: CandidateId
    token: Personal[str]


class MailingEnded(Event):
    """The account is closed: nothing is mailed any more."""

    candidate_id: CandidateId


MailingEvent = NewsNoted | NewsSent | MailSwitched | MailLinkMade | MailingEnded
MAILING_EVENTS: Final = (NewsNoted, NewsSent, MailSwitched, MailLinkMade, MailingEnded)
