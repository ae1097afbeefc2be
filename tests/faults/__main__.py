"""`make faults`: every fault against the separate services, or random schedules of them; prints what became of each."""

import argparse
import asyncio
import itertools
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.faults import machine, versions
from tests.faults.campaign import Campaign, Planned, Row
from tests.faults.faults import ALL, Fault, Part
from tests.faults.load import LONGEST_PAUSE, Load
from tests.faults.schedule import Schedule, drawn, named, shrunk
from tests.faults.site import opened
from tests.shared.waiting import running

CONSOLE: Final = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
FOLDER: Final = Path(__file__).resolve().parents[2] / "build" / "faults"
COLUMNS: Final = ("fault", "row", "commands", "accepted", "refused", "unknown", "lost", "doubled", "wrong",
                  "mails again", "rest, s")  # fmt: skip
MISSING: Final = {
    "root": "for which it has to be root's, with unshare, ip and tc",
    "faketime": "for which libfaketime is not to be had",
    "before": "for which a commit has to be named: --before",
}
SHOWN: Final = 40
"""Findings of a fault that are printed; all are in the folder."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of everything that is chosen by chance")
    parser.add_argument("--only", action="append", default=[], help="faults whose names hold this; may be repeated")
    parser.add_argument("--part", type=part, default=Part(), help="K/N: every N-th fault, from the K-th on")
    parser.add_argument("--candidates", type=int, default=20, help="who are at work at the same time")
    parser.add_argument("--pause", type=float, default=LONGEST_PAUSE, help="seconds that a candidate rests at most")
    parser.add_argument("--schedules", type=int, default=0, help="so many random schedules, instead of fault by fault")
    parser.add_argument("--rebuild-once", action="store_true", help="build views anew at the end only: quicker")
    parser.add_argument("--lasting", type=float, help="seconds that each fault lasts, instead of its own")
    parser.add_argument("--before", default="", help="the commit whose version runs at first, and is upgraded")
    parser.add_argument("--data", type=_folder, default=FOLDER, help="folder of the data, which is emptied first")
    options = parser.parse_args()
    if options.schedules and options.part != Part():
        parser.error("--part is of faults one by one; schedules are parted by their seeds")
    return options


def part(text: str) -> Part:
    """Raises ArgumentTypeError where there is no such part."""
    said = re.fullmatch(r"(\d+)/(\d+)", text)
    if not said or not 1 <= int(said[1]) <= int(said[2]):
        raise argparse.ArgumentTypeError(f"{text} is no part such as 1/3")
    return Part(int(said[1]), int(said[2]))


def _folder(text: str) -> Path:
    """From wherever it was said: servers look for it from folders of their own."""
    return Path(text).resolve()


def possible(options: argparse.Namespace) -> list[Fault]:
    """The faults that were asked for and that this machine allows; says which it does not."""
    wanted = options.part.chosen(
        [fault for fault in ALL if not options.only or any(word in fault.name for word in options.only)]
    )
    steps = any(fault.needs == "faketime" for fault in wanted) and machine.clocks_can_step()
    allowed = {"": True, "root": machine.is_inside(), "faketime": steps, "before": bool(options.before)}
    slow = machine.is_inside() and any(fault.weather is machine.network_slow for fault in wanted)
    if slow and not machine.packets_can_be_lost():
        CONSOLE.print("[yellow]a slow network loses no packet, for want of netem and nft[/yellow]")
    for fault in wanted:
        if not allowed[fault.needs]:
            CONSOLE.print(f"[yellow]{fault.name}: not tried, {MISSING[fault.needs]}[/yellow]")
    return [fault._replace(seconds=options.lasting or fault.seconds) for fault in wanted if allowed[fault.needs]]


def at_first(faults: Sequence[Fault], before: str) -> str:
    """The version before, where it is upgraded; else it would be the one that is tried."""
    return before if any(fault.needs == "before" for fault in faults) else ""


@asynccontextmanager
async def campaign(data: Path, options: argparse.Namespace, seed: int) -> AsyncIterator[Campaign]:
    """A new site with its load."""
    empty(data)
    if machine.is_inside():
        await machine.small_disks(data)
    around = {**machine.with_clock(data / "clock"), **versions.with_code(data, options.before)}
    async with opened(data, CONSOLE.print, around) as site:
        load = Load(site, seed, CONSOLE.print, options.pause)
        try:
            CONSOLE.print(f"{options.candidates} candidates come in")
            async with running(load.look()):
                await load.begin(options.candidates)
                yield Campaign(site, load, CONSOLE.print, Random(seed))  # noqa: S311 - repeatable, not secret
        finally:
            load.book.kept(data / "commands.jsonl")
            await load.close()


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


async def one_by_one(faults: Sequence[Fault], options: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    async with campaign(options.data, options, options.seed) as playing:
        for number, fault in enumerate(faults, 1):
            CONSOLE.print(f"[bold]{number} of {len(faults)}: {fault.name}[/bold]")
            anew = not options.rebuild_once or number == len(faults)
            rows.append(await playing.play(fault.name, [Planned(fault)], anew=anew))
            told(rows[-1], options.data)
    return rows


async def at_random(faults: Sequence[Fault], options: argparse.Namespace) -> list[Row]:
    """Each schedule on a site of its own, whose folder stays."""
    numbers = itertools.count(1)

    async def played(schedule: Schedule, seed: int) -> Row:
        async with campaign(options.data / f"{seed}-{next(numbers)}", options, seed) as playing:
            return await playing.play(f"seed {seed}: {named(schedule)}", schedule, anew=True)

    empty(options.data)
    rows: list[Row] = []
    for seed in range(options.seed, options.seed + options.schedules):
        schedule = drawn(seed, faults)
        CONSOLE.print(f"[bold]seed {seed}: {named(schedule)}[/bold]")
        row = await played(schedule, seed)
        told(row, options.data)
        rows.append(row)
        if not row.good:

            async def fails(candidate: Schedule, seed: int = seed) -> bool:
                return not (await played(candidate, seed)).good

            CONSOLE.print(f"[red]seed {seed} fails; enough for it: {named(await shrunk(schedule, fails))}[/red]")
    return rows


def told(row: Row, data: Path) -> None:
    CONSOLE.print("   ".join(f"{name} {cell}" for name, cell in zip(COLUMNS[2:], row.cells()[2:], strict=True)))
    for finding in row.findings[:SHOWN]:
        CONSOLE.print(f"[red]   {finding.kind}: {finding.what} ({finding.about})[/red]", markup=True)
    with (data / "findings.txt").open("a") as file:
        file.writelines(f"{row.name}\t{finding.kind}\t{finding.what}\t{finding.about}\n" for finding in row.findings)


def table(rows: Sequence[Row]) -> Table:
    made = Table(*COLUMNS)
    for row in rows:
        made.add_row(*row.cells(), style="" if row.good else "red")
    return made


async def main(options: argparse.Namespace) -> int:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _end, asyncio.current_task())
    faults = possible(options)
    options.before = at_first(faults, options.before)
    rows = await (at_random if options.schedules else one_by_one)(faults, options)
    CONSOLE.print(table(rows))
    return 0 if rows and all(row.good for row in rows) else 1


def _end(task: "asyncio.Task[int] | None") -> None:
    if task:
        task.cancel()


if __name__ == "__main__":
    machine.apart([sys.executable, "-m", "tests.faults", *sys.argv[1:]])
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(asyncio.run(main(arguments())))
    sys.exit(130)
