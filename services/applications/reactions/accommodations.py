"""What a request for accommodation leads to: a mail that does not repeat it; and what takes it away."""

from collections.abc import Iterable
from typing import Any, Final, get_args

from services.applications.domain.accommodation import ACCOMMODATION, EraseAccommodation
from services.applications.events import DraftDiscarded
from services.applications.events.accommodation import (
    AccommodationChanged,
    AccommodationErased,
    AccommodationRequested,
    AccommodationWithdrawn,
)
from services.applications.projections import APPLICATION, CANDIDATE
from services.identity.events import PersonalDataErased, account_of
from shared.model.message import Recorded, derived_id
from shared.model.reaction import Do, Effect, Erase, Known, Need, Reaction, Send

Told = AccommodationRequested | AccommodationChanged | AccommodationWithdrawn
WHAT: Final[dict[type[Told], str]] = {
    AccommodationRequested: "requested", AccommodationChanged: "changed", AccommodationWithdrawn: "withdrawn",
}  # fmt: skip


def _needs(event: Recorded[Told]) -> list[Need]:
    return [Need(APPLICATION, event.key), Need(CANDIDATE, str(event.data.candidate_id))]


def _confirm(event: Recorded[Told], known: Known) -> Iterable[Effect]:
    application, who = (known.get(need.view, need.key) for need in _needs(event))
    if application is None or who is None or not who["email"]:
        return []
    opening: dict[str, Any] = application["submitted"] or application["target"] or {}
    params = {
        "name": f"{who['given_names']} {who['family_name']}".strip(),
        "application_id": event.key,
        "what": WHAT[type(event.data)],
        "number": opening.get("job_opening_number", ""),
        "title": opening.get("title", ""),
    }
    template, whose = "applications/mail/accommodation", account_of(event.data.candidate_id)
    return [Send(derived_id(event.id, "accommodation"), who["email"], template, who["language"], params, whose=whose)]


CONFIRM: Final = Reaction("confirm_accommodation", get_args(Told), _confirm, _needs)


def _end(event: Recorded[DraftDiscarded | PersonalDataErased], _: Known) -> Iterable[Effect]:
    return [Do(ACCOMMODATION, event.key, EraseAccommodation(candidate_id=event.data.candidate_id))]


END: Final = Reaction("end_accommodation", (DraftDiscarded, PersonalDataErased), _end)
DESTROY_ACCOMMODATION: Final = Reaction(
    "erase_accommodation", (AccommodationErased,), lambda event, _: [Erase(event.stream)]
)
