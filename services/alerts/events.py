"""Facts about saved searches, the places they take, and who reads their mails; only `search` leaves the service."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from shared.model.message import Event, Personal, Published
from shared.vocabulary.search import Criteria

Rhythm = Literal["at_once", "daily", "weekly"]


class SearchSaved(Event):
    """R46: criteria under a name, valid until `expires_at`. `alert`: mails follow (R47), to `email`.

    awaits: nothing goes there before AlertAddressConfirmed.
    """

    candidate_id: UUID
    name: Personal[str]
    criteria: Criteria
    alert: bool
    email: Personal[str | None]
    rhythm: Rhythm
    language: str
    expires_at: datetime
    awaits: bool = False


class AlertEnabled(Event):
    """R47, R48: mails go to this address in this rhythm from now on; `awaits`: from AlertAddressConfirmed on."""

    candidate_id: UUID
    email: Personal[str]
    rhythm: Rhythm
    awaits: bool = False


class AlertAddressConfirmed(Event):
    """Whoever reads mail at the alert's address said yes through the link mailed there (R48)."""

    candidate_id: UUID
    rhythm: Rhythm


class AlertDisabled(Event):
    """No more mails: the candidate switched the alert off, or followed a mail's unsubscribe link."""

    candidate_id: UUID
    reason: Literal["candidate", "unsubscribed"] = "candidate"


class SearchRenamed(Event):
    candidate_id: UUID
    name: Personal[str]


class SearchRenewed(Event):
    """Valid for another 365 days, whether it had expired or not."""

    candidate_id: UUID
    expires_at: datetime


class SearchExpiringSoon(Event):
    """Fourteen days are left."""

    candidate_id: UUID
    expires_at: datetime


class SearchExpired(Event):
    candidate_id: UUID


class SearchDeleted(Event):
    candidate_id: UUID


class UnsubscribeLinkMade(Event):
    """The secret in the unsubscribe link of the search's mails (RFC 8058); it stays inside the service."""

    candidate_id: UUID
    token: Personal[str]


class VacancyMatched(Event):
    """A vacancy fits the search; recorded once. `rhythm`, `email`: how and where it is announced, None if it is not."""

    candidate_id: UUID
    vacancy_id: UUID
    rhythm: Rhythm | None = None
    email: Personal[str | None] = None


class AlertDigestSent(Event):
    """What had gathered since the last digest goes out in one mail."""

    candidate_id: UUID
    vacancy_ids: tuple[UUID, ...]
    email: Personal[str]


class PlaceTaken(Event):
    """One of the candidate's five places (R50) is held by this search until `expires_at`."""

    search_id: UUID
    expires_at: datetime


class PlaceFreed(Event):
    search_id: UUID


class AddressConfirmed(Event):
    """Whoever reads mail at this address said yes to the alerts of this candidate."""

    candidate_id: UUID


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
PUBLISHED = Published("alerts", {"search": SEARCH_EVENTS})
