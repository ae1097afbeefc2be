"""How the events of a saved search and of a ticket become their rows."""

from typing import Any, assert_never

from services.alerts.events import (
    AlertAddressConfirmed,
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchEvent,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
    VacancyMatched,
)
from services.careers.projections.documents import Search, Ticket
from services.identity.events import PersonalDataErased
from services.support.events import (
    ScreenshotAdded,
    Status,
    TicketAnswered,
    TicketClosed,
    TicketDeclinedNonTechnical,
    TicketFact,
    TicketOpened,
    TicketRead,
    TicketReopened,
    TicketReplied,
    status_after,
)
from shared.model.message import Recorded


def search(row: Search | None, event: Recorded[Any]) -> Search | None:
    """The saved search after the event; None once it is deleted."""
    if isinstance(event.data, SearchSaved):
        end = event.data.expires_at.isoformat()
        return Search(id=event.key, name=event.data.name, alert=event.data.alert, expires_at=end, expired=False)
    if row is None or isinstance(event.data, SearchDeleted):
        return None
    return _search_changed(row, event.data)


def _search_changed(row: Search, fact: SearchEvent) -> Search:
    match fact:
        case AlertEnabled() | AlertDisabled():
            return {**row, "alert": isinstance(fact, AlertEnabled)}
        case SearchRenamed():
            return {**row, "name": fact.name}
        case SearchRenewed():
            return {**row, "expires_at": fact.expires_at.isoformat(), "expired": False}
        case SearchExpired():
            return {**row, "expired": True}
        case SearchSaved() | SearchDeleted() | SearchExpiringSoon():
            return row
        case VacancyMatched() | AlertDigestSent() | AlertAddressConfirmed():
            return row
    assert_never(fact)


def ticket(row: Ticket | None, event: Recorded[Any]) -> Ticket | None:
    """The ticket after the event; None only if its beginning was never seen."""
    now = event.at.isoformat()
    if isinstance(event.data, TicketOpened):
        return Ticket(
            id=event.key, number=event.data.number, subject=event.data.subject, status=Status.WAITING, opened_at=now,
            answered_at="", unread=False,
        )  # fmt: skip
    return _ticket_changed(row, event.data, now) if row else None


def _ticket_changed(row: Ticket, fact: TicketFact, now: str) -> Ticket:
    row = {**row, "status": status_after(fact) or row["status"]}
    match fact:
        case TicketAnswered():
            return {**row, "answered_at": now, "unread": True}
        case TicketRead():
            return {**row, "unread": fact.unread > 0}
        case TicketReplied():
            return {**row, "unread": False}
        case TicketClosed():
            return {**row, "unread": row["unread"] and fact.closed_by == "agent"}
        case PersonalDataErased():
            return {**row, "subject": "", "unread": False}
        case TicketOpened() | TicketReopened() | TicketDeclinedNonTechnical() | ScreenshotAdded():
            return row
    assert_never(fact)
