"""What an operator's commands print: whole ids, a sentence for what is wrong, and what was done."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from shared.model.message import new_id
from tests.applications.doors import applicant
from tests.platform import Kit, commanded_here

PARK = """insert into parked (handler, stream, version, id, source, type, schema_version, data, correlation, actor,
    trace, at, transaction, position, error, attempts)
    values ('view:nobody', $1, $2, $3, 'support', 'Nothing', 1, '{}', $3, '', '', now(), '1', 1, $4, $5)"""


async def park(platform: Kit, stream: str) -> None:
    """One that failed and one behind it, of a handler that is not there to take them."""
    pool = platform.service("careers").kernel.pool
    for version, (error, attempts) in enumerate([("ValueError: odd", 6), ("", 0)], 1):
        await pool.execute(PARK, stream, version, new_id(), error, attempts)


async def test_what_is_parked_is_listed_with_whole_ids_and_tried_again_by_them(platform: Kit) -> None:
    stream = f"application-{uuid4()}"
    await park(platform, stream)
    try:
        listed = await commanded_here(platform, "parked", "careers")
        assert listed == (0, f"{stream} view:nobody: 2 events, tried 6 times: ValueError: odd\n")
        said = await commanded_here(platform, "unpark", "careers", stream)
        assert said == (0, "2 events of 1 stream are tried again\n")
    finally:
        await platform.service("careers").kernel.pool.execute("delete from parked where stream = $1", stream)
    assert await commanded_here(platform, "unpark", "careers", stream) == (1, "nothing is parked there\n")
    assert await commanded_here(platform, "parked", "careers") == (0, "nothing is parked\n")


async def test_holds_are_shown_with_the_ids_that_release_takes(platform: Kit) -> None:
    anna = await applicant(platform)
    subject = f"account-{anna.account_id}"
    assert (await commanded_here(platform, "hold", "identity", subject, "--reason", "Case 7"))[0] == 0
    when = (await platform.service("identity").kernel.now()).date().isoformat()
    lines = (await commanded_here(platform, "retention", "identity"))[1].splitlines()
    (line,) = [line for line in lines if line.startswith(subject)]
    assert line.startswith(f"{subject} held since {when}T")
    assert line.endswith(f", for: {when}: Case 7")
    released = await commanded_here(platform, "release", "identity", subject)
    assert released == (0, f"{subject} is released, which was held for: {when}: Case 7\n")
    assert await commanded_here(platform, "release", "identity", subject) == (0, f"{subject} was not held\n")


async def test_a_list_is_applied_and_counted_and_a_missing_one_is_told_in_a_line(platform: Kit, tmp_path: Path) -> None:
    anna = await applicant(platform)
    file = tmp_path / "identity"
    missing = f"{file} cannot be read: No such file or directory\n"
    assert await commanded_here(platform, "erased", "identity", "--apply", str(file)) == (1, missing)
    assert await commanded_here(platform, "restored", str(tmp_path)) == (1, missing)
    file.write_text(f"# erased in identity\naccount-{anna.account_id} 2026-11-23T12:00:00+00:00\n")
    for done in ("1 erased now, 0 were already\n", "0 erased now, 1 was already\n"):
        assert await commanded_here(platform, "erased", "identity", "--apply", str(file)) == (0, done)
    assert (await commanded_here(platform, "erased", "identity"))[1].startswith("# erased in identity\naccount-")


async def test_the_database_of_a_service_that_runs_is_not_adopted(platform: Kit) -> None:
    status, said = await commanded_here(platform, "adopt", "support")
    assert status == 1
    assert re.fullmatch(r"other connections to the database \S+_support are open: \d+; stop the service first\n", said)


async def test_what_was_handled_and_is_in_no_store_is_counted_and_forgotten(platform: Kit) -> None:
    gone, pool = new_id(), platform.service("careers").kernel.pool
    await pool.executemany("insert into handled values ($1, $2)", [("view:nobody", gone), ("view:somebody", gone)])
    for count in ("1 event", "0 events"):
        said = await commanded_here(platform, "reconcile", "careers")
        assert said == (0, f"careers: {count} that it had handled, in no store any more\n")


async def test_what_there_is_nothing_to_do_for_is_said(platform: Kit) -> None:
    assert await commanded_here(platform, "migrate", "support") == (0, "support: nothing to apply\n")


async def test_a_view_that_is_not_there_is_refused_with_those_that_are(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    status, said = await commanded_here(platform, "rebuild", "alerts", "nosuch")
    views = ", ".join(each.name for each in platform.service("alerts").kernel.service.projections)
    assert status == 2
    assert f"alerts has no view “nosuch”; there are {views}" in said
