"""What there is to tell of job openings goes out in one mail a kind, a few minutes after the first of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.alerts.domain import MAILING, SendNews
from services.alerts.events import MailKind, News, NewsNoted, NewsSent
from services.alerts.projections import (
    ACCOUNTS,
    AIMS,
    DRAFT,
    MAILS,
    OPENINGS,
    SUBMITTED,
    VACANCIES,
    MailsDocument,
    VacancyDocument,
    in_words,
    state_of,
)
from services.alerts.reactions.known import MOST_IN_A_MAIL, account, list_headers, vacancy
from services.identity.events import account_of
from shared.model.message import Recorded, derived_id
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Send, TimerRule

GATHERED: Final = timedelta(minutes=1)
SLOT: Final = timedelta(minutes=5)
"""What is noted within a slot goes out at the end of it, at least so long after it was noted as is gathered."""
NEAR: Final = timedelta(days=7)
PREFERENCES: Final = "/alerts/preferences"


def slot_after(moment: datetime) -> datetime:
    """The end of the slot in which what was noted at this moment goes out."""
    ready = moment + GATHERED
    begun = ready.replace(minute=ready.minute - ready.minute % 5, second=0, microsecond=0)
    return ready if begun == ready else begun + SLOT


def _gather(event: Recorded[NewsNoted], _known: Known) -> Iterable[Effect]:
    candidate_id, due = str(event.data.candidate_id), slot_after(event.at)
    return [Schedule(f"mails:{candidate_id}:{due:%Y-%m-%dT%H:%M}", due, MAILS_DUE.name, {"candidate_id": candidate_id})]


GATHER: Final = Reaction("gather", (NewsNoted,), _gather)
MAILS_DUE: Final = TimerRule("mails", lambda timer, _: (_send(timer.data["candidate_id"]),))


def _send(candidate_id: str) -> Do:
    return Do(MAILING, candidate_id, SendNews(candidate_id=UUID(candidate_id)))


class Candidate(NamedTuple):
    """What is known of whoever is written to: applications by vacancy with their states, and what they have saved."""

    drafts: Mapping[str, str]
    applied: frozenset[str]
    told: frozenset[str]
    saved: frozenset[str]
    mails: MailsDocument

    def wants(self, kind: MailKind) -> bool:
        return kind.value not in self.mails["off"]


def _candidate(candidate_id: object, known: Known) -> Candidate:
    """told: the vacancies of whose end the candidate hears because of an application."""
    aims, openings = known.get(AIMS, candidate_id), known.get(OPENINGS, candidate_id)
    rows = aims["applications"] if aims else {}
    return Candidate(
        drafts={key: row["vacancy_id"] for key, row in rows.items() if row["state"] == DRAFT},
        applied=frozenset(row["vacancy_id"] for row in rows.values() if row["state"] == SUBMITTED),
        told=frozenset(row["vacancy_id"] for row in rows.values()),
        saved=frozenset(openings["openings"]) if openings else frozenset(),
        mails=known.get(MAILS, candidate_id) or MailsDocument(off=[], token=""),
    )


def _is_near(about: VacancyDocument, at: datetime) -> bool:
    return not about["over"] and at < datetime.fromisoformat(about["closes_at"]) <= at + NEAR


def _holds(news: News, candidate: Candidate, about: VacancyDocument, at: datetime) -> bool:
    """Whether it is still so, and not said to the candidate otherwise."""
    key = str(news.vacancy_id)
    keys = {key, *about.get("absorbed", ())}
    if news.kind is MailKind.DRAFT_DEADLINES:
        return candidate.drafts.get(str(news.application_id)) == key and _is_near(about, at)
    if key not in candidate.saved or not candidate.applied.isdisjoint(keys):
        return False
    if news.kind is MailKind.OPENING_DEADLINES:
        reminded = key in candidate.drafts.values() and candidate.wants(MailKind.DRAFT_DEADLINES)
        return about.get("source") != "galaxy" and _is_near(about, at) and not reminded
    if state_of(about) == "cancelled":
        return candidate.told.isdisjoint(keys)
    return not about["over"]


def _tell(event: Recorded[NewsSent], known: Known) -> Iterable[Effect]:
    fact, candidate_id = event.data, str(event.data.candidate_id)
    reached, candidate = account(known, candidate_id), _candidate(candidate_id, known)
    items = _items(event, candidate, known, reached["language"])
    token = candidate.mails["token"]
    if not (reached["email"] and token and candidate.wants(fact.kind) and items):
        return
    link = f"{fact.kind.value}/{candidate_id}/{token}"
    yield Send(
        id=derived_id(event.id, fact.kind.value), to=reached["email"], template=f"alerts/mail/{fact.kind.value}",
        language=reached["language"], whose=account_of(candidate_id),
        headers=list_headers(fact.kind.value.replace("_", "-"), f"mails/{link}"),
        params={
            "items": items[:MOST_IN_A_MAIL], "count": len(items), "unsubscribe": f"/alerts/mails/{link}",
            "preferences": PREFERENCES,
        },
    )  # fmt: skip


def _items(event: Recorded[NewsSent], candidate: Candidate, known: Known, language: str) -> list[dict[str, Any]]:
    """One a job opening, or draft, with all that there is to tell of it; what closes first before the others."""
    found: dict[tuple[UUID, UUID | None], dict[str, Any]] = {}
    for news in event.data.news:
        about = vacancy(known, news.vacancy_id)
        if _holds(news, candidate, about, event.at):
            plain = {**in_words(about, language), "application_id": str(news.application_id or ""), "changes": []}
            item = found.setdefault((news.vacancy_id, news.application_id), plain)
            item["changes"] = _changes(item["changes"], news, about)
    return sorted(found.values(), key=lambda item: (item["closes_at"], item["number"]))


def _changes(before: list[str], news: News, about: VacancyDocument) -> list[str]:
    """Of what was cancelled, nothing else counts."""
    return ["cancelled"] if state_of(about) == "cancelled" else list(dict.fromkeys([*before, news.what]))


def _needs(event: Recorded[NewsSent]) -> Iterable[Need]:
    own = (Need(view, str(event.data.candidate_id)) for view in (ACCOUNTS, AIMS, OPENINGS, MAILS))
    return (*own, *(Need(VACANCIES, str(news.vacancy_id)) for news in event.data.news))


TELL: Final = Reaction("tell", (NewsSent,), _tell, _needs)

ALL: Final = (GATHER, TELL)
TIMERS: Final = (MAILS_DUE,)
