"""A vacancy closes by itself, a timer being set anew when its deadline is extended; what it absorbed ends with it."""

from collections.abc import Iterator
from typing import Any

from services.vacancies.domain import VACANCY, CancelVacancy, CloseVacancy
from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyClosed, VacancyPublished
from services.vacancies.projections import VACANCIES
from shared.model.message import Recorded
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Timer, TimerRule, Unschedule


def _react(event: Recorded[Any], _: Known) -> Iterator[Effect]:
    timer = f"close:{event.key}"
    match event.data:
        case VacancyPublished(closes_at=closes_at) | DeadlineExtended(closes_at=closes_at):
            yield Schedule(timer, closes_at, CLOSING.name, {"vacancy": event.key})
        case VacancyClosed() | VacancyCancelled():
            yield Unschedule(timer)
        case _:
            pass


def _close(timer: Timer, _: Known) -> Iterator[Effect]:
    yield Do(VACANCY, timer.data["vacancy"], CloseVacancy())


CLOSING = TimerRule("close_vacancy", _close)

CLOSE_AT_DEADLINE = Reaction(
    name="close_at_deadline",
    on=(VacancyPublished, DeadlineExtended, VacancyClosed, VacancyCancelled),
    react=_react,
)


def _end(event: Recorded[VacancyCancelled], known: Known) -> Iterator[Effect]:
    """Those who applied to a notice that is part of this vacancy now learn it, too."""
    document = known.get(VACANCIES, event.key)
    if document is None or document["status"] != "cancelled":
        raise LookupError(f"the end of vacancy {event.key} is not in the view yet")
    for key in document.get("absorbed", ()):
        yield Do(VACANCY, key, CancelVacancy(reason=event.data.reason))


CANCEL_ABSORBED = Reaction("cancel_absorbed", (VacancyCancelled,), _end, lambda event: [Need(VACANCIES, event.key)])

ALL = (CLOSE_AT_DEADLINE, CANCEL_ABSORBED)
TIMERS = (CLOSING,)
