"""V2, validation and business logic: whatever is too long is refused for its length, at every door."""

import re
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Final

import pytest

from services.site import NAMES
from tests.containers import ROOT
from tests.platform import Kit
from tests.security.hostile import (
    PIECES,
    Attack,
    calls_of,
    forms_of,
    header_attacks,
    hostile,
    json_attacks,
    query_attacks,
    shapes,
)
from tests.security.patterns import NEVER_FOREIGN, THROUGH, Used, used_patterns
from tests.system.access import ACCESS
from tests.system.stage import Stage, staged

SIZE: Final = 500_000
"""Bytes: half of what one field of a form may have, which `make bench` sends."""

LONG: Final = 200_000
"""Characters of which a pattern that grows with their square would not be done with within the time a test has."""

SOME: Final = ("blanks", "commas", "semicolons")
"""Kinds for headers and addresses, which are read in few ways."""

PAGES: Final = ("/identity/login", *(f"/{name}/livez" for name in NAMES))


@pytest.fixture(scope="module")
async def stage(platform: Kit) -> Stage:
    return await staged(platform)


async def withstood(platform: Kit, attacks: Iterable[Attack]) -> dict[str, int]:
    """Sends them one after the other; how many there were of each status. What went wrong fails the test.

    Nobody waits for what was guessed or asked for before: that is tested elsewhere.
    """
    pool, statuses, wrong = platform.service("identity").kernel.pool, dict[str, int](), []
    for attack in attacks:
        await pool.execute("delete from attempts")
        for limited in ("identity", "support"):
            await platform.service(limited).kernel.pool.execute("delete from limits")
        answer = await attack.send()
        status = str(answer.status_code)
        statuses[status] = statuses.get(status, 0) + 1
        echoed = (
            answer.headers.get("content-type", "").startswith("application/problem+json")
            and len(answer.content) > 30_000
        )
        if answer.status_code >= 500 or echoed:
            wrong.append(f"{attack.operation} {attack.what}: {status}, {len(answer.content)} bytes {answer.text[:200]}")
    assert wrong == []
    visitor = platform.visitor()
    assert {path: (await visitor.get(path)).status_code for path in PAGES} == dict.fromkeys(PAGES, 200)
    return statuses


async def test_hostile_text_in_every_field_of_every_form_is_answered(platform: Kit, stage: Stage) -> None:
    """Every field is as long as fields may be, with a kind of text that is another one for the next form."""
    forms, kinds = await forms_of(stage), cycle(PIECES)
    posts = {operation for operation in ACCESS if operation.startswith("POST ") and "/api/" not in operation}
    assert {form.operation for form in forms} == posts
    statuses = await withstood(platform, (attack for form in forms for attack in form.attacks(next(kinds), SIZE)))
    assert statuses.keys() <= {"204", "303", "403", "404", "409", "413", "422"}
    assert statuses["422"] > len(posts)


async def test_hostile_text_and_shapes_in_every_place_of_every_body_are_answered(platform: Kit, stage: Stage) -> None:
    calls, kinds = await calls_of(platform, stage), cycle(PIECES)
    bodies = {operation for operation in ACCESS if operation.startswith(("POST ", "PUT ")) and "/api/" in operation}
    assert {operation for operation, *_ in calls} <= bodies
    large, attacks = cycle(shapes(2 * SIZE).items()), list[Attack]()
    for call in calls:
        texts = {kind: hostile(kind, SIZE // 2) for kind in islice(kinds, 2)}
        attacks += json_attacks(stage, call, {**texts, **dict(islice(large, 1))})
    statuses = await withstood(platform, attacks)
    assert statuses.keys() <= {"200", "202", "204", "400", "401", "403", "404", "409", "413", "422", "429"}
    assert statuses["422"] > len(attacks) / 2


async def test_every_header_is_refused_unread_or_read_within_its_bound(platform: Kit, stage: Stage) -> None:
    statuses = await withstood(platform, header_attacks(stage, SOME))
    assert statuses["431"] >= sum(statuses.values()) / 3
    assert statuses.keys() <= {"200", "400", "401", "403", "404", "415", "422", "431"}


async def test_every_address_is_refused_unread_or_read_within_its_bound(platform: Kit, stage: Stage) -> None:
    statuses = await withstood(platform, query_attacks(stage, SOME[:1]))
    gets = sum(operation.startswith("GET ") for operation in ACCESS)
    assert statuses["414"] >= 4 * gets
    assert statuses["200"] > gets / 2


PATTERNS: Final = used_patterns()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("used", PATTERNS, ids=[used.name for used in PATTERNS])
def test_a_pattern_takes_no_more_time_than_its_text_is_long(used: Used) -> None:
    """Texts of the signs that the pattern is made of, after whatever it may begin with: a slow one never ends."""
    signs = {*PIECES.values(), *re.findall(r"[^\W_]|[^\w\\]", used.pattern), "-eyJ", "1", "A", "“", "«"}
    for piece in sorted(signs):
        for before in ("", ">", "password "):
            used.use(before + piece * (LONG // len(piece)))


def test_the_reasons_for_leaving_patterns_out_are_of_files_that_there_are() -> None:
    assert all((ROOT / path).is_file() and reason for path, reason in NEVER_FOREIGN.items())
    assert THROUGH.keys() <= {used.name for used in PATTERNS}
