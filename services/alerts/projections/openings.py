"""The saved job openings: of a candidate, and who has saved one."""

from typing import TypedDict, assert_never

from services.alerts.events import OPENING_EVENTS, OpeningEvent, OpeningLeft, OpeningSaved
from shared.model.message import Recorded
from shared.model.parts import part_of
from shared.model.projection import Projection


class Saved(TypedDict):
    """When a job opening was saved, and in which version it was known then."""

    at: str
    version: int


class OpeningsDocument(TypedDict):
    """What one candidate has saved, by the vacancy's id."""

    openings: dict[str, Saved]


def _openings(document: OpeningsDocument | None, event: Recorded[OpeningEvent]) -> OpeningsDocument | None:
    found = _after(document["openings"] if document else {}, str(event.data.vacancy_id), event)
    return OpeningsDocument(openings=found) if found else None


def _after(known: dict[str, Saved], key: str, event: Recorded[OpeningEvent]) -> dict[str, Saved]:
    match event.data:
        case OpeningSaved(vacancy_version=version):
            return {**known, key: Saved(at=event.at.isoformat(), version=version)}
        case OpeningLeft():
            return {other: saved for other, saved in known.items() if other != key}
        case _:
            assert_never(event.data)


OPENINGS: Projection[OpeningsDocument] = Projection(
    "openings", OPENING_EVENTS, lambda event: (str(event.data.candidate_id),), _openings
)


class SaversDocument(TypedDict):
    """In one of the parts of a job opening: who has saved it, by the account's id."""

    savers: dict[str, Saved]


def _savers(document: SaversDocument | None, event: Recorded[OpeningEvent]) -> SaversDocument | None:
    found = _after(document["savers"] if document else {}, str(event.data.candidate_id), event)
    return SaversDocument(savers=found) if found else None


SAVERS: Projection[SaversDocument] = Projection(
    "savers", OPENING_EVENTS, lambda event: (part_of(event.data.vacancy_id, event.data.candidate_id),), _savers
)
