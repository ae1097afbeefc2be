"""What an operator sees and does of erasures: the list of who was erased, holds, and what falls due."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from shared.ops.misconfigured import Misconfigured
from shared.runtime.kernel import Kernel

_HEAD: Final = "# erased in "
"""Begins the first line of a list, which ends with the name of the service that it is of."""
_HOLD: Final = """insert into holds (subject, reason)
    select subject, $2 from subject_keys where subject = $1 for key share
    on conflict (subject) do update set reason = holds.reason
        || to_char(clock_timestamp() at time zone 'UTC', '"; "YYYY-MM-DD": "') || excluded.reason"""
_RELEASE: Final = """delete from holds where subject = $1
    returning to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD": "') || reason"""
_KNOWN: Final = """select subject, erased from (select subject, false as erased from subject_keys
    union all select subject, true from erased_subjects) as known where subject = any($1)"""
_ROWS: Final = """
    select subject, 'erased' as state, erased_at as at, '' as why from erased_subjects
    union all select subject, 'to be erased since', wanted_at, '' from erasures
        where not exists (select from holds as h where h.subject = erasures.subject)
    union all select h.subject, case when wanted_at is null then 'held since' else 'held, erasure waits since' end,
        coalesce(wanted_at, placed_at), to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD": "') || reason
        from holds as h left join erasures using (subject)
    union all select coalesce(data->>'subject', key), 'falls due', due, '' from timers where rule = any($1)
    order by at, subject"""


class Applied(NamedTuple):
    """How many of a list are erased now, and how many were before."""

    now: int
    already: int


async def apply_list(kernel: Kernel, text: str, whose: str = "") -> Applied:
    """Erases those of a list of lines with a subject and since when.

    whose: the service that the list is of, where it does not say so itself, as those of versions before did not.
    Raises Misconfigured, with nothing done, for one of another service, or of which nobody knows whose it is.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and lines[0][1].startswith(_HEAD):
        whose = lines.pop(0)[1].removeprefix(_HEAD)
    found = dict(_line(number, line) for number, line in lines)
    known = {row["subject"]: row["erased"] for row in await kernel.pool.fetch(_KNOWN, list(found))}
    _refuse_another_s(kernel.service.name, whose, found.keys() - known.keys())
    await kernel.erase(found, told=False)
    already = sum(known.values())
    return Applied(len(found) - already, already)


def _refuse_another_s(name: str, whose: str, unknown: Collection[str]) -> None:
    if whose and whose != name:
        raise Misconfigured(f"the list is of {whose}, not of {name}: nobody is erased")
    if unknown and not whose:
        raise Misconfigured(
            f"the list does not say whose it is, and {name} knows no {min(unknown)}: nobody is erased. If it is the"
            f" list of {name}, and the database older than it, put the line “{_HEAD}{name}” before the others"
        )


async def list_of(kernel: Kernel) -> str:
    """Whose list it is, then who was erased and when, a line each: what `apply_list` reads."""
    rows = await kernel.pool.fetch("select subject, erased_at from erased_subjects order by erased_at, subject")
    lines = [f"{row['subject']} {row['erased_at'].isoformat()}" for row in rows]
    return "\n".join([f"{_HEAD}{kernel.service.name}", *lines, ""])


def with_those_before(before: str, listed: str) -> str:
    """A list with whom an older one names besides: a database that is new or restored does not know of them."""
    known = {line.partition(" ")[0] for line in listed.splitlines()}
    return listed + "".join(f"{line}\n" for line in before.splitlines() if line.partition(" ")[0] not in known)


def _line(number: int, line: str) -> tuple[str, datetime]:
    subject, _, at = line.partition(" ")
    try:
        return subject, datetime.fromisoformat(at)
    except ValueError:
        raise Misconfigured(f"line {number} is no subject with a time: “{line[:80]}”") from None


async def place_hold(kernel: Kernel, subject: str, reason: str) -> None:
    """From now on the subject is not erased; a further reason stands after the first, with its day.

    Raises Misconfigured for one that is erased, not this service's, or not there.
    """
    if not kernel.keys.is_own(subject):
        kinds = ", ".join(sorted(kernel.keys.own)) or "nothing"
        raise Misconfigured(f"{kernel.service.name} erases no “{subject}”; it has keys of {kinds}")
    if await kernel.pool.execute(_HOLD, subject, reason) == "INSERT 0 1":
        return
    if await kernel.keys.erased_at(subject):
        raise Misconfigured(f"{subject} is erased already")
    kind = subject.partition("-")[0]
    raise Misconfigured(
        f"{kernel.service.name} has no “{subject}”: nobody is held. It is named {kind}-<id>, with the whole id"
    )


async def end_hold(kernel: Kernel, subject: str) -> str | None:
    """Why it was held, each reason with its day; None if it was not."""
    ended: str | None = await kernel.pool.fetchval(_RELEASE, subject)
    return ended


async def retention_of(kernel: Kernel) -> list[tuple[str, str, str, str]]:
    """Subject, state, when and why, in the order of time."""
    rules = [rule.name for rule in kernel.service.timers if rule.erases]
    rows = await kernel.pool.fetch(_ROWS, rules)
    return [(row["subject"], row["state"], row["at"].isoformat(timespec="seconds"), row["why"]) for row in rows]
