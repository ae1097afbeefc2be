"""How the events of a saved search and of a ticket become their rows."""

from typing import Any

from services.alerts.events import (
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
)
from services.careers.projections.documents import Search, Ticket
from services.support.events import (
    TicketAnswered,
    TicketClosed,
    TicketDeclinedNonTechnical,
    TicketOpened,
    TicketRead,
    TicketReopened,
    TicketReplied,
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


def _search_changed(row: Search, fact: object) -> Search:
    match fact:
        case AlertEnabled() | AlertDisabled():
            return {**row, "alert": isinstance(fact, AlertEnabled)}
        case SearchRenamed():
            return {**row, "name": fact.name}
        case SearchRenewed():
            return {**row, "expires_at": fact.expires_at.isoformat(), "expired": False}
        case SearchExpired():
            return {**row, "expired": True}
        case _:
            return row


def ticket(row: Ticket | None, event: Recorded[Any]) -> Ticket | None:
    """The ticket after the event; None only if its beginning was never seen."""
    now = event.at.isoformat()
    if isinstance(event.data, TicketOpened):
        return Ticket(
            id=event.key, number=event.data.number, subject=event.data.subject, status="open", opened_at=now,
            answered_at="", unread=False,
        )  # fmt: skip
    return _ticket_changed(row, event.data, now) if row else None


def _ticket_changed(row: Ticket, fact: object, now: str) -> Ticket:  # noqa: PLR0911 - one for each fact
    match fact:
        case TicketAnswered():
            return {**row, "status": "answered", "answered_at": now, "unread": True}
        case TicketRead():
            return {**row, "unread": fact.unread > 0}
        case TicketReplied():
            return {**row, "status": "open", "unread": False}
        case TicketReopened():
            return {**row, "status": "open"}
        case TicketDeclinedNonTechnical():
            return {**row, "status": "declined"}
        case TicketClosed():
            return {**row, "status": "closed", "unread": row["unread"] and fact.closed_by == "agent"}
        case _:
            return row
