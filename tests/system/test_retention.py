"""What the operator sees and does of erasures: what falls due, holds, and the list that outlives a backup."""

import json
from uuid import uuid4

import pytest

from services.applications.use_cases.submitted import HELD
from shared.ops.misconfigured import Misconfigured
from shared.runtime.kernel import Kernel
from shared.runtime.retention import apply_list, end_hold, list_of, place_hold, retention_of
from tests.applications.doors import applicant, publish, submitted
from tests.platform import PASSWORD, Candidate, Kit, until


async def closed(anna: Candidate) -> None:
    answer = await anna.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
    assert answer.status_code in (200, 204), answer.text


async def states(kernel: Kernel, subject: str) -> list[tuple[str, str]]:
    """How the subject stands, and why."""
    return [(state, why) for name, state, _, why in await retention_of(kernel) if name == subject]


async def erased_in(kernel: Kernel) -> int:
    return int(await kernel.pool.fetchval("select count(*) from erased_subjects"))


async def stands(kernel: Kernel, subject: str, *expected: tuple[str, str]) -> bool:
    return await states(kernel, subject) == list(expected)


async def test_who_is_held_is_erased_once_released_and_not_before(platform: Kit) -> None:
    anna, kernel = await applicant(platform), platform.service("identity").kernel
    subject = f"account-{anna.account_id}"
    await place_hold(kernel, subject, "A case before the tribunal")
    await place_hold(kernel, subject, "Case 7")
    today = f"{await kernel.now():%Y-%m-%d}"
    why = f"{today}: A case before the tribunal; {today}: Case 7"
    assert await states(kernel, subject) == [("held since", why)]
    await closed(anna)
    await until(lambda: stands(kernel, subject, ("held, erasure waits since", why)), "the wish to wait")
    await platform.settled()
    assert await kernel.keys.erased_at(subject) is None
    assert (await end_hold(kernel, subject), await end_hold(kernel, subject)) == (why, None)
    kernel.store.appended.fire()
    await until(lambda: stands(kernel, subject, ("erased", "")), "the person to be erased")
    with pytest.raises(Misconfigured, match="is erased already"):
        await place_hold(kernel, subject, "Too late")


async def test_what_was_submitted_is_listed_with_the_day_on_which_it_falls_due(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    sent = await submitted(anna, vacancy)
    await platform.settled()
    kernel = platform.service("applications").kernel
    assert await states(kernel, f"application-{sent['id']}") == [("falls due", "")]


async def test_what_is_held_outlives_its_time_and_hr_s_wish_and_goes_once_released(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, vacancy)
    await platform.settled()
    kernel, subject = platform.service("applications").kernel, f"application-{sent['id']}"
    await place_hold(kernel, subject, "Case 7")
    for _ in range(2):
        refused = await hr.api("DELETE", f"/applications/api/submitted/{sent['id']}/file")
        assert (refused.status_code, refused.json()["detail"]) == (409, HELD)
    submitted_at = {"submitted_at": "2020-01-01T12:00:00+00:00", "vacancy_id": str(uuid4())}
    over = "update timers set due = now(), data = data || $2 where key = $1 returning key"
    assert await kernel.pool.fetch(over, f"erase/{sent['id']}", json.dumps(submitted_at))
    timers = platform.service("applications").timers
    while await timers.fire_due():
        pass
    assert (await hr.api("GET", f"/applications/api/submitted/{sent['id']}")).status_code == 200
    assert await end_hold(kernel, subject)
    kernel.store.appended.fire()
    await until(lambda: stands(kernel, subject, ("erased", "")), "the file to be erased")
    assert (await hr.api("GET", f"/applications/api/submitted/{sent['id']}")).status_code == 410


async def test_a_service_holds_only_whom_it_could_erase(platform: Kit) -> None:
    with pytest.raises(Misconfigured, match="alerts erases no “account-1”; it has keys of nothing"):
        await place_hold(platform.service("alerts").kernel, "account-1", "A case")


async def test_a_mistyped_hold_is_refused_and_holds_nobody(platform: Kit) -> None:
    kernel = platform.service("identity").kernel
    with pytest.raises(Misconfigured, match=r"identity has no “account-nosuch”: .* named account-<id>"):
        await place_hold(kernel, "account-nosuch", "A case")
    assert await states(kernel, "account-nosuch") == []


async def test_a_list_erases_whom_it_names_and_the_store_says_so(platform: Kit) -> None:
    """As after a backup was restored in which they were still there."""
    anna, kernel = await applicant(platform), platform.service("identity").kernel
    subject = f"account-{anna.account_id}"
    since = "2026-11-23T12:00:00+00:00"
    assert await apply_list(kernel, f"{subject} {since}\n\n") == (1, 0)
    assert await apply_list(kernel, await list_of(kernel)) == (0, await erased_in(kernel))
    assert (await kernel.keys.erased_at(subject)).isoformat() == since  # type: ignore[union-attr]
    await platform.settled()
    answer = await platform.visitor().api(
        "POST", "/identity/api/login", json={"login": anna.email, "password": PASSWORD}
    )
    assert answer.status_code == 401
    profile = platform.service("profile").kernel
    await until(lambda: profile.keys.erased_at(subject), "profile to be told")


@pytest.mark.parametrize("line", ["account-1", "account-1 yesterday"])
async def test_a_list_that_cannot_be_read_erases_nobody(platform: Kit, line: str) -> None:
    kernel, other = platform.service("identity").kernel, f"account-{uuid4()}"
    with pytest.raises(Misconfigured, match="line 3 is no subject with a time"):
        await apply_list(kernel, f"# erased in identity\n{other} 2026-11-23T12:00:00+00:00\n{line}\n")
    assert await kernel.keys.erased_at(other) is None


async def test_a_list_of_another_service_erases_nobody(platform: Kit) -> None:
    anna, kernel = await applicant(platform), platform.service("identity").kernel
    subject = f"account-{anna.account_id}"
    with pytest.raises(Misconfigured, match="the list is of profile, not of identity"):
        await apply_list(kernel, f"# erased in profile\n{subject} 2026-11-23T12:00:00+00:00\n")
    old = f"{subject} 2026-11-23T12:00:00+00:00\nticket-1 2026-11-23T12:00:00+00:00\n"
    with pytest.raises(Misconfigured, match="does not say whose it is, and identity knows no ticket-1"):
        await apply_list(kernel, old)
    assert await kernel.keys.erased_at(subject) is None


async def test_a_store_that_never_held_who_is_erased_has_nothing_to_say(platform: Kit) -> None:
    for name, category in (("identity", "account"), ("applications", "application"), ("support", "ticket")):
        kernel, subject = platform.service(name).kernel, f"{category}-{uuid4()}"
        await apply_list(kernel, f"{subject} 2026-11-23T12:00:00+00:00", whose=name)
        assert await kernel.keys.erased_at(subject)
        assert (await kernel.store.load(subject)).streams[subject] == ()
