"""The catalogue's changes, and what candidates have reported of it."""

from typing import Any, Final, TypedDict, assert_never, cast

from services.applications.events import CATALOGUE as CATALOGUE_EVENTS
from services.applications.events import (
    CatalogueEvent,
    DegreeCatalogueActivated,
    EquivalenceAdded,
    EquivalenceCorrected,
    EquivalenceErrorReported,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class Change(TypedDict):
    """An entry's level since when and why; `before` is the one that it had."""

    level: str
    before: str
    reason: str
    at: str
    by: str


class CatalogueDocument(TypedDict):
    """What has happened to the catalogue, with the names and meanings of the rules' own."""

    edition: str
    effective_on: str
    corrections: dict[str, Change]
    added: dict[str, dict[str, Any]]


def evolve_catalogue(document: CatalogueDocument | None, event: Recorded[CatalogueEvent]) -> CatalogueDocument:
    """The catalogue's document after the event."""
    known = document or CatalogueDocument(edition="", effective_on="", corrections={}, added={})
    fact, stamp = event.data, {"at": event.at.isoformat(), "by": event.actor}
    match fact:
        case DegreeCatalogueActivated():
            return {**known, "edition": fact.edition, "effective_on": fact.effective_on.isoformat()}
        case EquivalenceCorrected():
            change = cast(Change, {**fact.model_dump(include={"level", "before", "reason"}), **stamp})
            return {**known, "corrections": {**known["corrections"], fact.entry_id: change}}
        case EquivalenceAdded():
            entry = {"id": fact.entry_id, **fact.model_dump(exclude={"entry_id"}), **stamp}
            return {**known, "added": {**known["added"], fact.entry_id: entry}}
        case _:
            assert_never(fact)


CATALOGUE: Final[Projection[CatalogueDocument]] = Projection("catalogue", CATALOGUE_EVENTS, by_key, evolve_catalogue)


class ReportDocument(TypedDict):
    """A reported equivalence, as it was reported last."""

    id: str
    reported_at: str
    report: dict[str, Any]


def evolve_report(_: ReportDocument | None, event: Recorded[EquivalenceErrorReported]) -> ReportDocument:
    """The report after the event."""
    return ReportDocument(id=event.key, reported_at=event.at.isoformat(), report=event.data.model_dump(mode="json"))


def _of_somebody(event: Recorded[EquivalenceErrorReported]) -> tuple[str, ...]:
    """Of whoever is erased there is nothing left to look at."""
    return () if event.erased else (event.key,)


REPORT: Final[Projection[ReportDocument]] = Projection(
    "report", (EquivalenceErrorReported,), _of_somebody, evolve_report
)
