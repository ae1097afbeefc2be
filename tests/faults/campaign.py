"""Faults under load, one after the other or mixed, each followed by rest and judgement."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, NamedTuple

from tests.faults.erasing import remnants
from tests.faults.evidence import Outcome
from tests.faults.faults import Fault
from tests.faults.load import Load
from tests.faults.oracle import DOUBLED, LOST, WRONG, Finding
from tests.faults.rest import at_rest, evidence, rebuilt
from tests.faults.site import Site

BEFORE: Final = 2.0
AFTER: Final = 3.0
"""Seconds of load before a fault and after it."""
Say = Callable[[str], None]


class Row(NamedTuple):
    """What became of a fault."""

    name: str
    rows: str
    outcomes: Counter[Outcome]
    findings: Sequence[Finding]
    again: int
    rest: float

    @property
    def good(self) -> bool:
        return not self.findings

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)

    def cells(self) -> tuple[str, ...]:
        told = [self.outcomes[outcome] for outcome in Outcome]
        found = [self.count(kind) for kind in (LOST, DOUBLED, WRONG)]
        return (self.name, self.rows, *map(str, (sum(told), *told, *found, self.again)), f"{self.rest:.0f}")


class Planned(NamedTuple):
    """A fault, and how many seconds after the others' beginning it begins."""

    fault: Fault
    after: float = 0.0


@dataclass
class Campaign:
    """One site, its load, and what was found there already."""

    site: Site
    load: Load
    say: Say
    random: Random
    known: set[tuple[str, str, str]] = field(default_factory=set)
    excused: Counter[str] = field(default_factory=Counter)

    async def play(self, name: str, planned: Sequence[Planned], *, anew: bool) -> Row:
        """Load, faults, rest, judgement. anew: every view is built anew, too, and compared."""
        begun, arrived = len(self.load.book.commands), self.load.post.arrived()
        async with self.load.running():
            await asyncio.sleep(BEFORE)
            ends = await asyncio.gather(*map(self._happens, planned), return_exceptions=True)
            self.load.failed += [f"a fault could not be played: {end!r}" for end in ends if isinstance(end, Exception)]
            await asyncio.sleep(AFTER)
        self.say("   everybody has finished")
        self.load.book.undo(self.site.undone)
        again = any(each.fault.again for each in planned)
        look = partial(evidence, self.site, self.load, self.excused, again=again)
        settled = partial(at_rest, look, self.site, self.known)
        judgement = await settled()
        left = [finding async for finding in remnants(self.site, self.load.closed)]
        findings = news([*judgement.findings, *await self._misread(), *left], self.known)
        findings += news(await rebuilt(self.site, settled), self.known) if anew else []
        findings += self._said()
        repeated = self._excuse(arrived)
        rows = ", ".join(each.fault.rows for each in planned)
        told = Counter(command.outcome for command in self.load.book.commands[begun:])
        return Row(name, rows, told, findings, repeated, judgement.seconds)

    async def _happens(self, planned: Planned) -> None:
        await asyncio.sleep(planned.after)
        async with planned.fault.weather(self.site, self.random):
            await asyncio.sleep(planned.fault.seconds)

    def _said(self) -> list[Finding]:
        failed = [Finding(WRONG, "the trial itself failed", each) for each in self.load.failed]
        self.load.failed.clear()
        return failed

    async def _misread(self) -> list[Finding]:
        return [Finding(LOST, "a draft does not say what was saved last", each) for each in await self.load.misread()]

    def _excuse(self, before: Counter[str]) -> int:
        """How many mails arrived again in this fault; they are known from now on."""
        now = self.load.post.arrived()
        repeated = {name: times for name, times in now.items() if times > max(1, before[name])}
        cut = Counter({name.partition("@")[0]: times for name, times in self.site.gate.cut.items()})
        for name, times in repeated.items():
            self.excused[name] = max(0, times - 1 - cut[name])
        return len(repeated)


def news(found: Sequence[Finding], known: set[tuple[str, str, str]]) -> list[Finding]:
    """What is not known yet; from now on it is."""
    new = [each for each in found if each.name not in known]
    known.update(each.name for each in new)
    return new
