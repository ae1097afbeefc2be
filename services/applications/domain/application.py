"""An application file from the first draft to its outcome."""

from collections.abc import Sequence

from services.applications.domain.archive import archive
from services.applications.domain.commands import (
    ApplicationCommand,
    ArchiveCommand,
    ChangeStatus,
    CreateDraft,
    EraseFile,
    FollowVacancy,
    OfCandidate,
    SubmitApplication,
    WithdrawApplication,
)
from services.applications.domain.draft import ERASED, NOT_EDITABLE, UNKNOWN, create, edit, follow
from services.applications.domain.inputs import not_open
from services.applications.domain.progress import with_progress
from services.applications.domain.state import Application, evolve
from services.applications.domain.submission import TERMS, blockers, reference_of, snapshot_of
from services.applications.events import APPLICATION as EVENTS
from services.applications.events import (
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Status,
    TermsAccepted,
)
from services.applications.events.withdrawal import WITHDRAWAL_FIELDS
from services.identity.events import PersonalDataErased
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Gone, Invalid, NotFound, refuse_if
from shared.model.reasons import Reason
from shared.vocabulary.fields import excess


def decide(command: ApplicationCommand, state: Application) -> Sequence[ApplicationEvent]:  # noqa: PLR0911 - one a command
    if isinstance(command, OfCandidate) and state.candidate_id != command.candidate_id:
        raise NotFound.because(UNKNOWN)
    if isinstance(command, ArchiveCommand):
        return archive(command, state)
    if state.erased:
        return _once_erased(command)
    match command:
        case CreateDraft():
            return with_progress(create(command, state), state, command.at)
        case FollowVacancy():
            return with_progress(follow(command, state), state, command.at)
        case ChangeStatus():
            return _change_status(command, state)
        case SubmitApplication():
            return _submit(command, state)
        case WithdrawApplication():
            return _withdraw(command, state)
        case EraseFile():
            return _erase(state)
        case _:
            return with_progress(edit(command, state), state, command.at)


def _once_erased(command: ApplicationCommand) -> Sequence[ApplicationEvent]:
    """What follows from elsewhere changes nothing any more; raises Gone for every other wish."""
    if isinstance(command, EraseFile | FollowVacancy):
        return []
    raise Gone.because(ERASED)


def _submit(command: SubmitApplication, state: Application) -> Sequence[ApplicationEvent]:
    vacancy, candidate = command.vacancy, command.candidate
    if state.is_pending:
        return []
    if not state.is_draft:
        raise Conflict.because(NOT_EDITABLE, reason=Reason.NOT_EDITABLE)
    if vacancy and (problem := not_open(vacancy, command.at)):
        raise Conflict(problem, reason=Reason.VACANCY_NOT_OPEN)
    refuse_if(blockers(state, vacancy, candidate, command.at), Reason.NOT_COMPLETE)
    if command.seen != state.revision:
        message = N_("The application was changed after you reviewed it. Review it again")
        raise Conflict.because(message, reason=Reason.CHANGED_ELSEWHERE)
    if not command.terms_accepted:
        raise Invalid.because(N_("Accept the terms and conditions to submit"), "terms")
    if (
        vacancy is None
        or candidate is None
        or not candidate.email
        or state.target is None
        or state.target.vacancy_id != vacancy.id
    ):
        raise Conflict.because(N_("Your application is still being processed. Try again in a moment"))
    submitted = ApplicationSubmitted(
        candidate_id=command.candidate_id,
        vacancy_id=vacancy.id,
        job_opening_number=vacancy.job_opening_number,
        title=vacancy.in_language(candidate.language).title,
        reference=reference_of(command.application_id, command.at),
        snapshot=snapshot_of(command.application_id, state, vacancy, candidate, command.at, command.catalogue),
        organisation=vacancy.organisation,
    )
    return [TermsAccepted(candidate_id=command.candidate_id, terms=TERMS), submitted]


def _withdraw(command: WithdrawApplication, state: Application) -> Sequence[ApplicationEvent]:
    if state.status == Status.WITHDRAWN:
        return []
    if not state.is_pending:
        message = N_("Only an application that was submitted and is not decided can be withdrawn")
        raise Conflict.because(message, reason=Reason.STATUS_NOT_POSSIBLE)
    said = {"reason": command.reason or "", "explanation": command.explanation.strip()}
    refuse_if(excess(WITHDRAWAL_FIELDS, said))
    return [
        ApplicationWithdrawn(candidate_id=command.candidate_id, reason=command.reason, explanation=said["explanation"])
    ]


def _erase(state: Application) -> Sequence[ApplicationEvent]:
    if state.submitted is None:
        raise NotFound.because(UNKNOWN)
    return [PersonalDataErased(goes=("file",), candidate_id=state.candidate_id)]


def _change_status(command: ChangeStatus, state: Application) -> Sequence[ApplicationEvent]:
    owner = state.candidate_id
    if owner is None or state.submitted is None:
        raise NotFound.because(UNKNOWN)
    if state.status == command.status:
        return []
    if state.status not in command.status.predecessors:
        raise Conflict.because(
            N_("The status cannot change from %(before)s to %(after)s"),
            "status",
            reason=Reason.STATUS_NOT_POSSIBLE,
            before=str(state.status),
            after=command.status.value,
        )
    if command.status is Status.UNDER_CONSIDERATION:
        return [ApplicationMovedUnderConsideration(candidate_id=owner, reason=command.reason)]
    return [ApplicationOutcomeRecorded(candidate_id=owner, outcome=command.status, reason=command.reason)]


APPLICATION: Decider[ApplicationCommand, Application, ApplicationEvent] = Decider(
    "application", Application(), decide, evolve, EVENTS
)
