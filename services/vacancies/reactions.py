"""A vacancy closes by itself, a timer being set anew when its deadline is extended; what it absorbed ends with it."""

from collections.abc import Iterator
from typing import Any

from services.vacancies.domain import VACANCY, CancelVacancy, CloseVacancy
from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyClosed, VacancyPublished
from shared.model.message import Recorded
from shared.model.reaction import Do, Effect, Known, Reaction, Schedule, Timer, TimerRule, Unschedule


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


def _end(event: Recorded[VacancyCancelled], _: Known) -> Iterator[Effect]:
    """Those who applied to a notice that is part of this vacancy now learn it, too."""
    for key in event.data.absorbed:
        yield Do(VACANCY, str(key), CancelVacancy(reason=event.data.reason))


CANCEL_ABSORBED = Reaction("cancel_absorbed", (VacancyCancelled,), _end)

ALL = (CLOSE_AT_DEADLINE, CANCEL_ABSORBED)
TIMERS = (CLOSING,)
