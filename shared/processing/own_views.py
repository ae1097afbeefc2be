"""What reactions to other services' events, and timers, find in the service's views: all that it wrote before."""

import time
from collections.abc import Sequence
from typing import Final

from shared.ops.wakeup import Wakeup
from shared.store.database import Pool
from shared.store.event_store import LATE, SOON
from shared.store.folding import BEHIND, Naming, columns

PATIENCE: Final = 5.0
"""Seconds after which whoever waits is better told to try again later."""

_CAUGHT_UP: Final = f"""select target, pg_snapshot_xmin(now) >= target and not exists (
        select from (select transaction, position from events where transaction < target
            order by transaction desc, position desc limit 1) as last
        where exists ({BEHIND.format("$2", "$3", "$4", at="last")})) as done
    from (select pg_current_snapshot() as now, coalesce($1::xid8, pg_current_xact_id()) as target) as one"""  # noqa: S608
"""Before which transaction all has to be folded, and whether it is. The first question takes a transaction id itself:
a snapshot ends with the last one that has committed, and tells nothing of those that run since.
"""


class OwnViews:
    """The service's views of its own events, by their names. folded: fires when this process has folded something.

    Own reactions need none of this: they follow the views (`subscription.follow`).
    """

    patience = PATIENCE

    def __init__(self, pool: Pool, folded: Wakeup, views: Sequence[Naming] = ()) -> None:
        self.pool, self.folded, self.views = pool, folded, views

    async def caught_up(self) -> None:
        """Returns once the views have folded every event whose transaction had begun when this was called; raises
        TimeoutError if they take longer than is worth waiting for.
        """
        target, end, pause = None, time.monotonic() + self.patience, SOON
        while self.views:
            seen = self.folded.count
            ((target, done),) = await self.pool.fetch(_CAUGHT_UP, target, *columns(self.views))
            if done:
                return
            if time.monotonic() > end:
                raise TimeoutError("the service's own views have not caught up yet")
            await self.folded.wait(seen, pause)
            pause = min(2 * pause, LATE)
