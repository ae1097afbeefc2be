"""Who has closed the account is gone from every table of every service, and from their keys."""

import re
from collections.abc import AsyncIterator, Sequence

import asyncpg

from tests.faults.oracle import WRONG, Finding
from tests.faults.people import Candidate
from tests.faults.reading import SERVICES
from tests.faults.site import Site

_TABLES = "select tablename from pg_tables where schemaname = 'public'"
_KEYS = "select subject from subject_keys where subject = any($1)"


async def remnants(site: Site, closed: Sequence[Candidate]) -> AsyncIterator[Finding]:
    """What is left of them where it rests, and who of them can still log in."""
    for who in closed:
        if not await who.is_shut_out():
            yield Finding(WRONG, "can log in with an account that is closed", who.who)
    for service in SERVICES if closed else ():
        async with site.connected(service) as connection:
            for subject in await connection.fetch(_KEYS, [f"account-{who.who}" for who in closed]):
                yield Finding(WRONG, f"{service} has the key of a closed account", subject["subject"])
            for table, person in await _named(connection, closed):
                yield Finding(WRONG, f"{table} of {service} names who has closed the account", person)


async def _named(connection: asyncpg.Connection, closed: Sequence[Candidate]) -> list[tuple[str, str]]:
    """By address or family name, which nobody else has, in any column; each table is read once."""
    words = {word.lower(): who.who for who in closed for word in (who.email, who.family_name)}
    pattern = f"({'|'.join(map(re.escape, words))})"
    found = set[tuple[str, str]]()
    for row in await connection.fetch(_TABLES):
        table = row["tablename"]
        word = "lower((regexp_match(t::text, $1, $2))[1])"
        sql = f'select distinct {word} as word from "{table}" as t where t::text ~* $1'  # noqa: S608
        found |= {(table, words[each["word"]]) for each in await connection.fetch(sql, pattern, "i")}
    return sorted(found)
