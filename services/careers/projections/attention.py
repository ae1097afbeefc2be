"""What needs the candidate's attention first, most pressing first: worked out from what the Careers page shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from services.applications.events import Status
from services.careers.projections.careers_view import ApplicationRow, CareersView, SearchRow
from services.careers.projections.documents import Ticket

SOON: Final = timedelta(days=7)
EXPIRES_SOON: Final = 14
SECTIONS: Final = 6
MOST_UNFINISHED: Final = 3

Kind = Literal["answer", "deadline", "lost", "missed", "profile", "expiring", "ready", "unfinished"]
ORDER: Final[tuple[Kind, ...]] = (
    "answer", "deadline", "lost", "missed", "profile", "expiring", "ready", "unfinished",
)  # fmt: skip
"""support has answered; a draft's deadline is near; its vacancy was cancelled; or has closed; the profile is not
complete; a saved search is about to expire; a draft can be reviewed; a draft is not complete."""


class Attention(TypedDict):
    """One thing to do, and where. `at`: the time that it is about, or "". `count`: percent, days or complete sections.

    created_at: of a draft, which tells those without a vacancy apart; else "".
    """

    kind: Kind
    href: str
    number: str
    title: str
    at: str
    count: int
    created_at: str


def attention(seen: CareersView, now: datetime) -> list[Attention]:
    """By kind, then by time: what ends first comes first."""
    answers, profile, searches = _answers(seen["tickets"]), _profile(seen["percent"]), _searches(seen["searches"])
    found = [*answers, *profile, *searches, *_drafts(seen["applications"], now)]
    return sorted(found, key=lambda item: (ORDER.index(item["kind"]), item["at"]))


def _item(kind: Kind, href: str, row: Mapping[str, str], at: str = "", count: int = 0) -> Attention:
    title = row.get("title") or row.get("subject") or row.get("name", "")
    created_at = row.get("created_at", "")
    return Attention(
        kind=kind, href=href, number=row.get("number", ""), title=title, at=at, count=count, created_at=created_at
    )


def _answers(tickets: Sequence[Ticket]) -> Iterator[Attention]:
    for row in tickets:
        if row["unread"]:
            named = {"number": row["number"], "subject": row["subject"]}
            yield _item("answer", f"/support/tickets/{row['id']}", named, row["answered_at"])


def _profile(percent: int) -> Iterator[Attention]:
    if percent < 100:
        yield _item("profile", "/profile", {}, count=percent)


def _searches(searches: Sequence[SearchRow]) -> Iterator[Attention]:
    for row in searches:
        if 0 < row["days_left"] <= EXPIRES_SOON:
            yield _item("expiring", f"/alerts/{row['id']}", {"name": row["name"]}, row["expires_at"], row["days_left"])


def _drafts(applications: Sequence[ApplicationRow], now: datetime) -> Iterator[Attention]:
    """The newest unfinished drafts are enough; the others are listed below anyway."""
    unfinished = 0
    for row in applications:
        if row["status"] == Status.DRAFT:
            item = _draft(row, now)
            unfinished += item["kind"] == "unfinished"
            if item["kind"] != "unfinished" or unfinished <= MOST_UNFINISHED:
                yield item


def _draft(row: ApplicationRow, now: datetime) -> Attention:
    here, complete = f"/applications/{row['id']}", len(row.get("complete", ()))
    named = {"number": row["number"] or row["lost_number"], "title": row["title"], "created_at": row["created_at"]}
    if row["lost_number"]:
        return _item("lost", f"{here}/vacancy", named)
    if row["closes_at"] and not row["open"]:
        return _item("missed", f"{here}/vacancy", named, row["closes_at"])
    if row["open"] and datetime.fromisoformat(row["closes_at"]) - now <= SOON:
        return _item("deadline", here, named, row["closes_at"], complete)
    if row["open"] and complete == SECTIONS:
        return _item("ready", f"{here}/review", named, row["closes_at"], complete)
    return _item("unfinished", here, named, row["closes_at"], complete)
