"""Which of a service's processes publishes: it holds a lease that it renews, and a token fences it off if it slept."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import asyncpg

from shared.store.database import Pool


class LeadershipLost(Exception):
    """Another process leads now; what this one has in flight is a duplicate, which consumers absorb."""


class Leadership:
    """Of one service, for one process. seconds: how long a lease lasts that is not renewed."""

    def __init__(self, pool: Pool, seconds: float) -> None:
        self.pool, self.seconds = pool, seconds
        self.holder = str(uuid4())

    async def take(self) -> int | None:
        """The fencing token if this process may publish now, else None.

        After a leader of a version that knew of no lineage it begins anew, since nobody takes what that one published.
        """
        token: int | None = await self.pool.fetchval(
            "update relay set holder = $1, token = token + 1, lineage_token = token + 1,"
            " transaction = case when lineage_token = token then transaction else '0' end,"
            " position = case when lineage_token = token then position else 0 end,"
            " acknowledged = case when lineage_token = token then acknowledged else '{}' end,"
            " expires = now() + $2 * interval '1 second'"
            " where expires < now() or holder = $1 returning token",
            self.holder, self.seconds,
        )  # fmt: skip
        return token

    async def keep(self, token: int) -> None:
        """Renews the lease until another process leads: raises LeadershipLost.

        It runs beside the publishing, since a batch may take longer than a lease lasts where machine, database or Kafka
        are slow: leaders would take turns for ever, each beginning the same batch.
        """
        while True:
            await asyncio.sleep(self.seconds / 3)
            raise_if_fenced(await self.pool.execute(
                "update relay set expires = now() + $2 * interval '1 second' where token = $1", token, self.seconds
            ))  # fmt: skip

    async def give_up(self, token: int) -> None:
        """Lets the next process lead at once, instead of when the lease is over."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            await self.pool.execute("update relay set expires = now() where token = $1", token)


def raise_if_fenced(status: str) -> None:
    """status: of a statement that changes the row of this leader's token. Raises LeadershipLost if there is none."""
    if status != "UPDATE 1":
        raise LeadershipLost
