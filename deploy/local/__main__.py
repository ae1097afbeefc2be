"""`make run`: the embedded platform, from this moment to Ctrl-C."""

import asyncio
import signal
import sys

import uvloop

from deploy.local import options, platform
from deploy.local.trouble import Trouble
from shared.ops.misconfigured import Misconfigured

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Returns the exit status: 0 when it was told to stop, 1 when this machine did not let it work."""
    chosen = options.parse()
    print("Postulo is starting. Ctrl-C stops it.", flush=True)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(chosen))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except Misconfigured as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        print("Postulo has stopped.", flush=True)
    return 0


async def _until_told(chosen: options.Options) -> None:
    """The first signal stops everything in order; the next ones find it at that already."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, lambda: task and not task.cancelling() and task.cancel())
    await platform.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
