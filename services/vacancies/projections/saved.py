"""Which job openings somebody has saved, so that their pages offer to take them off the list."""

from typing import Any, TypedDict

from services.alerts.events import OpeningLeft, OpeningSaved
from services.identity.events import AccountClosed
from shared.model.message import Recorded
from shared.model.projection import Projection


class SavedDocument(TypedDict):
    """The vacancies that one candidate has saved, by their ids. Empty for ever once the account is `closed`."""

    vacancies: list[str]
    closed: bool


def _candidate(event: Recorded[Any]) -> tuple[str]:
    return (event.key if isinstance(event.data, AccountClosed) else str(event.data.candidate_id),)


def _saved(
    document: SavedDocument | None, event: Recorded[OpeningSaved | OpeningLeft | AccountClosed]
) -> SavedDocument:
    """A job opening may be heard of after the account was closed: topics come in any order."""
    if isinstance(event.data, AccountClosed) or (document and document["closed"]):
        return SavedDocument(vacancies=[], closed=True)
    key = str(event.data.vacancy_id)
    others = [each for each in document["vacancies"] if each != key] if document else []
    saved = isinstance(event.data, OpeningSaved)
    return SavedDocument(vacancies=[*others, key] if saved else others, closed=False)


SAVED = Projection[SavedDocument]("saved", (OpeningSaved, OpeningLeft, AccountClosed), _candidate, _saved)
