"""An application as its events tell it: what was saved, what it is meant for, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeVar, assert_never
from uuid import UUID

from services.applications.events import (
    ApplicationArchived,
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Archiving,
    AttachmentAdded,
    AttachmentRemoved,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    DraftCreated,
    DraftDiscarded,
    DraftEdited,
    DraftNamed,
    DraftProgress,
    DraftSaved,
    ScreeningQuestionsLoaded,
    Status,
    StatusReached,
    TermsAccepted,
    VacancyTargeted,
    VacancyUntargeted,
    levels_in,
    status_after,
)
from services.identity.events import PersonalDataErased
from services.vacancies.events import Question

E = TypeVar("E", DegreeLevelProposed, DegreeLevelOverridden)
EDUCATION: Final = "education"


@dataclass(frozen=True)
class Application:
    """`saves` counts how often each section was saved; `revision` counts every change of the draft.

    complete: the sections that events say are complete.
    name: of the draft alone.
    proposals, overrides: by the diploma's id, what the catalogue proposed and what the candidate chose instead.
    """

    status: Status | Literal["absent", "discarded"] = "absent"
    candidate_id: UUID | None = None
    source: UUID | None = None
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    saves: Mapping[str, int] = field(default_factory=dict)
    carried_over: frozenset[str] = frozenset()
    complete: tuple[str, ...] = ()
    attachments: Mapping[UUID, AttachmentAdded] = field(default_factory=dict)
    target: VacancyTargeted | None = None
    questions: tuple[Question, ...] = ()
    asked_by: UUID | None = None
    proposals: Mapping[str, DegreeLevelProposed] = field(default_factory=dict)
    overrides: Mapping[str, DegreeLevelOverridden] = field(default_factory=dict)
    revision: int = 0
    submitted: ApplicationSubmitted | None = None
    erased: bool = False
    name: str = ""
    archived: bool = False

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_pending(self) -> bool:
        """Submitted, neither decided nor withdrawn."""
        return isinstance(self.status, Status) and self.status.withdrawable

    @property
    def is_over(self) -> bool:
        """Submitted, and decided or withdrawn."""
        return isinstance(self.status, Status) and self.status.final


def evolve(state: Application, event: ApplicationEvent) -> Application:
    """The application after the event."""
    if isinstance(event, Archiving):
        return replace(state, archived=isinstance(event, ApplicationArchived))
    if state.is_draft or state.status == "absent":
        state = replace(state, revision=state.revision + 1)
    if isinstance(event, DraftProgress) and event.complete is not None:
        state = replace(state, complete=event.complete)
    return _edited(state, event) if isinstance(event, DraftEdited) else _reached(state, event)


def _edited(state: Application, event: DraftEdited) -> Application:  # noqa: PLR0911 - one an event
    match event:
        case DraftSaved():
            return _saved(state, event)
        case AttachmentAdded():
            return replace(state, attachments={**state.attachments, event.attachment_id: event})
        case AttachmentRemoved(attachment_id=removed):
            kept = {key: file for key, file in state.attachments.items() if key != removed}
            return replace(state, attachments=kept)
        case DraftNamed(name=name):
            return replace(state, name=name)
        case VacancyTargeted():
            return replace(state, target=event)
        case ScreeningQuestionsLoaded(questions=questions):
            return replace(state, questions=questions, asked_by=event.vacancy_id)
        case VacancyUntargeted():
            return replace(state, target=None)
        case DegreeLevelProposed(diploma=diploma):
            return replace(state, proposals={**state.proposals, str(diploma.id): event})
        case DegreeLevelOverridden(diploma=diploma):
            return replace(state, overrides={**state.overrides, str(diploma.id): event})
    assert_never(event)


def _reached(state: Application, event: StatusReached) -> Application:
    status = status_after(event) or state.status
    match event:
        case DraftCreated(candidate_id=candidate_id, source_application_id=source):
            return replace(state, status=status, candidate_id=candidate_id, source=source)
        case ApplicationSubmitted():
            return replace(state, status=status, submitted=event, name="")
        case DraftDiscarded():
            return replace(state, status="discarded")
        case PersonalDataErased():
            return _erased(state)
        case (
            TermsAccepted()
            | ApplicationOutcomeRecorded()
            | ApplicationMovedUnderConsideration()
            | ApplicationWithdrawn()
        ):
            return replace(state, status=status)
    assert_never(event)


def _erased(state: Application) -> Application:
    """Numbers, dates and statuses: nothing in it can be copied any more."""
    submitted = state.submitted.model_copy(update={"snapshot": {}}) if state.submitted else None
    return replace(state, sections={}, attachments={}, proposals={}, overrides={}, submitted=submitted, erased=True)


def _saved(state: Application, event: DraftSaved) -> Application:
    name = event.section
    carried = state.carried_over | {name} if event.carried_over else state.carried_over - {name}
    saved = replace(
        state,
        sections={**state.sections, name: event.values},
        saves={**state.saves, name: state.saves.get(name, 0) + 1},
        carried_over=carried,
    )
    return _levels_kept(saved, levels_in(event.values)) if name == EDUCATION else saved


def _levels_kept(state: Application, levels: Mapping[str, str]) -> Application:
    """What was proposed for diplomas that are still there, and the choices that still hold."""
    proposals = {key: proposed for key, proposed in state.proposals.items() if key in levels}
    overrides = {key: chosen for key, chosen in state.overrides.items() if levels.get(key) == chosen.chosen}
    return replace(state, proposals=proposals, overrides=overrides)


def restored(document: Mapping[str, Any]) -> Application:
    """The same application from its view's document, so that pages and rules see one thing."""
    target, submitted = document["target"], document["submitted"]
    files = [AttachmentAdded.model_validate(file) for file in document["attachments"]]
    return Application(
        status=Status.of(document["status"]),
        candidate_id=UUID(document["candidate_id"]),
        source=UUID(document["source"]) if document["source"] else None,
        sections=document["sections"],
        saves=document["saves"],
        carried_over=frozenset(document["carried_over"]),
        complete=tuple(document.get("complete", ())),
        attachments={file.attachment_id: file for file in files},
        target=VacancyTargeted.model_validate(target) if target else None,
        questions=tuple(Question.model_validate(question) for question in document["questions"]),
        asked_by=UUID(document["asked_by"]) if document["asked_by"] else None,
        proposals=_each(DegreeLevelProposed, document.get("proposals", {})),
        overrides=_each(DegreeLevelOverridden, document.get("overrides", {})),
        revision=document["revision"],
        submitted=ApplicationSubmitted.model_validate(submitted) if submitted else None,
        erased="erased_at" in document,
        name=document.get("name", ""),
        archived=document.get("archived", False),
    )


def _each(kind: type[E], facts: Mapping[str, Any]) -> dict[str, E]:
    return {key: kind.model_validate(fact) for key, fact in facts.items()}
