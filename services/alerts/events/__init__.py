"""Facts about saved searches and job openings, and who reads which mails; `search` and `opening` leave the service."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from services.alerts.events.mailing import MAILING_EVENTS as MAILING_EVENTS
from services.alerts.events.mailing import MailingEnded as MailingEnded
from services.alerts.events.mailing import MailingEvent as MailingEvent
from services.alerts.events.mailing import MailKind as MailKind
from services.alerts.events.mailing import MailLinkMade as MailLinkMade
from services.alerts.events.mailing import MailSwitched as MailSwitched
from services.alerts.events.mailing import News as News
from services.alerts.events.mailing import NewsNoted as NewsNoted
from services.alerts.events.mailing import NewsSent as NewsSent
from services.alerts.events.mailing import What as What
from services.alerts.events.openings import OPENING_EVENTS as OPENING_EVENTS
from services.alerts.events.openings import Leaving as Leaving
from services.alerts.events.openings import OpeningEvent as OpeningEvent
from services.alerts.events.openings import OpeningLeft as OpeningLeft
from services.alerts.events.openings import OpeningSaved as OpeningSaved
from services.identity.events import PERSON, CandidateId
from shared.model.message import Event, Personal, Published
from shared.vocabulary.search import Criteria

Rhythm = Literal["at_once", "daily", "weekly"]


class SearchSaved(Event):
    """R46: criteria under a name, valid until `expires_at`; with an `alert`, mails follow (R47)."""

    receipt = "Nothing for recruiting: it tells which job openings are looked for."
    whose = PERSON

    candidate_id: CandidateId
    name: Personal[str]
    """What the candidate calls the search."""
    criteria: Personal[Criteria]
    """What is looked for."""
    alert: bool
    """Whether mails follow."""
    email: Personal[str | None]
    """Where mails go; null for the account's address."""
    rhythm: Rhythm
    """How often mails go."""
    language: str
    """The language of the mails: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    expires_at: datetime
    """Until when the search is kept."""
    awaits: bool = False
    """Whether nothing is mailed before AlertAddressConfirmed."""


class AlertEnabled(Event):
    """R47, R48: mails go to this address in this rhythm from now on; `awaits`: from AlertAddressConfirmed on."""

    receipt = "Nothing."
    whose = PERSON

    candidate_id: CandidateId
    email: Personal[str]
    """Where mails go."""
    rhythm: Rhythm
    """How often mails go."""
    awaits: bool = False
    """Whether nothing is mailed before AlertAddressConfirmed."""


class AlertAddressConfirmed(Event):
    """Whoever reads mail at the alert's address said yes through the link mailed there (R48)."""

    receipt = "Nothing."

    candidate_id: CandidateId
    rhythm: Rhythm
    """How often mails go."""


class AlertDisabled(Event):
    """No more mails: the candidate switched the alert off, or followed a mail's unsubscribe link."""

    receipt = "Nothing."

    candidate_id: CandidateId
    reason: Literal["candidate", "unsubscribed"] = "candidate"
    """Who switched it off: the candidate, or a mail's link to unsubscribe."""


class SearchRenamed(Event):
    """The search has another name."""

    receipt = "Nothing."
    whose = PERSON

    candidate_id: CandidateId
    name: Personal[str]
    """What the search is called now."""


class SearchRenewed(Event):
    """Valid for another 365 days, whether it had expired or not."""

    receipt = "Nothing."

    candidate_id: CandidateId
    expires_at: datetime
    """Until when it is kept now."""


class SearchExpiringSoon(Event):
    """Fourteen days are left."""

    receipt = "Nothing."

    candidate_id: CandidateId
    expires_at: datetime
    """When it ends."""


class SearchExpired(Event):
    """Its year is over: no more mails, and no place taken."""

    receipt = "Nothing."

    candidate_id: CandidateId


class SearchDeleted(Event):
    """The candidate deleted the search."""

    receipt = "Nothing."

    candidate_id: CandidateId


class UnsubscribeLinkMade(Event):
    """The secret in the unsubscribe link of the search's mails (RFC 8058); it stays inside the service."""

    whose = PERSON

    candidate_id: CandidateId
    token: Personal[str]


class VacancyMatched(Event):
    """A vacancy fits the search; recorded once. `rhythm`, `email`: how and where it is announced, None if it is not."""

    receipt = "Nothing: it tells whom a job opening is announced to."
    whose = PERSON

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    rhythm: Rhythm | None = None
    """How it is announced; null if it is not."""
    email: Personal[str | None] = None
    """Where it is announced; null for the account's address or if it is not."""


class AlertDigestSent(Event):
    """What had gathered since the last digest goes out in one mail."""

    receipt = "Nothing."
    whose = PERSON

    candidate_id: CandidateId
    vacancy_ids: tuple[UUID, ...]
    """The job openings in the mail, by their ids in vacancies."""
    email: Personal[str]
    """Where it went."""


class PlaceTaken(Event):
    """One of the candidate's five places (R50) is held by this search until `expires_at`."""

    search_id: UUID
    expires_at: datetime


class PlaceFreed(Event):
    search_id: UUID


class AddressConfirmed(Event):
    """Whoever reads mail at this address said yes to the alerts of this candidate."""

    candidate_id: CandidateId


class MailRefused(Event):
    """Whoever reads mail at this address unsubscribed, or said no: nobody's question goes there."""


SearchEvent = (
    SearchSaved
    | AlertEnabled
    | AlertAddressConfirmed
    | AlertDisabled
    | SearchRenamed
    | SearchRenewed
    | SearchExpiringSoon
    | SearchExpired
    | SearchDeleted
    | VacancyMatched
    | AlertDigestSent
)
SEARCH_EVENTS: Final = (
    SearchSaved,
    AlertEnabled,
    AlertAddressConfirmed,
    AlertDisabled,
    SearchRenamed,
    SearchRenewed,
    SearchExpiringSoon,
    SearchExpired,
    SearchDeleted,
    VacancyMatched,
    AlertDigestSent,
)
PUBLISHED = Published("alerts", {"search": SEARCH_EVENTS, "opening": OPENING_EVENTS})
