"""Hostile text of 1 MB in every field of every form and body, in every address and header: how long anybody waits."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from typing import Final, NamedTuple

from deploy.local.servers import Servers
from tests.benchmarks.bench_end_to_end import ms
from tests.benchmarks.places import on_a_platform
from tests.benchmarks.table import Row
from tests.platform import Kit, Visitor
from tests.security.hostile import (
    PIECES,
    Attack,
    Form,
    calls_of,
    forms_of,
    header_attacks,
    hostile,
    json_attacks,
    query_attacks,
    shapes,
)
from tests.system.stage import Stage, staged

SIZE: Final = 990_000
ANSWERED, MEANWHILE = 1.0, 0.3
"""Seconds: the longest that whoever sends such a request waits, and whoever asks for a page at that moment."""

OTHER: Final = "/identity/forgotten"
PAUSE: Final = 0.002


class Wait(NamedTuple):
    """Seconds until the answer, the longest that another client waited for a page meanwhile, and what was sent."""

    answered: float
    meanwhile: float
    what: str


async def rows(servers: Servers) -> Sequence[Row]:
    async with on_a_platform(servers) as platform:
        stage = await staged(platform)
        sent = {
            "headers": header_attacks(stage, ("blanks", "commas", "semicolons")),
            "addresses": query_attacks(stage, ("blanks",)),
            "bodies": await _bodies(platform, stage),
            "forms": _filled(await forms_of(stage)),
        }
        return [row for name, attacks in sent.items() for row in _rows(name, await waits(platform, attacks))]


def _filled(forms: Sequence[Form]) -> Iterator[Attack]:
    """Each form with three kinds of text, so that each kind is in many forms."""
    kinds = cycle(PIECES)
    return chain.from_iterable(form.attacks(next(kinds), SIZE) for form in forms for _ in range(3))


async def _bodies(platform: Kit, stage: Stage) -> Iterator[Attack]:
    """Each place of each body with a kind of text and all shapes."""
    kinds, calls = cycle(PIECES), await calls_of(platform, stage)

    def each() -> Iterator[Attack]:
        for call in calls:
            kind = next(kinds)
            yield from json_attacks(stage, call, {kind: hostile(kind, SIZE // 2), **shapes(2 * SIZE)})

    return each()


async def waits(platform: Kit, attacks: Iterable[Attack]) -> list[Wait]:
    """Nobody waits for what was guessed before: what is measured is work."""
    pool, other, found = platform.service("identity").kernel.pool, platform.visitor(), []
    for attack in attacks:
        await pool.execute("delete from attempts")
        found.append(await _wait(attack, other))
    return found


async def _wait(attack: Attack, other: Visitor) -> Wait:
    """The other client asks again and again, once more after the answer: whatever blocked it shows then."""
    over, longest = False, 0.0

    async def asking() -> None:
        nonlocal longest
        began = time.perf_counter()
        while True:
            last = over
            assert (await other.client.get(OTHER)).status_code == 200
            longest = max(longest, time.perf_counter() - began)
            if last:
                return
            began = time.perf_counter()
            await asyncio.sleep(PAUSE)

    task = asyncio.create_task(asking())
    await asyncio.sleep(0)
    began = time.perf_counter()
    answer = await attack.send()
    took, over = time.perf_counter() - began, True
    await task
    assert answer.status_code < 500, attack.what
    return Wait(took, longest, f"{attack.operation} {attack.what}")


def _rows(name: str, waited: Sequence[Wait]) -> Iterator[Row]:
    slow, blocked = max(waited), max(waited, key=lambda wait: wait.meanwhile)
    for what, figure, aim, which in (
        ("the answer", slow.answered, ANSWERED, slow.what),
        ("another's page", blocked.meanwhile, MEANWHILE, blocked.what),
    ):
        yield Row(
            f"1 MB in {name} ({len(waited):,}): {what}, worst", ms(figure), which[:60], "", figure / aim,
            f"≤ {ms(aim)}", figure <= aim,
        )  # fmt: skip
