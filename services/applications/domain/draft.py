"""What may happen to a draft: it is created, saved, meant for a job opening, given files, discarded."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, assert_never
from uuid import UUID

from services.applications.domain.commands import (
    AddAttachment,
    Copied,
    CreateDraft,
    DiscardDraft,
    DraftCommand,
    FollowVacancy,
    NameDraft,
    RemoveAttachment,
    SaveDraft,
    TakeProposedLevel,
    TargetVacancy,
)
from services.applications.domain.equivalence.levels import judged, proposal
from services.applications.domain.equivalence.matching import find
from services.applications.domain.inputs import MOST_FILES, FileFacts, VacancyFacts, file_problems, not_open
from services.applications.domain.questionnaire import kept_answers, without_file
from services.applications.domain.slot import TAKEN
from services.applications.domain.state import EDUCATION, Application
from services.applications.domain.submission import fields_in
from services.applications.events import (
    ApplicationEvent,
    ApplicationOutcomeRecorded,
    AttachmentAdded,
    AttachmentRemoved,
    DraftCreated,
    DraftDiscarded,
    DraftNamed,
    DraftSaved,
    ScreeningQuestionsLoaded,
    Status,
    VacancyTargeted,
    VacancyUntargeted,
    diplomas_in,
)
from services.applications.events.sections import DECISIVE, DECLARATIONS, SCREENING, SECTIONS
from shared.model.errors import N_, ChangedElsewhere, Conflict, Invalid, NotFound, refuse_if
from shared.model.reasons import Reason
from shared.vocabulary.fields import Bounds, Field, excess, in_order, misshapen

MOST_BYTES: Final = 400_000
BOUNDS = Bounds(entries=60)
MOST_NAME: Final = 80
"""Characters of a draft's name."""
NAME_FIELDS: Final = (
    Field("name", N_("Name of this draft (optional)"), length=MOST_NAME, hint=N_("Only you see it, in your lists.")),
)
UNKNOWN = N_("There is no such application")
ERASED = N_("What was submitted has been erased")
NOT_EDITABLE = N_("This application is no longer a draft. Nothing in it can be changed, without exception")
CHANGED_ELSEWHERE = N_("This section was saved elsewhere in the meantime. Choose which version to keep")


def create(command: CreateDraft, state: Application) -> Sequence[ApplicationEvent]:
    owner = command.candidate_id
    if state.candidate_id == owner:
        return []
    if state.candidate_id:
        raise NotFound.because(UNKNOWN)
    if not command.confirmed:
        raise Invalid.because(N_("Confirm that you have read the recommendations"), "confirmed")
    source = command.source
    created = DraftCreated(candidate_id=owner, source_application_id=source.application_id if source else None)
    if source is None:
        return [created]
    judgements = judged(owner, source.sections.get(EDUCATION, {}), state, command.catalogue, command.at)
    return [created, *_copies(owner, source), *judgements]


def _copies(owner: UUID, source: Copied) -> Iterable[ApplicationEvent]:
    """Of the questions nothing is copied, and no declaration; what is decisive is to be looked at again (R36).

    What comes from the CV was written for every application, and has nothing of an earlier one in it.
    """
    earlier = source.application_id is not None
    for name in SECTIONS:
        values = {} if name == SCREENING else _undeclared(source.sections.get(name, {}))
        if values or (earlier and name == SCREENING):
            ordered = in_order(SECTIONS[name].fields, values)
            unseen = earlier and name in DECISIVE
            yield DraftSaved(candidate_id=owner, section=name, values=ordered, carried_over=unseen)
    for file in source.files:
        yield _attached(owner, file)


def _undeclared(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in DECLARATIONS}


def edit(command: DraftCommand, state: Application) -> Sequence[ApplicationEvent]:  # noqa: PLR0911 - one a command
    """What the candidate changes; refused once it is no longer a draft (R28, R40)."""
    if isinstance(command, DiscardDraft) and state.status == "discarded":
        return []
    _refuse_unless_editable(state)
    match command:
        case TargetVacancy():
            return _target(command, state)
        case SaveDraft():
            return _save(command, state)
        case NameDraft():
            return _name(command, state)
        case TakeProposedLevel():
            return _take(command, state)
        case AddAttachment():
            return _attach(command, state)
        case RemoveAttachment():
            return _remove(command, state)
        case DiscardDraft():
            vacancy_id = state.target.vacancy_id if state.target else None
            return [DraftDiscarded(candidate_id=command.candidate_id, vacancy_id=vacancy_id)]
    assert_never(command)


def _refuse_unless_editable(state: Application) -> None:
    if state.status == "discarded":
        raise NotFound.because(UNKNOWN)
    if not state.is_draft:
        raise Conflict.because(NOT_EDITABLE, reason=Reason.NOT_EDITABLE)


def _target(command: TargetVacancy, state: Application) -> Sequence[ApplicationEvent]:
    vacancy = command.vacancy
    if command.slot_taken:
        raise Conflict.because(TAKEN, "vacancy", reason=Reason.ALREADY_APPLIED)
    if problem := not_open(vacancy, command.at):
        raise Conflict(problem, reason=Reason.VACANCY_NOT_OPEN)
    return _aim(command.candidate_id, vacancy.in_language(command.language), state)


