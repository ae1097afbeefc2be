"""Chapter four: what becomes of the application, and of a vacancy that is cancelled."""

from typing import Any

from tests.system.answers import vacancy
from tests.system.journey.applying import VACANCIES, closing, second_submission_is_refused
from tests.system.journey.traveller import APPLICATIONS, SECOND_LOOK, Traveller, expect, until


async def hr_considers_it(anna: Traveller) -> None:
    """HR extends the deadline and moves her to under consideration, in bulk and twice; Careers shows the timeline"""
    hr, path = await anna.machine("hr"), f"{VACANCIES}/{anna.vacancy['id']}/deadline"
    extended = await anna.call("PUT", path, by=hr, json={"closes_on": closing(40)})
    anna.say(f"   extended to {extended['closes_at']}")
    change = {"application_id": anna.application, "status": "under_consideration", "reason": "On the long list."}
    key = {"idempotency-key": anna.number}
    answers = [
        await anna.call("POST", "/applications/api/statuses", by=hr, headers=key, json={"changes": [change]})
        for _ in range(2)
    ]
    expect(answers[0] == answers[1], "the same key was answered twice in different ways")
    anna.say(f"   HR: {answers[0]['results'][0]['outcome']}, and the same once more")
    await anna.careers_soon("On the long list.")
    await anna.careers("Postulé", "À l’étude")


async def hr_reads_it(anna: Traveller) -> None:
    """HR reads the submitted application: its frozen snapshot and its files, with the address of today (R40)"""
    hr, path = await anna.machine("hr"), f"/applications/api/submitted/{anna.application}"
    read = await anna.call("GET", path, by=hr)
    anna.say(f"   reference {read['reference']}, snapshot of {', '.join(read['snapshot'])}")
    php = await anna.call("GET", f"{path}/php", by=hr)
    expect(php == await anna.call("GET", f"/applications/{anna.application}/php"), "two PDFs of one application")


async def withdraws(anna: Traveller) -> None:
    """The candidate withdraws (R43); a new submission for the vacancy is still refused (R44)"""
    await anna.call("POST", f"{APPLICATIONS}/{anna.application}/withdrawal")
    await anna.careers("Retirée")
    await second_submission_is_refused(anna)


async def a_vacancy_is_cancelled(anna: Traveller) -> None:
    """Another vacancy is cancelled: the draft for it keeps its text and loses its target"""
    hr, number = await anna.machine("hr"), f"{anna.number}-B"
    other = await anna.call("POST", VACANCIES, 201, by=hr, json=vacancy(number, closing(20)))
    wish = {"confirmed": True, "start": "copy_previous", "source_application_id": anna.earlier}

    async def drafted() -> Any:
        answer = await anna.anna.post(APPLICATIONS, json={**wish, "vacancy_id": other["id"]})
        return answer.json()["id"] if answer.status_code == 201 else None

    draft = await until(drafted, "the other vacancy in applications")
    await anna.call("PUT", f"{VACANCIES}/{other['id']}/cancellation", by=hr, json={"reason": "No budget."})

    async def lost() -> bool:
        return (await anna.call("GET", f"{APPLICATIONS}/{draft}"))["vacancy"] is None

    # A draft that was made just before is found by the second look, a minute later.
    await until(lost, "the draft without its vacancy", SECOND_LOOK)
    kept = (await anna.call("GET", f"{APPLICATIONS}/{draft}"))["sections"]["letter"]["values"]["letter"]
    anna.say(f"   the letter is still there: {len(kept)} signs")
    await anna.careers_soon(number)
    await anna.call("DELETE", f"{APPLICATIONS}/{draft}", 204)


STEPS = (hr_considers_it, hr_reads_it, withdraws, a_vacancy_is_cancelled)
