"""The documents that a candidate keeps to attach to applications; these facts leave the service nowhere."""

from typing import Final, Self
from uuid import UUID

from services.applications.events.draft import FileType
from services.identity.events import PERSON, CandidateId
from shared.model.codes import Code
from shared.model.errors import N_
from shared.model.message import Event, Personal
from shared.vocabulary.fields import Field, Option


class DocumentKind(Code):
    """What a document is. label: a catalogue key."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label = code, label
        return self

    DIPLOMA = "diploma", N_("Diploma")
    CERTIFICATE = "certificate", N_("Certificate")
    REFERENCE = "reference", N_("Letter of reference")
    CV = "cv", N_("Curriculum vitae")
    WORK = "work", N_("Work sample or publication")
    OTHER = "other", N_("Another document")


KIND_FIELD: Final = Field(
    "kind", N_("What kind of document is it?"), "choice", required=True,
    options=tuple(Option(each.value, each.label) for each in DocumentKind),
)  # fmt: skip


class DocumentKept(Event):
    """A document is kept; its content is stored under its SHA-256."""

    whose = PERSON

    candidate_id: CandidateId
    document_id: UUID
    kind: DocumentKind
    name: Personal[str]
    content_type: FileType
    size: int
    """Bytes."""
    sha256: str


class DocumentRemoved(Event):
    """The document is no longer kept. What was attached of it stays where it is."""

    candidate_id: CandidateId
    document_id: UUID


class DocumentsErased(Event):
    """The candidate's account is closed: no document is kept any more."""

    candidate_id: CandidateId


LibraryFact = DocumentKept | DocumentRemoved | DocumentsErased