def _aim(owner: UUID, vacancy: VacancyFacts, state: Application) -> Sequence[ApplicationEvent]:
    """One that it was meant for as a vacancy of its own, which is part of this one now, asked the same."""
    now, is_same = state.target, state.asked_by in (vacancy.id, *vacancy.absorbed)
    if now and now.vacancy_id == vacancy.id and now.vacancy_version >= vacancy.version:
        return []
    targeted = VacancyTargeted(
        candidate_id=owner,
        vacancy_id=vacancy.id,
        job_opening_number=vacancy.job_opening_number,
        title=vacancy.title,
        vacancy_version=vacancy.version,
        language=vacancy.language,
    )
    loaded = ScreeningQuestionsLoaded(
        candidate_id=owner, vacancy_id=vacancy.id, vacancy_version=vacancy.version, questions=vacancy.questions
    )
    before = state.sections.get(SCREENING, {})
    kept = kept_answers(before, state.questions if is_same else (), vacancy.questions)
    if kept == before:
        return [targeted, loaded]
    unseen = SCREENING in state.carried_over
    return [targeted, loaded, DraftSaved(candidate_id=owner, section=SCREENING, values=kept, carried_over=unseen)]


def follow(command: FollowVacancy, state: Application) -> Sequence[ApplicationEvent]:
    vacancy, owner = command.vacancy, state.candidate_id
    if owner is None:
        return []
    if state.is_draft and state.target and state.target.vacancy_id in (vacancy.id, *vacancy.absorbed):
        if vacancy.state == "cancelled":
            return [VacancyUntargeted(candidate_id=owner, vacancy_id=state.target.vacancy_id)]
        return _aim(owner, vacancy.in_language(state.target.language or command.language), state)
    submitted = state.submitted and state.submitted.vacancy_id == vacancy.id
    if submitted and vacancy.state == "cancelled" and state.is_pending:
        return [ApplicationOutcomeRecorded(candidate_id=owner, outcome=Status.CANCELLED, reason=command.reason)]
    return []


def _save(command: SaveDraft, state: Application) -> Sequence[ApplicationEvent]:
    name, values = command.section, command.values
    if name not in SECTIONS:
        raise NotFound.because(N_("There is no such section"))
    refuse_if(misshapen(fields_in(state, name, "en"), values, BOUNDS))
    if len(json.dumps(values, ensure_ascii=False).encode(errors="surrogatepass")) > MOST_BYTES:
        raise Invalid.because(N_("This section holds more text than can be kept. Shorten it"))
    if not command.in_place:
        values = in_order(SECTIONS[name].fields, values)
    judgements = judged(command.candidate_id, values, state, command.catalogue, command.at) if name == EDUCATION else ()
    if state.sections.get(name) == values and name not in state.carried_over:
        return [*judgements]
    if command.seen is not None and command.seen < state.saves.get(name, 0) and state.sections.get(name) != values:
        raise ChangedElsewhere.because(CHANGED_ELSEWHERE, name)
    return [DraftSaved(candidate_id=command.candidate_id, section=name, values=values), *judgements]


def _name(command: NameDraft, state: Application) -> Sequence[ApplicationEvent]:
    name = " ".join(command.name.split())
    refuse_if(excess(NAME_FIELDS, {"name": name}))
    return [] if name == state.name else [DraftNamed(candidate_id=command.candidate_id, name=name)]


def _take(command: TakeProposedLevel, state: Application) -> Sequence[ApplicationEvent]:
    owner, values = command.candidate_id, state.sections.get(EDUCATION, {})
    named = [(diploma, number) for number, diploma, _ in diplomas_in(values) if diploma.id == command.diploma_id]
    if not named:
        raise NotFound.because(N_("There is no such diploma in this application"))
    entry = find(named[0][0], command.catalogue, command.at)
    if entry is None:
        raise Conflict.because(N_("The catalogue of equivalences proposes no level for this diploma"))
    now, before = proposal(owner, named[0][0], entry), state.proposals.get(str(command.diploma_id))
    events: list[ApplicationEvent] = [] if now == before else [now]
    diplomas = [dict(diploma) for diploma in values["diplomas"]]
    for _, number in named:
        if diplomas[number].get("level"):
            diplomas[number]["level"] = entry.level
    if diplomas != values["diplomas"]:
        events.append(DraftSaved(candidate_id=owner, section=EDUCATION, values={**values, "diplomas": diplomas}))
    return events


def _attach(command: AddAttachment, state: Application) -> Sequence[ApplicationEvent]:
    file = command.file
    if file.id in state.attachments:
        return []
    refuse_if(file_problems(file))
    if any(other.name.casefold() == file.name.casefold() for other in state.attachments.values()):
        raise Invalid.because(N_("A file named “%(name)s” is attached already"), "file", name=file.name)
    if len(state.attachments) >= MOST_FILES:
        raise Invalid.because(
            N_("You have attached %(most)s files, the maximum. Remove one first"), "file", most=MOST_FILES
        )
    return [_attached(command.candidate_id, file)]


def _attached(owner: UUID, file: FileFacts) -> AttachmentAdded:
    return AttachmentAdded(
        candidate_id=owner,
        attachment_id=file.id,
        name=file.name,
        content_type=file.content_type or "application/pdf",
        size=file.size,
        sha256=file.sha256,
    )


def _remove(command: RemoveAttachment, state: Application) -> Sequence[ApplicationEvent]:
    owner, removed = command.candidate_id, command.attachment_id
    if removed not in state.attachments:
        return []
    gone = AttachmentRemoved(candidate_id=owner, attachment_id=removed)
    answers = state.sections.get(SCREENING, {})
    kept = without_file(answers, state.questions, str(removed))
    return [gone] if kept == answers else [gone, DraftSaved(candidate_id=owner, section=SCREENING, values=kept)]
