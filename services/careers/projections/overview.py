"""One document a candidate, folded from the events of identity, profile, applications, alerts and support."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, assert_never

from services.alerts import events as alerts
from services.applications import events as applications
from services.careers.projections.applications import evolved as application
from services.careers.projections.documents import MOST_MATCHES, Match, Overview, newest_first, nothing_yet
from services.careers.projections.rows import search, ticket
from services.identity import events as identity
from services.profile import events as profile
from services.support import events as support
from shared.model.message import Recorded
from shared.model.projection import Projection


def _account(overview: Overview, event: Recorded[Any]) -> Overview:
    return {**nothing_yet(), "closed": True} if isinstance(event.data, identity.AccountClosed) else overview


def _profile(overview: Overview, event: Recorded[Any]) -> Overview:
    changed = isinstance(event.data, profile.ProfileCompletenessChanged)
    return {**overview, "percent": event.data.percent} if changed else overview


def _application(overview: Overview, event: Recorded[Any]) -> Overview:
    rows = {**overview["applications"], event.key: application(overview["applications"].get(event.key), event)}
    return {**overview, "applications": {key: row for key, row in rows.items() if row is not None}}


def _search(overview: Overview, event: Recorded[Any]) -> Overview:
    if isinstance(event.data, alerts.VacancyMatched):
        match = Match(vacancy_id=str(event.data.vacancy_id), search_id=event.key, at=event.at.isoformat())
        return _matched(overview, match) if event.key in overview["searches"] else overview
    rows = {**overview["searches"], event.key: search(overview["searches"].get(event.key), event)}
    kept = {key: row for key, row in rows.items() if row is not None}
    matches = [match for match in overview["matches"] if match["search_id"] in kept]
    return {**overview, "searches": kept, "matches": matches}


def _opening(overview: Overview, event: Recorded[Any]) -> Overview:
    others = {key: at for key, at in overview.get("openings", {}).items() if key != str(event.data.vacancy_id)}
    fact: alerts.OpeningEvent = event.data
    match fact:
        case alerts.OpeningSaved(vacancy_id=vacancy_id):
            return {**overview, "openings": {**others, str(vacancy_id): event.at.isoformat()}}
        case alerts.OpeningLeft():
            return {**overview, "openings": others}
        case _:
            assert_never(fact)


def _matched(overview: Overview, match: Match) -> Overview:
    """The newest of each search: searches are streams of their own, whose events arrive in any order."""
    same = [match, *(each for each in overview["matches"] if each["search_id"] == match["search_id"])]
    others = [each for each in overview["matches"] if each["search_id"] != match["search_id"]]
    return {**overview, "matches": newest_first([*others, *newest_first(same)[:MOST_MATCHES]])}


def _ticket(overview: Overview, event: Recorded[Any]) -> Overview:
    rows = {**overview["tickets"], event.key: ticket(overview["tickets"].get(event.key), event)}
    return {**overview, "tickets": {key: row for key, row in rows.items() if row is not None}}


FOLDS: Final[Mapping[str, Callable[[Overview, Recorded[Any]], Overview]]] = {
    "account": _account,
    "profile": _profile,
    "application": _application,
    "search": _search,
    "opening": _opening,
    "ticket": _ticket,
}
"""By the category of the event's stream."""

EVENTS: Final = (
    *identity.PUBLISHED.aggregates["account"],
    *profile.PUBLISHED.aggregates["profile"],
    *applications.PUBLISHED.aggregates["application"],
    *alerts.PUBLISHED.aggregates["search"],
    *alerts.PUBLISHED.aggregates["opening"],
    *support.PUBLISHED.aggregates["ticket"],
)


def _category(event: Recorded[Any]) -> str:
    return event.stream.partition("-")[0]


def _keys(event: Recorded[Any]) -> Iterable[str]:
    candidate = event.key if _category(event) == "account" else event.data.candidate_id
    return (str(candidate),) if candidate else ()


def _evolve(document: Overview | None, event: Recorded[Any]) -> Overview:
    overview = document or nothing_yet()
    return overview if overview["closed"] else FOLDS[_category(event)](overview, event)


OVERVIEW: Projection[Overview] = Projection("overview", EVENTS, _keys, _evolve)
