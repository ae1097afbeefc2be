"""Saving one section of a draft over the JSON door, as its stream grows."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Final

from deploy.local.servers import Servers
from services.applications.domain.application import APPLICATION
from tests.applications.doors import API, applicant, draft
from tests.applications.values import SECTIONS
from tests.benchmarks.bench_end_to_end import ms
from tests.benchmarks.places import on_a_platform
from tests.benchmarks.table import Row
from tests.platform import Candidate, Kit

AFTER: Final = (150, 300, 600, 900, 5000)
"""Saves after which so many more are timed."""
TIMED: Final = 100
SLOWER, QUICK = 1.2, 0.010
"""The aims: times as long as the first ones, and seconds."""
_SIZE: Final = """select count(*), sum(pg_column_size(data)), (select octet_length(state) from snapshots as kept
    where kept.stream = e.stream) from events as e where stream = $1 group by stream"""


async def rows(servers: Servers) -> Sequence[Row]:
    async with on_a_platform(servers) as platform:
        anna = await applicant(platform)
        application = await draft(anna)
        await saves(anna, application, 30)
        first, found, done = await saves(anna, application, TIMED), [], 30 + TIMED
        for after in AFTER:
            await saves(anna, application, after - done)
            found.append(row(after, await saves(anna, application, TIMED), first))
            done = after + TIMED
        return [*found, await size(platform, application)]


def row(after: int, times: Sequence[float], first: Sequence[float]) -> Row:
    ratio = median(times) / median(first)
    met = ratio <= SLOWER and median(times) < QUICK
    return Row(
        f"save after {after:,} saves, p50", ms(median(times)), "the first hundred", ms(median(first)), ratio,
        f"≤ {SLOWER}, < {ms(QUICK)}", met,
    )  # fmt: skip


async def saves(anna: Candidate, application: str, count: int) -> list[float]:
    """The seconds of each; every one changes something."""
    times = []
    for _ in range(count):
        letter = {**SECTIONS["letter"], "letter": f"{time.time_ns()} {SECTIONS['letter'].get('letter', '')}"}
        begun = time.perf_counter()
        saved = await anna.api("PUT", f"{API}/{application}/sections/letter", json={"values": letter})
        times.append(time.perf_counter() - begun)
        assert saved.status_code == 200, saved.text
    return times


async def size(platform: Kit, application: str) -> Row:
    pool = platform.service("applications").kernel.pool
    ((count, data, snapshot),) = await pool.fetch(_SIZE, APPLICATION.stream(application))
    return Row("the draft's stream", f"{data / 1e6:.1f} MB", f"of {count:,} events; its snapshot", f"{snapshot:,} B")
