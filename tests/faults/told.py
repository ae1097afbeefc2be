"""Who must be told of what: which event has which mail, under which id. From docs/rules.md, not from the code."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from tests.faults.evidence import Event, Evidence, Store

Data = Mapping[str, Any]


class Rule(NamedTuple):
    """An event of this type is told by this mail, where `when` says so."""

    service: str
    type: str
    mail: str
    when: Callable[[Data], bool] = lambda _: True


TECHNICAL: Final = ("problem", "question")

RULES: Final = (
    Rule("identity", "EmailVerified", "welcome", lambda data: data.get("first", True)),
    Rule("applications", "ApplicationSubmitted", "submitted"),
    Rule("applications", "ApplicationWithdrawn", "status"),
    Rule("applications", "ApplicationMovedUnderConsideration", "status"),
    Rule("applications", "ApplicationOutcomeRecorded", "cancelled", lambda data: data["outcome"] == "cancelled"),
    Rule("applications", "ApplicationOutcomeRecorded", "status", lambda data: data["outcome"] != "cancelled"),
    Rule("support", "TicketOpened", "opened", lambda data: data["nature"] in TECHNICAL and data.get("mailed", True)),
    Rule("support", "TicketDeclinedNonTechnical", "declined", lambda data: data.get("mailed", True)),
    Rule("support", "TicketAnswered", "answered"),
)


def told(evidence: Evidence) -> Iterator[tuple[UUID, str, Event]]:
    """Each mail that must have been written: its id, what it says, and of which event."""
    for rule in RULES:
        for event in evidence.stores.get(rule.service, Store()).events:
            if event.type == rule.type and rule.when(event.data):
                yield uuid5(event.id, rule.mail), rule.mail, event
    yield from _alerts(evidence)


def _alerts(evidence: Evidence) -> Iterator[tuple[UUID, str, Event]]:
    """Of a vacancy that fits, unless the search or the vacancy went away meanwhile, or its store forgot it."""
    searches = evidence.stores.get("alerts", Store()).events
    silenced = {event.stream for event in searches if event.type in ("SearchDeleted", "AlertDisabled", "SearchExpired")}
    vacancies = evidence.stores.get("vacancies", Store()).events
    over = {_key(event) for event in vacancies if event.type in ("VacancyCancelled", "VacancyClosed", "VacancyMerged")}
    there = {_key(event) for event in vacancies}
    for event in searches:
        at_once = event.type == "VacancyMatched" and event.data.get("rhythm") == "at_once"
        if at_once and event.stream not in silenced and event.data["vacancy_id"] in there - over:
            yield uuid5(event.id, "vacancy"), "vacancy", event


def _key(event: Event) -> str:
    return event.stream.partition("-")[2]
