"""Applications follow the vacancy that they are aimed at."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.applications.domain.application import APPLICATION as APPLICATIONS
from services.applications.domain.commands import FollowVacancy
from services.applications.domain.inputs import VacancyFacts
from services.applications.projections import FOLLOWERS, VACANCY, VacancyDocument, described
from services.vacancies.events import VacancyAmended, VacancyCancelled, VacancyMerged
from shared.model.message import Recorded
from shared.model.parts import parts_of, spread
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Timer, TimerRule

SWEEP_AFTER: Final = timedelta(minutes=1)
"""When a changed vacancy's applications are gone through once more, for those aimed at it meanwhile."""


def _vacancies(vacancy_id: str, into: str = "") -> list[Need]:
    return [Need(VACANCY, key) for key in (vacancy_id, into) if key]


def _needs(vacancy_id: str, into: str = "") -> list[Need]:
    return [*_vacancies(vacancy_id, into), *(Need(FOLLOWERS, part) for part in parts_of(vacancy_id))]


class Change(NamedTuple):
    """A change of a vacancy that applications follow, named by the event's `moment` in the vacancy's stream.

    into: the vacancy that this one has become part of.
    """

    vacancy_id: str
    moment: int = 0
    version: int = 0
    cancelled: bool = False
    into: str = ""

    def known_in(self, known: Known) -> VacancyDocument:
        """The vacancy as it is known now; raises LookupError if this change is not yet."""
        document = known.get(VACANCY, self.into or self.vacancy_id)
        if document is None or document["version"] < self.version:
            raise LookupError(f"vacancy {self.vacancy_id} is not in the view yet")
        if self.into and self.vacancy_id not in document.get("absorbed", ()):
            raise LookupError(f"vacancy {self.vacancy_id} is not part of {self.into} in the view yet")
        if self.cancelled and document["state"] != "cancelled":
            raise LookupError(f"the end of vacancy {self.vacancy_id} is not in the view yet")
        return document

    def language_in(self, known: Known) -> str:
        """Of the notice that was a vacancy of its own; "" if it was none."""
        document = known.get(VACANCY, self.vacancy_id) if self.into else None
        return document["language"] if document else ""

    def schedule(self, rule: str, key: str, due: datetime, **data: str) -> Schedule:
        return Schedule(f"{rule}/{key}/{self.moment}", due, rule, {**self._asdict(), **data})

    @classmethod
    def of(cls, timer: Timer) -> "Change":
        return cls(**{name: value for name, value in timer.data.items() if name in cls._fields})


def _followed(change: Change, vacancy: VacancyDocument, known: Known, now: datetime) -> Iterable[Effect]:
    command = _command(vacancy, change.language_in(known))
    parts = {part: _follow(command, part, known) for part in parts_of(change.vacancy_id)}
    return spread(parts, lambda part: change.schedule("follow_part", part, now, part=part))


def _command(vacancy: VacancyDocument, language: str) -> FollowVacancy:
    facts, reason = VacancyFacts.model_validate(vacancy), vacancy.get("reason", "")
    return FollowVacancy(vacancy=facts, reason=reason, language=language)


def _follow(command: FollowVacancy, part: str, known: Known) -> Sequence[Do]:
    document = known.get(FOLLOWERS, part)
    return [Do(APPLICATIONS, each, command) for each in document["applications"]] if document else []


def _changed(event: Recorded[VacancyAmended | VacancyCancelled | VacancyMerged], known: Known) -> Iterable[Effect]:
    document = known.get(VACANCY, event.key)
    if document is None:
        raise LookupError(f"vacancy {event.key} is not in the view yet")
    if isinstance(event.data, VacancyMerged):
        change = Change(event.key, event.version, into=str(event.data.into))
        vacancy = change.known_in(known)
    elif isinstance(event.data, VacancyCancelled):
        change = Change(event.key, event.version, document["version"], cancelled=True)
        vacancy = VacancyDocument({**document, "state": "cancelled", "reason": event.data.reason})
    else:
        change = Change(event.key, event.version, event.data.version, cancelled=False)
        vacancy = described(document, event.key, event.data)
    again = change.schedule("follow", event.key, event.at + SWEEP_AFTER)
    return [*_followed(change, vacancy, known, event.at), again]


def _followed_in(event: Recorded[VacancyAmended | VacancyCancelled | VacancyMerged]) -> list[Need]:
    return _needs(event.key, str(event.data.into) if isinstance(event.data, VacancyMerged) else "")


FOLLOW: Final = Reaction("follow", (VacancyAmended, VacancyCancelled, VacancyMerged), _changed, _followed_in)


def _sweep(timer: Timer, known: Known) -> Iterable[Effect]:
    change = Change.of(timer)
    return _followed(change, change.known_in(known), known, timer.now)


SWEEP: Final = TimerRule("follow", _sweep, lambda timer: _needs(timer.data["vacancy_id"], timer.data.get("into", "")))


def _part_needs(timer: Timer) -> list[Need]:
    return [*_vacancies(timer.data["vacancy_id"], timer.data.get("into", "")), Need(FOLLOWERS, timer.data["part"])]


def _part(timer: Timer, known: Known) -> Iterable[Effect]:
    change = Change.of(timer)
    return _follow(_command(change.known_in(known), change.language_in(known)), timer.data["part"], known)


PART: Final = TimerRule("follow_part", _part, _part_needs)
