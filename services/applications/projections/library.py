"""The documents that a candidate keeps, as pages and API show them."""

from typing import Any, Final, TypedDict, assert_never, get_args

from services.applications.events.library import DocumentKept, DocumentRemoved, DocumentsErased, LibraryFact
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class KeptDocument(TypedDict):
    """One of them. size: bytes."""

    id: str
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    kept_at: str


class LibraryDocument(TypedDict):
    """All of a candidate's, the first kept first."""

    documents: list[KeptDocument]


def evolve(known: LibraryDocument | None, event: Recorded[Any]) -> LibraryDocument | None:
    """The documents after the event."""
    fact: LibraryFact = event.data
    documents = known["documents"] if known else []
    match fact:
        case DocumentKept():
            return known if event.erased else {"documents": [*documents, _kept(fact, event)]}
        case DocumentRemoved(document_id=removed):
            return {"documents": [each for each in documents if each["id"] != str(removed)]}
        case DocumentsErased():
            return None
    assert_never(fact)


def _kept(fact: DocumentKept, event: Recorded[Any]) -> KeptDocument:
    return KeptDocument(
        id=str(fact.document_id),
        kind=fact.kind.value,
        name=fact.name,
        content_type=fact.content_type,
        size=fact.size,
        sha256=fact.sha256,
        kept_at=event.at.isoformat(),
    )


LIBRARY: Final[Projection[LibraryDocument]] = Projection("library", get_args(LibraryFact), by_key, evolve)
