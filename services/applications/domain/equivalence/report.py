"""A report that a diploma's level is proposed wrongly (R72): told to the office by mail, kept for the curator."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.applications.domain.equivalence.fields import REPORT_FIELDS
from services.applications.events import Diploma, EquivalenceErrorReported
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Invalid, refuse_if
from shared.model.message import Command
from shared.model.reasons import Reason
from shared.vocabulary.fields import check


class ReportEquivalenceError(Command):
    """The proposed level is wrong, or nothing is proposed. `proposed`: what the catalogue says now, None if nothing."""

    candidate_id: UUID
    application_id: UUID
    diploma: Diploma
    proposed: tuple[str, str] | None
    level: str
    explanation: str
    name: str
    email: str
    user_code: str
    office: str


def report_key(application_id: UUID, diploma_id: UUID) -> UUID:
    """The report about this diploma of this application: always the same."""
    return uuid5(application_id, f"report/{diploma_id}")


def decide(
    command: ReportEquivalenceError, told: EquivalenceErrorReported | None
) -> Sequence[EquivalenceErrorReported]:
    level, entry_id = command.proposed or (None, "")
    refuse_if(check(REPORT_FIELDS, {"level": command.level, "explanation": command.explanation}))
    if command.level == level:
        raise Invalid.because(N_("This is the level that is proposed. Choose the right one"), "level")
    reported = EquivalenceErrorReported.model_validate(
        {
            **command.model_dump(exclude={"level", "proposed", "at", "by"}),
            "proposed": level,
            "entry_id": entry_id,
            "claimed": command.level,
        }
    )
    if reported == told:
        return []
    if told and (told.proposed, told.entry_id) == (level, entry_id):
        message = N_("You have reported this already, and the catalogue has not changed since")
        raise Conflict.because(message, reason=Reason.ALREADY_THERE)
    return [reported]


def evolve(_: EquivalenceErrorReported | None, event: EquivalenceErrorReported) -> EquivalenceErrorReported:
    return event


REPORT: Decider[ReportEquivalenceError, EquivalenceErrorReported | None, EquivalenceErrorReported] = Decider(
    "report", None, decide, evolve, (EquivalenceErrorReported,)
)
