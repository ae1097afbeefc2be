"""One application, as pages, API and rules read it."""

from typing import Any, Final, NotRequired, TypedDict, assert_never, cast

from services.applications.events import APPLICATION as EVENTS
from services.applications.events import (
    ApplicationArchived,
    ApplicationEvent,
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
    VacancyTargeted,
    VacancyUntargeted,
    levels_in,
    reason_of,
    status_after,
)
from services.identity.events import PersonalDataErased
from shared.model.emptied import emptied_fields
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class Milestone(TypedDict):
    """A status and since when; `reason` as HR gave it."""

    status: str
    at: str
    reason: str


class Withdrawal(TypedDict):
    """What the candidate said on withdrawing; either may be empty."""

    reason: str | None
    explanation: str


class ApplicationDocument(TypedDict):
    """One application, with the names and meanings of domain.state.

    lost: the target that was cancelled. name: the draft's; older documents have none.
    withdrawal: None while there is nothing to tell of it.
    """

    id: str
    status: str
    candidate_id: str
    source: str | None
    created_at: str
    saved_at: str
    sections: dict[str, dict[str, Any]]
    saves: dict[str, int]
    carried_over: list[str]
    complete: NotRequired[list[str]]
    attachments: list[dict[str, Any]]
    target: dict[str, Any] | None
    lost: NotRequired[dict[str, Any] | None]
    questions: list[dict[str, Any]]
    asked_by: str | None
    proposals: dict[str, dict[str, Any]]
    overrides: dict[str, dict[str, Any]]
    revision: int
    submitted: dict[str, Any] | None
    timeline: list[Milestone]
    name: NotRequired[str]
    archived: NotRequired[bool]
    withdrawal: NotRequired[Withdrawal | None]
    erased_at: NotRequired[str]


def _created(event: Recorded[Any], fact: DraftCreated) -> ApplicationDocument:
    source, at = fact.source_application_id, event.at.isoformat()
    return ApplicationDocument(
        id=event.key,
        status=Status.DRAFT.value,
        candidate_id=str(fact.candidate_id),
        source=str(source) if source else None,
        created_at=at,
        saved_at=at,
        sections={},
        saves={},
        carried_over=[],
        attachments=[],
        target=None,
        questions=[],
        asked_by=None,
        proposals={},
        overrides={},
        revision=1,
        submitted=None,
        timeline=[Milestone(status=Status.DRAFT.value, at=at, reason="")],
    )


def evolve(document: ApplicationDocument | None, event: Recorded[ApplicationEvent]) -> ApplicationDocument | None:
    """The application after the event; none once it is discarded."""
    fact = event.data
    if isinstance(fact, DraftCreated):
        return _created(event, fact)
    if document is None or isinstance(fact, DraftDiscarded):
        return None
    if isinstance(fact, Archiving):
        return cast(ApplicationDocument, {**document, "archived": isinstance(fact, ApplicationArchived)})
    if document["status"] == Status.DRAFT:
        edit = {"revision": document["revision"] + 1, "saved_at": event.at.isoformat()}
        document = cast(ApplicationDocument, {**document, **edit})
    if isinstance(fact, DraftProgress) and fact.complete is not None:
        document = cast(ApplicationDocument, {**document, "complete": list(fact.complete)})
    change = _edited(document, fact) if isinstance(fact, DraftEdited) else _reached(document, fact, event)
    return cast(ApplicationDocument, {**document, **change})


def _edited(document: ApplicationDocument, fact: DraftEdited) -> dict[str, Any]:  # noqa: PLR0911 - one an event
    match fact:
        case DraftSaved():
            return _saved(document, fact)
        case AttachmentAdded():
            return {"attachments": [*document["attachments"], fact.model_dump(mode="json")]}
        case AttachmentRemoved(attachment_id=removed):
            kept = [file for file in document["attachments"] if file["attachment_id"] != str(removed)]
            return {"attachments": kept}
        case DraftNamed(name=name):
            return {"name": name}
        case VacancyTargeted():
            return {"target": fact.model_dump(mode="json"), "lost": None}
        case VacancyUntargeted():
            return {"target": None, "lost": document["target"]}
        case ScreeningQuestionsLoaded():
            questions = [question.model_dump(mode="json") for question in fact.questions]
            return {"questions": questions, "asked_by": str(fact.vacancy_id)}
        case DegreeLevelProposed():
            return {"proposals": {**document.get("proposals", {}), str(fact.diploma.id): fact.model_dump(mode="json")}}
        case DegreeLevelOverridden():
            return {"overrides": {**document.get("overrides", {}), str(fact.diploma.id): fact.model_dump(mode="json")}}
        case _:
            assert_never(fact)


def _saved(document: ApplicationDocument, fact: DraftSaved) -> dict[str, Any]:
    name = fact.section
    carried = [other for other in document["carried_over"] if other != name]
    return {
        "sections": {**document["sections"], name: fact.values},
        "saves": {**document["saves"], name: document["saves"].get(name, 0) + 1},
        "carried_over": [*carried, name] if fact.carried_over else carried,
        **(_levels_kept(document, levels_in(fact.values)) if name == "education" else {}),
    }


def _levels_kept(document: ApplicationDocument, levels: dict[str, str]) -> dict[str, Any]:
    proposals, overrides = document.get("proposals", {}), document.get("overrides", {})
    return {
        "proposals": {key: proposed for key, proposed in proposals.items() if key in levels},
        "overrides": {key: chosen for key, chosen in overrides.items() if levels.get(key) == chosen["chosen"]},
    }


def _erased(document: ApplicationDocument, at: str) -> dict[str, Any]:
    """Numbers, dates and statuses of what was submitted."""
    submitted = {**(document["submitted"] or {}), **emptied_fields(ApplicationSubmitted)}
    timeline = [Milestone(status=each["status"], at=each["at"], reason="") for each in document["timeline"]]
    return {
        "sections": {}, "attachments": [], "proposals": {}, "overrides": {}, "submitted": submitted,
        "timeline": timeline, "withdrawal": None, "erased_at": at,
    }  # fmt: skip


def _reached(document: ApplicationDocument, fact: StatusReached, event: Recorded[Any]) -> dict[str, Any]:
    if isinstance(fact, PersonalDataErased):
        return _erased(document, event.at.isoformat())
    status = status_after(fact)
    if status is None:
        return {}
    milestone = Milestone(status=status.value, at=event.at.isoformat(), reason=reason_of(fact))
    more = _frozen(fact) if isinstance(fact, ApplicationSubmitted) else _told(fact)
    return {"status": status.value, "timeline": [*document["timeline"], milestone], **more}


def _told(fact: StatusReached) -> dict[str, Any]:
    if not isinstance(fact, ApplicationWithdrawn) or not (fact.reason or fact.explanation):
        return {}
    return {"withdrawal": fact.model_dump(mode="json", include={"reason", "explanation"})}


def _frozen(fact: ApplicationSubmitted) -> dict[str, Any]:
    """The files too are those of what was submitted, which outlives the draft and its candidate's account."""
    submitted = fact.model_dump(mode="json")
    owner = {"candidate_id": submitted["candidate_id"]}
    return {
        "submitted": submitted,
        "name": "",
        "attachments": [{**owner, **file} for file in submitted["snapshot"].get("attachments", ())],
    }


APPLICATION: Final[Projection[ApplicationDocument]] = Projection("application", EVENTS, by_key, evolve)
