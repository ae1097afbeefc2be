"""Timers: rows with a due time, claimed with SKIP LOCKED, fired in a transaction of their own, surviving restarts.

Claiming takes a transaction id, which must not be older than the append that follows: hence two transactions.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson
import structlog

from shared.model.reaction import Known, Timer, TimerRule
from shared.ops.context import Context
from shared.ops.logs import safe_message
from shared.processing.execution import Caused, Render, carry_out
from shared.processing.handlers import documents_for
from shared.processing.own_views import OwnViews
from shared.processing.transient import transient
from shared.store.appending import WrongVersion, pause_before_retry
from shared.store.database import Connection
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

BATCH: Final = 50
_FREE: Final = "not exists (select from holds as h where h.subject = t.data->>'subject')"
DUE: Final = f"""from timers as t where due <= now() and (claimed is null or claimed < now()) and rule = any($1)
    and (rule <> all($2) or {_FREE})"""
"""Rules, and those of the rules that erase somebody: whoever is held is passed over."""
CLAIM: Final = f"""update timers set claimed = now() + interval '1 minute' where key in (
    select key {DUE} order by due limit $3 for update skip locked
) returning key, rule, data::text, now() as now, due"""  # noqa: S608 - of our own constant
STILL_CLAIMED: Final = f"""select exists (select from timers as t where key = $1 and due = $2 and claimed is not null
    and (not $3 or {_FREE}))"""  # noqa: S608 - of our own constant
LATE: Final = f"""select extract(epoch from now() - min(due))::float8 from timers as t
    where due <= now() and rule = any($1) and (rule <> all($2) or {_FREE})"""  # noqa: S608 - of our own constant
DONE: Final = "delete from timers where key = $1 and due = $2 and claimed is not null"
UNCLAIM: Final = "update timers set claimed = null where key = any($1)"
ATTEMPTS: Final = 6


class Claim(NamedTuple):
    """A timer that this process is to fire, if it is still due then."""

    timer: Timer
    rule: str
    due: datetime


class Timers:
    """Fires what is due. A timer that fails is tried again when its claim has ended.

    own_views: for which timers that look at views wait.
    """

    def __init__(
        self, store: Store, render: Render, rules: Iterable[TimerRule], own_views: OwnViews,
        setting: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self.store, self.render, self.own_views, self.setting = store, render, own_views, setting
        self.rules = {rule.name: rule for rule in rules}
        self.erasing = [name for name, rule in self.rules.items() if rule.erases]

    async def fire_due(self) -> int:
        """Claims and fires up to a batch of timers; returns how many were claimed."""
        if not self.rules:
            return 0
        rows = await self.store.pool.fetch(CLAIM, list(self.rules), self.erasing, BATCH)
        claims = [Claim(Timer(key, orjson.loads(data), now), rule, due) for key, rule, data, now, due in rows]
        looking = [claim for claim in claims if self.rules[claim.rule].looks]
        for claim in claims:
            if claim not in looking:
                await self._try(claim)
        if looking:
            await self._caught_up(looking)
        for claim in looking:
            await self._try(claim)
        return len(claims)

    async def _caught_up(self, claims: Sequence[Claim]) -> None:
        """Lets the timers go again if the views take too long."""
        try:
            await self.own_views.caught_up()
        except TimeoutError:
            await self.store.pool.execute(UNCLAIM, [claim.timer.key for claim in claims])
            raise

    async def late(self) -> float:
        """Seconds since the oldest timer should have fired; who is held waits for nothing."""
        return await self.store.pool.fetchval(LATE, list(self.rules), self.erasing) or 0.0

    async def _try(self, claim: Claim) -> None:
        try:
            await self._persist(claim)
        except Exception as error:
            if transient(error) and not isinstance(error, WrongVersion):
                raise
            log.error("timer failed, to be tried again in a minute", key=claim.timer.key, error=safe_message(error))
        else:
            self.store.appended.fire()

    async def _persist(self, claim: Claim) -> None:
        for attempt in range(ATTEMPTS):
            try:
                async with self.store.pool.acquire() as connection, connection.transaction():
                    return await self._fire(connection, claim)
            except WrongVersion:
                await pause_before_retry(attempt)
        raise WrongVersion(claim.timer.key)

    async def _fire(self, connection: Connection, claim: Claim) -> None:
        """The effects, unless the timer was moved or has fired meanwhile, or whom it would erase is held by now; the
        lock takes no transaction id.
        """
        rule, timer = self.rules[claim.rule], claim.timer
        await connection.execute("select pg_advisory_xact_lock(hashtextextended('timer:' || $1, 0))", timer.key)
        if not await connection.fetchval(STILL_CLAIMED, timer.key, claim.due, rule.erases):
            return
        known = Known(await documents_for(connection, set(rule.needs(timer))), setting=self.setting)
        effects = list(rule.fire(timer, known))
        await carry_out(connection, self.store, self.render, [Caused(Context(), effects)], f"timer:{rule.name}")
        await connection.execute(DONE, timer.key, claim.due)
