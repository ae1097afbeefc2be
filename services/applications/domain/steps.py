"""What each wish means as commands, to be carried out together or not at all; both doors say it this way."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import Copied, CreateDraft, DiscardDraft, SubmitApplication, TargetVacancy
from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.inputs import CandidateFacts, VacancyFacts, copy_of
from services.applications.domain.quota import QUOTA, CountDraft, UncountDraft
from services.applications.domain.slot import SLOT, ReserveSlot, Slot, slot_key
from services.applications.domain.state import Application
from shared.model.errors import N_, Invalid
from shared.model.reaction import Do

Document = Mapping[str, Any]


def copied(new_id: UUID, source_id: UUID, source: Application) -> Copied:
    """What a new draft takes from this application (R34). Its files get ids of their own."""
    files = tuple(copy_of(new_id, file_id, file) for file_id, file in source.attachments.items())
    sections = {name: dict(values) for name, values in source.sections.items()}
    return Copied(application_id=source_id, sections=sections, files=files)


FROM_CV: Final = "start_from_cv"
CV_EMPTY: Final = N_("There is nothing in the CV kept with your profile yet. Start blank")


def from_cv(candidate: Document | None) -> Copied:
    """What a new draft takes from the CV that is kept with the profile. Raises Invalid if nothing is kept."""
    sections = {name: dict(values) for name, values in (candidate or {}).get("cv", {}).items() if values}
    if not sections:
        raise Invalid.because(CV_EMPTY, "start")
    return Copied(application_id=None, sections=sections)


def chosen_source(start: str, picked: UUID | None, known: Collection[UUID], offered: Sequence[UUID]) -> UUID | None:
    """The application to copy, the last created unless another is picked; None to start blank (R34, R35).

    start: "copy_previous", "start_blank", "start_from_cv", or "" for what is the default. known: the candidate's.
    offered: those of them in which there is something to copy, last created first.
    """
    if start in ("start_blank", FROM_CV):
        return None
    if picked in known:
        return picked
    if not offered:
        if not start:
            return None
        raise Invalid.because(N_("You have no earlier application to copy. Start blank"), "start")
    if picked:
        raise Invalid.because(N_("Choose one of your applications"), "source_application_id")
    return offered[0]


def to_create(  # noqa: PLR0917 - one argument a fact
    application_id: UUID,
    candidate_id: UUID,
    confirmed: bool,
    source: Copied | None,
    vacancy: Document | None,
    slot: Slot,
    language: str,
    catalogue: Catalogue | None = None,
) -> list[Do]:
    """A new draft, meant for a vacancy if one is given."""
    create = CreateDraft(candidate_id=candidate_id, confirmed=confirmed, source=source, catalogue=catalogue)
    steps = [
        Do(QUOTA, candidate_id, CountDraft(application_id=application_id)),
        Do(APPLICATION, application_id, create),
    ]
    return [*steps, to_target(application_id, candidate_id, vacancy, slot, language)] if vacancy else steps


def to_target(application_id: UUID, candidate_id: UUID, vacancy: Document, slot: Slot, language: str) -> Do:
    """The draft is meant for this vacancy; refused at once if the candidate has submitted for it before.

    language: in which its title is shown.
    """
    facts = VacancyFacts.model_validate(vacancy)
    taken = slot.application_id not in (None, application_id)
    target = TargetVacancy(candidate_id=candidate_id, vacancy=facts, slot_taken=taken, language=language)
    return Do(APPLICATION, application_id, target)


def to_discard(application_id: UUID, candidate_id: UUID) -> list[Do]:
    """The draft is thrown away."""
    return [
        Do(APPLICATION, application_id, DiscardDraft(candidate_id=candidate_id)),
        Do(QUOTA, candidate_id, UncountDraft(application_id=application_id)),
    ]


def to_submit(  # noqa: PLR0917 - one argument a fact
    application_id: UUID,
    candidate_id: UUID,
    seen: int,
    terms_accepted: bool,
    vacancy: Document | None,
    candidate: Document | None,
    catalogue: Catalogue | None = None,
) -> list[Do]:
    """The slots first (R42), then the application, and one open draft less.

    What were vacancies of their own have slots of their own: none may have been taken.
    """
    facts = VacancyFacts.model_validate(vacancy) if vacancy else None
    submit = SubmitApplication(
        candidate_id=candidate_id,
        application_id=application_id,
        seen=seen,
        terms_accepted=terms_accepted,
        vacancy=facts,
        candidate=CandidateFacts.model_validate(candidate) if candidate else None,
        catalogue=catalogue,
    )
    steps = [
        Do(APPLICATION, application_id, submit),
        Do(QUOTA, candidate_id, UncountDraft(application_id=application_id)),
    ]
    if facts is None:
        return steps
    slots = [
        Do(SLOT, slot_key(candidate_id, vacancy_id), ReserveSlot(
            candidate_id=candidate_id, vacancy_id=vacancy_id, application_id=application_id
        ))
        for vacancy_id in (facts.id, *facts.absorbed)
    ]  # fmt: skip
    return [*slots, *steps]
