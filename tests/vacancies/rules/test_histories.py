"""Whatever happens to a vacancy in whatever order: its rules, its views and its timer tell the same story."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.vacancies.domain import VACANCY, CancelVacancy, CloseVacancy, ExtendDeadline, VacancyCommand
from services.vacancies.domain.days import closing
from services.vacancies.events import (
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyEvent,
)
from services.vacancies.projections import SEARCH, VACANCIES
from services.vacancies.projections.query import is_open
from services.vacancies.reactions import CLOSE_AT_DEADLINE, CLOSING
from shared.model.errors import Refused
from shared.model.message import Recorded
from shared.model.reaction import Do, Known, Schedule, Timer
from shared.model.testing import NOON, recorded
from tests.vacancies.values import STREAM, amend, publish

FIRST = publish(closes_on=date(2026, 12, 1))
days = st.dates(date(2026, 11, 20), date(2027, 2, 1))


class OneVacancy(RuleBasedStateMachine):
    """HR and time ask for things; refusals change nothing; timers fire when they are due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.events: list[Recorded[Any]] = []
        self.timers: dict[str, Schedule] = {}
        self.ask(FIRST)

    def ask(self, command: VacancyCommand) -> list[VacancyEvent]:
        """What happened, folded into everything that follows from it."""
        state = VACANCY.fold([event.data for event in self.events])
        try:
            happened = list(VACANCY.decide(command.model_copy(update={"at": self.now}), state))
        except Refused:
            return []
        for data in happened:
            event = recorded(data, STREAM, len(self.events) + 1, self.now)
            self.events.append(event)
            self.keep_time(event)
        return happened

    def keep_time(self, event: Recorded[Any]) -> None:
        if type(event.data) not in CLOSE_AT_DEADLINE.on:
            return
        for effect in CLOSE_AT_DEADLINE.react(event, Known({})):
            if isinstance(effect, Schedule):
                self.timers[effect.key] = effect
            else:
                self.timers.pop(effect.key, None)  # type: ignore[union-attr, arg-type]

    @rule(hours=st.integers(1, 24 * 12))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for key, timer in list(self.timers.items()):
            if timer.due <= self.now:
                del self.timers[key]
                [effect] = CLOSING.fire(Timer(key, timer.data, self.now), Known({}))
                assert isinstance(effect, Do)
                assert effect.key == "5e1c"
                assert isinstance(effect.command, CloseVacancy)
                assert self.ask(effect.command) == [VacancyClosed()], "a timer that is due closes the vacancy"

    @rule(title=st.sampled_from(["One", "Two", "Three"]))
    def hr_amends(self, title: str) -> None:
        before = VACANCY.fold([event.data for event in self.events]).content
        for event in self.ask(amend(title=title)):
            assert isinstance(event, VacancyAmended)
            assert before
            assert event.version == before.version + 1
            assert (event.title, event.opens_at, event.closes_at) == (title, before.opens_at, before.closes_at)

    @rule(day=days)
    def hr_extends(self, day: date) -> None:
        before = VACANCY.fold([event.data for event in self.events]).content
        for event in self.ask(ExtendDeadline(closes_on=day)):
            assert before
            assert event == DeadlineExtended(closes_at=closing(day))
            assert closing(day) > before.closes_at

    @rule(reason=st.sampled_from(["", "No funds"]))
    def hr_cancels(self, reason: str) -> None:
        again = VACANCY.fold([event.data for event in self.events]).status == "cancelled"
        assert self.ask(CancelVacancy(reason=reason)) == ([] if again else [VacancyCancelled(reason=reason)])

    @rule()
    def hr_publishes_again(self) -> None:
        assert self.ask(FIRST) == []

    @invariant()
    def views_say_what_the_rules_say(self) -> None:
        state = VACANCY.fold([event.data for event in self.events])
        assert isinstance(state.content, VacancyContent)
        shown: Any = reduce(VACANCIES.evolve, self.events, None)
        found: Any = reduce(SEARCH.evolve, self.events, None)
        assert (shown["status"], shown["reason"], shown["extended"]) == (state.status, state.reason, state.extended)
        assert (shown["title"], shown["version"]) == (state.content.title, state.content.version)
        assert shown["id"] == found["id"] == "5e1c"
        assert found["status"] == state.status
        assert found["title"] == state.content.title
        told = datetime.fromisoformat(shown["closes_at"])
        assert told == datetime.fromisoformat(found["closes_at"]) == state.content.closes_at
        assert found["updated_at"] == self.events[-1].at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        still_open = state.status == "open" and self.now <= state.content.closes_at
        assert (is_open(shown, self.now), is_open(found, self.now)) == (still_open, still_open)

    @invariant()
    def a_timer_waits_while_the_vacancy_is_open_and_at_its_deadline(self) -> None:
        state = VACANCY.fold([event.data for event in self.events])
        assert state.content
        due = [timer.due for timer in self.timers.values()]
        assert due == ([state.content.closes_at] if state.status == "open" else [])

    @invariant()
    def an_end_is_an_end(self) -> None:
        kinds = [type(event.data) for event in self.events]
        assert kinds.count(VacancyClosed) <= 1
        assert kinds.count(VacancyCancelled) <= 1
        ends = [number for number, kind in enumerate(kinds) if kind in (VacancyClosed, VacancyCancelled)]
        if ends:
            assert set(kinds[ends[0] :]) <= {VacancyClosed, VacancyCancelled}


OneVacancy.TestCase.settings = settings(OneVacancy.TestCase.settings, max_examples=40, stateful_step_count=20)
TestOneVacancy = OneVacancy.TestCase
