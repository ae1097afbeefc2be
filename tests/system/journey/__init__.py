"""One candidate's whole journey against a running platform, step by step, with the events as they arrive on Kafka.

`make journey` plays it against `make run`; a test plays it against a platform of its own. Whatever a chapter's step
shows of the rules of the candidate guide, it says with their numbers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from deploy.local.folder import Addresses
from shared.ops.settings import Settings
from tests.system.journey import applying, entering, following, leaving, preparing
from tests.system.journey.traveller import Broken, Traveller
from tests.system.journey.watching import watch

__all__ = ["Broken", "play"]

Step = Callable[[Traveller], Awaitable[None]]
STEPS: Final[tuple[Step, ...]] = (
    *entering.STEPS, *preparing.STEPS, *applying.STEPS, *following.STEPS, *leaving.STEPS,
)  # fmt: skip


async def play(addresses: Addresses, settings: Settings, say: Callable[[str], None]) -> None:
    """Plays the journey while the events are watched. Raises Broken at the first step that goes otherwise."""
    ready = asyncio.Event()
    watching = asyncio.create_task(watch(settings, say, ready))
    await ready.wait()
    try:
        async with Traveller(addresses, settings, say) as anna:
            for number, step in enumerate(STEPS, 1):
                say(f"[bold]{number}. {(step.__doc__ or '').strip()}[/bold]")
                await step(anna)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
