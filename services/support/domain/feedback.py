"""What a candidate thinks of the site: a mark and a few words, the newest of which counts; no application is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never
from uuid import UUID

from services.support.events import FEEDBACK as EVENTS
from services.support.events import FeedbackErased, FeedbackFact, FeedbackGiven
from shared.model.decider import Decider
from shared.model.errors import N_, refuse_if
from shared.model.message import Command
from shared.vocabulary.fields import Field, Option, check

RATINGS: Final = (
    Option("5", N_("Very satisfied")),
    Option("4", N_("Satisfied")),
    Option("3", N_("Neither satisfied nor dissatisfied")),
    Option("2", N_("Dissatisfied")),
    Option("1", N_("Very dissatisfied")),
)
FEEDBACK_FIELDS: Final = (
    Field("rating", N_("How satisfied are you with this site?"), "choice", required=True, options=RATINGS),
    Field(
        "text", N_("How could we improve it? (optional)"), "textarea", length=2_000,
        hint=N_("Do not name yourself or others, and say nothing about your application."),
    ),
)  # fmt: skip


class GiveFeedback(Command):
    """`values` are those of the form's fields; what was said before no longer counts."""

    candidate_id: UUID
    values: dict[str, Any]


class EraseFeedback(Command):
    """The candidate's account is closed."""


FeedbackCommand = GiveFeedback | EraseFeedback


@dataclass(frozen=True)
class Feedback:
    """What counts of what was said; a rating of 0 for nothing. owner: whose it is."""

    owner: UUID | None = None
    rating: int = 0
    text: str = ""


def decide(command: FeedbackCommand, feedback: Feedback) -> Sequence[FeedbackFact]:
    match command:
        case EraseFeedback():
            return [FeedbackErased(candidate_id=feedback.owner)] if feedback.owner else []
        case GiveFeedback(candidate_id=owner, values=values):
            refuse_if(check(FEEDBACK_FIELDS, values))
            rating, text = int(values["rating"]), str(values.get("text") or "").strip()
            if (feedback.rating, feedback.text) == (rating, text):
                return []
            return [FeedbackGiven(candidate_id=owner, rating=rating, text=text)]
    assert_never(command)


def evolve(_: Feedback, fact: FeedbackFact) -> Feedback:
    match fact:
        case FeedbackGiven(candidate_id=owner, rating=rating, text=text):
            return Feedback(owner, rating, text)
        case FeedbackErased():
            return Feedback()
    assert_never(fact)


FEEDBACK: Decider[FeedbackCommand, Feedback, FeedbackFact] = Decider("feedback", Feedback(), decide, evolve, EVENTS)
"""One a candidate, under the account's id."""
