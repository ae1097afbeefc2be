"""What an operator sees and does of erasures: the list of who was erased, holds, and what falls due."""

from datetime import datetime
from typing import Final

from shared.ops.misconfigured import Misconfigured
from shared.runtime.kernel import Kernel

_HOLD: Final = """insert into holds (subject, reason) values ($1, $2)
    on conflict (subject) do update set reason = excluded.reason"""
_ROWS: Final = """
    select subject, 'erased' as state, erased_at as at, '' as why from erased_subjects
    union all select subject, case when h.subject is null then 'to be erased' else 'held' end, wanted_at,
        coalesce(h.reason, '') from erasures left join holds as h using (subject)
    union all select h.subject, 'held', placed_at, reason from holds as h
        where not exists (select from erasures as e where e.subject = h.subject)
    union all select coalesce(data->>'subject', key), 'falls due', due, '' from timers where rule = any($1)
    order by at, subject"""


async def apply_list(kernel: Kernel, text: str) -> None:
    """Erases those of a list of lines with a subject and since when. Raises Misconfigured, with nothing done."""
    found = dict(_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    await kernel.erase(found, told=False)


async def list_of(kernel: Kernel) -> str:
    """Who was erased and when, a line each: what `apply_list` reads."""
    rows = await kernel.pool.fetch("select subject, erased_at from erased_subjects order by erased_at, subject")
    return "".join(f"{row['subject']} {row['erased_at'].isoformat()}\n" for row in rows)


def _line(number: int, line: str) -> tuple[str, datetime]:
    subject, _, at = line.strip().partition(" ")
    try:
        return subject, datetime.fromisoformat(at)
    except ValueError:
        raise Misconfigured(f"line {number} is no subject with a time: “{line.strip()[:80]}”") from None


async def place_hold(kernel: Kernel, subject: str, reason: str) -> None:
    """From now on the subject is not erased. Raises Misconfigured for one that is erased or not this service's."""
    if not kernel.keys.is_own(subject):
        kinds = ", ".join(sorted(kernel.keys.own)) or "nothing"
        raise Misconfigured(f"{kernel.service.name} erases no “{subject}”; it has keys of {kinds}")
    if await kernel.keys.erased_at(subject):
        raise Misconfigured(f"{subject} is erased already")
    await kernel.pool.execute(_HOLD, subject, reason)


async def end_hold(kernel: Kernel, subject: str) -> bool:
    """Whether there was one."""
    return await kernel.pool.execute("delete from holds where subject = $1", subject) == "DELETE 1"


async def retention_of(kernel: Kernel) -> list[tuple[str, str, str, str]]:
    """Subject, state, when and why, in the order of time."""
    rules = [rule.name for rule in kernel.service.timers if rule.erases]
    rows = await kernel.pool.fetch(_ROWS, rules)
    return [(row["subject"], row["state"], row["at"].isoformat(timespec="seconds"), row["why"]) for row in rows]
