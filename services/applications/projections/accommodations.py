"""Requests for reasonable accommodation, as their candidates and those who arrange it read them."""

from typing import Any, Final, Literal, TypedDict, assert_never, cast, get_args

from services.applications.events.accommodation import (
    AccommodationChanged,
    AccommodationErased,
    AccommodationFact,
    AccommodationRead,
    AccommodationRequested,
    AccommodationWithdrawn,
)
from services.applications.projections.submissions import moment
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key

Standing = Literal["requested", "withdrawn", "erased"]


class AccommodationDocument(TypedDict):
    """A request; of one that is withdrawn or erased nothing is told. read_at: since when as it is now, None if not."""

    id: str
    candidate_id: str
    status: Standing
    need: str
    steps: list[str]
    contact: str
    changed_at: str
    read_at: str | None


def evolve(document: AccommodationDocument | None, event: Recorded[Any]) -> AccommodationDocument | None:
    """The request after the event."""
    fact: AccommodationFact = event.data
    match fact:
        case AccommodationRequested() | AccommodationChanged():
            return _said(event, "erased" if event.erased else "requested", fact.model_dump(mode="json"))
        case AccommodationWithdrawn():
            return _said(event, "withdrawn", {"candidate_id": str(fact.candidate_id)})
        case AccommodationErased():
            return _said(event, "erased", {"candidate_id": str(fact.candidate_id)}) if document else None
        case AccommodationRead():
            read_at = document["read_at"] or moment(event.at) if document else None
            return cast(AccommodationDocument, {**document, "read_at": read_at}) if document else None
    assert_never(fact)


def _said(event: Recorded[Any], status: Standing, fields: dict[str, Any]) -> AccommodationDocument:
    nothing: dict[str, Any] = {"need": "", "steps": [], "contact": "", "read_at": None}
    said = {"id": event.key, "status": status, "changed_at": moment(event.at)}
    return cast(AccommodationDocument, {**nothing, **fields, **said})


ACCOMMODATION: Final[Projection[AccommodationDocument]] = Projection(
    "accommodation", get_args(AccommodationFact), by_key, evolve
)
