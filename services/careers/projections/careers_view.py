"""What a candidate's document and the vacancies it names come to at a given time: the same for both doors."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypedDict

from services.applications.events import Status
from services.careers.projections.documents import MOST_MATCHES, Application, Overview, Search, Ticket, Vacancy
from services.vacancies.events import State, in_language, state_at
from shared.vocabulary.reference import DUTY_STATIONS, name_of


class ApplicationRow(Application):
    """closes_at: the deadline of a draft's vacancy, "" without one. open: whether it can still be applied for."""

    closes_at: str
    open: bool


class SearchRow(Search):
    days_left: int


class Suggestion(TypedDict):
    """A vacancy still open, and the names of the saved searches that it fits."""

    vacancy: Vacancy
    searches: list[str]


class OpeningRow(TypedDict):
    """A saved job opening. state: past its deadline it is closed. applied: whether an application was submitted."""

    vacancy: Vacancy
    saved_at: str
    state: State
    applied: bool


class CareersView(TypedDict):
    applications: list[ApplicationRow]
    percent: int
    searches: list[SearchRow]
    suggestions: list[Suggestion]
    tickets: list[Ticket]
    openings: list[OpeningRow]


def vacancy_ids(overview: Overview) -> set[str]:
    """The vacancies that the overview speaks of."""
    targeted = {row["vacancy_id"] for row in overview["applications"].values()}
    found = {match["vacancy_id"] for match in overview["matches"][:MOST_MATCHES]}
    return (targeted | found | overview.get("openings", {}).keys()) - {""}


def careers_view(
    overview: Overview, vacancies: Mapping[str, Vacancy], now: datetime, language: str = "en"
) -> CareersView:
    """Applications newest first, those in the archive last; searches oldest first, suggestions newest first.

    Tickets with news come first, saved job openings that are over last.

    language: in which vacancies are named, if they have a notice in it.
    """
    vacancies = {key: in_language(vacancy, language) for key, vacancy in vacancies.items()}
    applications = [_application(row, vacancies, now) for row in overview["applications"].values()]
    searches = [_search(row, now) for row in overview["searches"].values()]
    tickets = sorted(overview["tickets"].values(), key=lambda row: (row["unread"], row["opened_at"]), reverse=True)
    return CareersView(
        applications=sorted(applications, key=_place, reverse=True),
        percent=overview["percent"],
        searches=sorted(searches, key=lambda row: row["expires_at"]),
        suggestions=_suggestions(overview, vacancies, now),
        tickets=tickets,
        openings=_openings(overview, vacancies, now),
    )


def _place(row: ApplicationRow) -> tuple[bool, str]:
    return not row.get("archived"), row["created_at"]


def _application(row: Application, vacancies: Mapping[str, Vacancy], now: datetime) -> ApplicationRow:
    vacancy = vacancies.get(row["vacancy_id"])
    closes_at = vacancy["closes_at"] if vacancy and row["status"] == Status.DRAFT else ""
    seen = ApplicationRow(**row, closes_at=closes_at, open=bool(vacancy and is_open(vacancy, now)))
    return {**seen, "title": vacancy["title"]} if vacancy and vacancy.get("translations") else seen


def places(vacancy: Vacancy, language: str) -> list[str]:
    """The duty stations by their names in this language."""
    return [name_of(DUTY_STATIONS, text, language) for text in vacancy["stations"]]


def is_open(vacancy: Vacancy, now: datetime) -> bool:
    return _state(vacancy, now) == "open"


def _search(row: Search, now: datetime) -> SearchRow:
    left = datetime.fromisoformat(row["expires_at"]) - now
    days = 0 if row["expired"] else max(0, -(-left // timedelta(days=1)))
    return SearchRow(
        id=row["id"],
        name=row["name"],
        alert=row["alert"],
        expires_at=row["expires_at"],
        expired=days == 0,
        days_left=days,
    )


def _suggestions(overview: Overview, vacancies: Mapping[str, Vacancy], now: datetime) -> list[Suggestion]:
    names: dict[str, list[str]] = {}
    for match in overview["matches"][:MOST_MATCHES]:
        search = overview["searches"].get(match["search_id"])
        if search:
            names.setdefault(match["vacancy_id"], []).append(search["name"])
    known = {key: vacancies[key] for key in names if key in vacancies}
    applied = _applied(overview)
    return [
        Suggestion(vacancy=vacancy, searches=names[key])
        for key, vacancy in known.items()
        if is_open(vacancy, now) and applied.isdisjoint((key, *vacancy.get("absorbed", ())))
    ]


def _applied(overview: Overview) -> set[str]:
    """The vacancies for which something was submitted."""
    return {row["vacancy_id"] for row in overview["applications"].values() if row["status"] != Status.DRAFT}


def _openings(overview: Overview, vacancies: Mapping[str, Vacancy], now: datetime) -> list[OpeningRow]:
    """What closes first before the others; one of which nothing is known yet is left out."""
    applied = _applied(overview)
    rows = [
        OpeningRow(
            vacancy=vacancy, saved_at=at, state=_state(vacancy, now),
            applied=not applied.isdisjoint((key, *vacancy.get("absorbed", ()))),
        )
        for key, at in overview.get("openings", {}).items()
        if (vacancy := vacancies.get(key))
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["state"] != "open", row["vacancy"]["closes_at"], row["vacancy"]["id"]))


def _state(vacancy: Vacancy, now: datetime) -> State:
    return state_at(vacancy["state"], datetime.fromisoformat(vacancy["closes_at"]), now)
