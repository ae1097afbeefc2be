"""The shapes of what the Careers page keeps: JSON values, times as ISO text."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Final, NotRequired, TypedDict

from services.vacancies.events import State

MOST_MATCHES: Final = 20
"""So many are kept of a search, and shown of all searches."""


class Step(TypedDict):
    """One dated change of an application's status."""

    status: str
    at: str
    reason: str


class Application(TypedDict):
    """A row of "Mes candidatures" (R26, R53). `vacancy_id` is "" while no vacancy is targeted.

    lost_number: the vacancy that a draft was meant for, when it was cancelled.
    complete: the sections of a draft in which nothing is left to do; older documents do not say.
    name: what the candidate calls a draft. archived: put out of the way. Older documents have neither.
    """

    id: str
    created_at: str
    changed_at: str
    submitted_at: str
    vacancy_id: str
    number: str
    title: str
    lost_number: str
    status: str
    reference: str
    timeline: list[Step]
    complete: NotRequired[list[str]]
    name: NotRequired[str]
    archived: NotRequired[bool]


class Search(TypedDict):
    id: str
    name: str
    alert: bool
    expires_at: str
    expired: bool


class Match(TypedDict):
    """A vacancy that fits one of the candidate's saved searches."""

    vacancy_id: str
    search_id: str
    at: str


def newest_first(matches: Iterable[Match]) -> list[Match]:
    """In one order, also of those that were found at the same moment."""
    return sorted(matches, key=itemgetter("at", "vacancy_id", "search_id"), reverse=True)


class Ticket(TypedDict):
    """unread: support has answered and the candidate has neither seen the answer nor replied nor closed the ticket."""

    id: str
    number: str
    subject: str
    status: str
    opened_at: str
    answered_at: str
    unread: bool


class Overview(TypedDict):
    """Everything about one candidate; empty for ever once the account is closed.

    openings: since when each saved job opening is saved; older documents have none.
    """

    applications: dict[str, Application]
    percent: int
    searches: dict[str, Search]
    matches: list[Match]
    tickets: dict[str, Ticket]
    closed: bool
    openings: NotRequired[dict[str, str]]


class Vacancy(TypedDict):
    """What is said of a vacancy. `state`: as announced; `closes_at` decides.

    stations: codes of DUTY_STATIONS; older documents hold a name. title is in `language`; translations: the titles in
    others. absorbed: what were vacancies of their own before. Older documents have none of these.
    """

    id: str
    number: str
    title: str
    level: str
    stations: list[str]
    closes_at: str
    state: State
    language: NotRequired[str]
    translations: NotRequired[list[dict[str, str]]]
    absorbed: NotRequired[list[str]]


def nothing_yet() -> Overview:
    return Overview(applications={}, percent=0, searches={}, matches=[], tickets={}, closed=False)
