"""All that the service has learnt, folded from facts in the order in which they came, and what follows from it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from services.alerts.projections import ALL
from services.alerts.reactions import TIMERS
from shared.model.message import Recorded
from shared.model.reaction import Effect, Known, Need, Reaction, Schedule, Timer


class World:
    """The service's views after these facts."""

    def __init__(self, *facts: Recorded[Any]) -> None:
        self._documents: dict[Need, Any] = {}
        for fact in facts:
            self.learns(fact)

    def learns(self, fact: Recorded[Any]) -> None:
        for view in ALL:
            if isinstance(fact.data, view.on):
                for key in view.keys(fact):
                    folded = view.evolve(self._documents.get(Need(view, key)), fact)
                    self._documents[Need(view, key)] = folded and orjson.loads(orjson.dumps(folded))

    def _known(self, needs: Iterable[Need]) -> Known:
        return Known({need: self._documents.get(need) for need in needs})

    def reacts(self, reaction: Reaction, fact: Recorded[Any]) -> list[Effect]:
        """What the fact leads to, given what is known."""
        return list(reaction.react(fact, self._known(reaction.needs(fact))))

    def fires(self, timer: Schedule, at: datetime | None = None) -> list[Effect]:
        """What the timer leads to when it fires, at its time unless another is given, after a night in its table."""
        (rule,) = [rule for rule in TIMERS if rule.name == timer.rule]
        due = Timer(timer.key, orjson.loads(orjson.dumps(timer.data)), at or timer.due)
        return list(rule.fire(due, self._known(rule.needs(due))))
