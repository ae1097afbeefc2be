"""A vacancy closes by itself: a timer at its deadline, set anew when the deadline is extended."""

from collections.abc import Iterator
from typing import Any

from services.vacancies.domain import VACANCY, CloseVacancy
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

ALL = (CLOSE_AT_DEADLINE,)
TIMERS = (CLOSING,)
