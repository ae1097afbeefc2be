"""The documents that a candidate keeps: a bounded number of files, each under a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never
from uuid import UUID

from services.applications.domain.commands import AddAttachment
from services.applications.domain.inputs import FileFacts, copy_of, file_problems
from services.applications.events.library import (
    DocumentKept,
    DocumentKind,
    DocumentRemoved,
    DocumentsErased,
    LibraryFact,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Gone, Invalid, NotFound, refuse_if
from shared.model.message import Command
from shared.model.reasons import Reason

MOST_DOCUMENTS: Final = 20
NO_DOCUMENT: Final = N_("There is no such document among yours")
NO_ROOM: Final = N_("You keep %(most)s documents, the maximum. Remove one that you no longer need")
SAME_NAME: Final = N_("You keep a document named “%(name)s” already")
NONE_TICKED: Final = N_("Choose at least one of your documents")


class KeepDocument(Command):
    """Keep this file."""

    candidate_id: UUID
    file: FileFacts
    kind: DocumentKind


class RemoveDocument(Command):
    """Keep this document no longer."""

    candidate_id: UUID
    document_id: UUID


class EraseDocuments(Command):
    """The candidate's account is closed."""

    candidate_id: UUID


LibraryCommand = KeepDocument | RemoveDocument | EraseDocuments


@dataclass(frozen=True)
class Library:
    """documents: what is kept, by id. removed: what was kept last, MOST_DOCUMENTS at most."""

    documents: Mapping[UUID, DocumentKept] = field(default_factory=dict)
    removed: tuple[UUID, ...] = ()
    erased: bool = False


def decide(command: LibraryCommand, state: Library) -> Sequence[LibraryFact]:
    match command:
        case KeepDocument():
            return _keep(command, state)
        case RemoveDocument(candidate_id=owner, document_id=document):
            if document in state.documents:
                return [DocumentRemoved(candidate_id=owner, document_id=document)]
            if document in state.removed:
                return []
            raise NotFound.because(NO_DOCUMENT)
        case EraseDocuments(candidate_id=owner):
            # Also where nothing is kept: a first upload may be with the scanner at this moment.
            return [] if state.erased else [DocumentsErased(candidate_id=owner)]
    assert_never(command)


def _keep(command: KeepDocument, state: Library) -> Sequence[LibraryFact]:
    file = command.file
    if state.erased:
        raise Gone.because(NO_DOCUMENT)
    if file.id in state.documents:
        return []
    refuse_if(file_problems(file))
    if any(other.name.casefold() == file.name.casefold() for other in state.documents.values()):
        raise Invalid.because(SAME_NAME, "file", name=file.name)
    if len(state.documents) >= MOST_DOCUMENTS:
        raise Conflict.because(NO_ROOM, "file", reason=Reason.TOO_MANY_KEPT, most=MOST_DOCUMENTS)
    kept = DocumentKept(
        candidate_id=command.candidate_id,
        document_id=file.id,
        kind=command.kind,
        name=file.name,
        content_type=file.content_type or "application/pdf",
        size=file.size,
        sha256=file.sha256,
    )
    return [kept]


def evolve(state: Library, fact: LibraryFact) -> Library:
    match fact:
        case DocumentKept(document_id=document):
            removed = tuple(each for each in state.removed if each != document)
            return replace(state, documents={**state.documents, document: fact}, removed=removed)
        case DocumentRemoved(document_id=document):
            kept = {key: each for key, each in state.documents.items() if key != document}
            return replace(state, documents=kept, removed=(*state.removed, document)[-MOST_DOCUMENTS:])
        case DocumentsErased():
            return Library(erased=True)
    assert_never(fact)


def attachments_of(state: Library, owner: UUID, request: UUID, wanted: Sequence[UUID]) -> list[AddAttachment]:
    """Each of these documents as a file of a draft, with an id of its own. Raises Invalid, or NotFound for no document.

    request: the id of the wish, so that the same wish attaches the same files.
    """
    if not wanted:
        raise Invalid.because(NONE_TICKED, "documents")
    if set(wanted) - state.documents.keys():
        raise NotFound.because(NO_DOCUMENT)
    documents = (state.documents[each] for each in dict.fromkeys(wanted))
    return [AddAttachment(candidate_id=owner, file=copy_of(request, each.document_id, each)) for each in documents]


LIBRARY: Decider[LibraryCommand, Library, LibraryFact] = Decider(
    "library", Library(), decide, evolve, (DocumentKept, DocumentRemoved, DocumentsErased)
)
"""One a candidate, under the account's id."""
