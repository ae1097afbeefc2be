"""What other processes and the clock have brought for a service's loops, asked once for all of them."""

from typing import Final

from shared.model.message import Position
from shared.ops.wakeup import Wakeup
from shared.processing import mail, parking, timers
from shared.store.event_store import HEAD, Store
from shared.store.keys import LATELY

SELDOM: Final = 30.0
"""Seconds after which a loop looks by itself, whatever was told it."""

_LOOK: Final = f"""select head.transaction, head.position,
    exists (select {mail.DUE}) or exists (select {timers.DUE})
    or $5 and (exists (select from subject_keys where not sent) or exists (select from erased_subjects where not sent)),
    exists (select {parking.DUE}) or exists (select from erasures) or exists (select {LATELY.format("$3", "$4")})
    from (select) as one left join ({HEAD}) as head on true"""  # noqa: S608 - of our own constants


class Polling:
    """Wakes the loops of one process that have something to do; those that have not ask nothing.

    Fires the store's `appended` for events that have settled and for mails, timers and keys that are to leave, and
    `due` for what is parked or to be erased. tells: whether this service tells others of its keys.
    """

    def __init__(self, store: Store, timers: timers.Timers, *, tells: bool) -> None:
        self.store, self.timers, self.tells = store, timers, tells
        self.due = Wakeup()
        self._head: Position | None = None  # Of the last look.

    async def look(self) -> None:
        """One round trip."""
        asked = (list(self.timers.rules), self.timers.erasing, *self.store.keys.looked, self.tells)
        ((transaction, position, leaving, due),) = await self.store.pool.fetch(_LOOK, *asked)
        before, self._head = self._head, Position(transaction, position)
        if leaving or self._head != before:
            self.store.appended.fire()
        if due:
            self.due.fire()
