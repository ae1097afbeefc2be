"""What a candidate needs in tests and interviews: the form's fields, and facts whose content stays in the service."""

from typing import Final, Literal, get_args

from services.identity.events import CandidateId
from shared.model.errors import N_
from shared.model.message import OWN, Event, Personal
from shared.vocabulary.fields import Field, Option

ACCOMMODATION_DOOR: Final = "/applications/api/submitted/{id}/accommodation"
"""Where those who arrange accommodation read a request."""

Step = Literal["written_test", "interview", "other"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
MOST_NEED: Final = 2_000
"""Characters of what is needed."""

ACCOMMODATION_FIELDS: Final = (
    Field(
        "need", N_("What do you need?"), "textarea", required=True, length=MOST_NEED,
        hint=N_(
            "For example more time, a sign language interpreter, a screen reader or a room without steps. You need not"
            " name a disability or an illness."
        ),
    ),
    Field(
        "steps", N_("For which steps of the selection?"), "choices", required=True,
        options=(
            Option("written_test", N_("Written test")),
            Option("interview", N_("Interview")),
            Option("other", N_("Another step")),
        ),
    ),
    Field(
        "contact", N_("How can you be reached about it? (optional)"),
        hint=N_("An address or a telephone number, if it is not the one in your profile."),
    ),
)  # fmt: skip


class Wish(Event):
    """What is needed, for which steps, and how to reach the candidate."""

    whose = OWN
    dataref = ACCOMMODATION_DOOR

    candidate_id: CandidateId
    need: Personal[str]
    """What is needed, in the candidate's words."""
    steps: Personal[tuple[Step, ...]]
    """The steps of the selection that it concerns."""
    contact: Personal[str] = ""
    """How to reach the candidate about it; empty if as in the profile."""


class AccommodationRequested(Wish):
    """The candidate asks for reasonable accommodation in the selection; the stream's id is the application's."""

    receipt = (
        "Tell those who arrange accommodation, and nobody who decides: with the scope `accommodations.read` they fetch "
        "what is needed from `ce_dataref`, once the application is submitted (404 until then)."
    )


class AccommodationChanged(Wish):
    """The candidate has said anew what is needed; only this counts."""

    receipt = "Tell those who arrange accommodation to fetch it again from `ce_dataref`."


class AccommodationWithdrawn(Event):
    """The candidate needs nothing any more."""

    receipt = "Delete what was fetched of the request."

    candidate_id: CandidateId


class AccommodationRead(Event):
    """Somebody whom it may concern has read the request as it is now; it does not leave the service."""

    reader: str
    """Who: the actor, as events name one."""


class AccommodationErased(Event):
    """The draft, the application's file or the candidate's account is gone, and the request with it."""

    receipt = "Delete what was fetched of the request."

    candidate_id: CandidateId


AccommodationFact = (
    AccommodationRequested | AccommodationChanged | AccommodationWithdrawn | AccommodationRead | AccommodationErased
)
ACCOMMODATION: Final = (AccommodationRequested, AccommodationChanged, AccommodationWithdrawn, AccommodationErased)
"""What is published; that it was read is not."""
