"""The test kit for rules, for tests that do not ask what events say of a draft's progress: they leave it out.

What is said of it, `rules/test_progress.py` asks.
"""

from services.applications.events import DraftProgress
from shared.model.decider import AnyDecider
from shared.model.message import Command, Event
from shared.model.testing import Given, Outcome


class Plain(Given):
    """An aggregate whose events say nothing of progress."""

    def when(self, command: Command) -> Outcome:
        outcome = super().when(command)
        return outcome if outcome.events is None else Outcome([_plain(e) for e in outcome.events], outcome.refusal)

    def after(self, *commands: Command) -> "Plain":
        return Plain(self.decider, super().after(*commands).events)


def _plain(event: Event) -> Event:
    return event.model_copy(update={"complete": None}) if isinstance(event, DraftProgress) else event


def given(decider: AnyDecider, *events: Event) -> Plain:
    return Plain(decider, events)
