"""Drafts go with their account; what was submitted is erased when its time is over."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Final
from uuid import UUID

from services.applications.domain.accommodation import ACCOMMODATION, EraseAccommodation
from services.applications.domain.application import APPLICATION as APPLICATIONS
from services.applications.domain.commands import EraseFile
from services.applications.domain.library import LIBRARY, EraseDocuments
from services.applications.domain.steps import to_discard
from services.applications.events import RETENTION, ApplicationSubmitted, Status
from services.applications.projections import APPLICATIONS_OF, VACANCY, VacancyDocument
from services.identity.events import AccountClosed, PersonalDataErased
from shared.model.message import Recorded
from shared.model.reaction import Do, Effect, Erase, Known, Need, Reaction, Schedule, Timer, TimerRule, Unschedule

DISCARD_AGAIN_AFTER: Final = timedelta(minutes=1)
"""When what a closed account has is looked for once more, for a draft that was created in the same moment."""


def _discard(candidate_id: str, known: Known) -> Iterator[Effect]:
    """What was submitted stays, without what its candidate needed for tests and interviews."""
    document = known.get(APPLICATIONS_OF, candidate_id)
    rows = document["applications"] if document else []
    drafts = [UUID(row["id"]) for row in rows if row["status"] == Status.DRAFT]
    discarded = chain.from_iterable(to_discard(draft, UUID(candidate_id)) for draft in drafts)
    asked = (Do(ACCOMMODATION, row["id"], EraseAccommodation()) for row in rows)
    kept = Do(LIBRARY, candidate_id, EraseDocuments(candidate_id=UUID(candidate_id)))
    return chain(discarded, asked, [kept])


def _forget(event: Recorded[AccountClosed], known: Known) -> Iterable[Effect]:
    again = Schedule(f"discard/{event.key}", event.at + DISCARD_AGAIN_AFTER, "discard", {"candidate_id": event.key})
    return [*_discard(event.key, known), again]


FORGET: Final = Reaction("forget", (AccountClosed,), _forget, lambda event: [Need(APPLICATIONS_OF, event.key)])

DISCARD: Final = TimerRule(
    "discard",
    lambda timer, known: _discard(timer.data["candidate_id"], known),
    lambda timer: [Need(APPLICATIONS_OF, timer.data["candidate_id"])],
)


def _over(submitted_at: datetime, vacancy: VacancyDocument | None, known: Known) -> datetime:
    """When what was submitted is to be erased: so many days after the end of its job opening."""
    end = datetime.fromisoformat(vacancy["closes_at"]) if vacancy else submitted_at
    return max(end, submitted_at) + timedelta(days=int(known.setting(RETENTION)))


def _vacancy_of(event: Recorded[ApplicationSubmitted | PersonalDataErased]) -> list[Need]:
    return [Need(VACANCY, str(event.data.vacancy_id))] if isinstance(event.data, ApplicationSubmitted) else []


def _keep_for_a_while(event: Recorded[ApplicationSubmitted | PersonalDataErased], known: Known) -> Iterable[Effect]:
    key, fact = f"erase/{event.key}", event.data
    if isinstance(fact, PersonalDataErased):
        return [Unschedule(key)]
    vacancy_id, at = str(fact.vacancy_id), event.at.isoformat()
    data = {"subject": event.stream, "application_id": event.key, "vacancy_id": vacancy_id, "submitted_at": at}
    return [Schedule(key, _over(event.at, known.get(VACANCY, vacancy_id), known), ERASURE.name, data)]


def _erase_file(timer: Timer, known: Known) -> Iterable[Effect]:
    """Unless the job opening has been prolonged meanwhile."""
    submitted_at = datetime.fromisoformat(timer.data["submitted_at"])
    due = _over(submitted_at, known.get(VACANCY, timer.data["vacancy_id"]), known)
    if due > timer.now:
        return [Schedule(timer.key, due, ERASURE.name, timer.data)]
    return [Do(APPLICATIONS, timer.data["application_id"], EraseFile())]


ERASURE: Final = TimerRule(
    "erase_file", _erase_file, lambda timer: [Need(VACANCY, timer.data["vacancy_id"])], erases=True
)
KEEP: Final = Reaction(
    "keep_for_a_while", (ApplicationSubmitted, PersonalDataErased), _keep_for_a_while, _vacancy_of, from_the_first=True
)
DESTROY: Final = Reaction("erase", (PersonalDataErased,), lambda event, _: [Erase(event.stream)])
