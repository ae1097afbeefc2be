"""Chapter three: a vacancy comes, and Anna applies for it, once."""

from datetime import UTC, datetime, timedelta
from typing import Final

from tests.system.answers import ANSWERS, SECTIONS, vacancy
from tests.system.journey.traveller import APPLICATIONS, Traveller, expect, until

VACANCIES: Final = "/vacancies/api/vacancies"


def closing(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def hr_publishes_a_vacancy(anna: Traveller) -> None:
    """An HR system publishes a vacancy with screening questions; the candidate gets the alert mail for it (R45, R47)"""
    hr = await anna.machine("hr")
    anna.vacancy = await anna.call("POST", VACANCIES, 201, by=hr, json=vacancy(anna.number, closing(30)))
    anna.say(f"   {anna.vacancy['title']}, until {anna.vacancy['closes_at']}")
    await anna.mail(anna.number)


async def galaxy_is_for_information(anna: Traveller) -> None:
    """A notice of Galaxy is listed, cannot be applied for, and no alert tells of it (R7, R31, R51)"""
    hr, number = await anna.machine("hr"), f"{anna.number}-GALAXY"
    notice = {name: value for name, value in vacancy(number, closing(30)).items() if name != "questions"}
    listed = await anna.call("POST", "/vacancies/api/galaxy-notices", 201, by=hr, json=notice)

    async def known() -> bool:
        return bool((await anna.anna.get(f"/vacancies/{listed['id']}")).status_code == 200)

    await until(known, "the notice")
    wish = {"confirmed": True, "start": "start_blank", "vacancy_id": listed["id"]}

    async def refusal() -> str:
        answer = await anna.anna.post(APPLICATIONS, json=wish)
        expect(answer.status_code in (404, 409, 422), f"Galaxy: {answer.status_code} {answer.text}")
        return "" if answer.status_code == 404 else str(answer.json()["errors"][0]["message"])

    anna.say(f"   R31 refused: {await until(refusal, 'the refusal of Galaxy')}")


async def applies(anna: Traveller) -> None:
    """Finds it in search, applies from the earlier draft, answers, reviews, submits (R32-R39, R41, R52, R53)"""

    async def is_found() -> bool:
        found = await anna.call("GET", VACANCIES, params={"keywords": anna.number})
        return anna.vacancy["id"] in [each["id"] for each in found["vacancies"]]

    await until(is_found, "the vacancy in the search")

    async def can_apply() -> bool:
        page = await anna.anna.get("/applications/new", params={"vacancy": anna.vacancy["id"]})
        return page.status_code == 200 and anna.number in page.text

    await until(can_apply, "the vacancy in applications")
    wish = {"start": "copy_previous", "source_application_id": anna.earlier, "vacancy_id": anna.vacancy["id"]}
    anna.application = await anna.new_draft(**wish)
    anna.say(f"   R36 still to do: {', '.join(each['field'] for each in await anna.blockers(anna.application))}")
    await anna.save(anna.application, "screening", ANSWERS)
    await anna.save(anna.application, "letter", SECTIONS["letter"])
    expect(not await anna.blockers(anna.application), f"in the way: {await anna.blockers(anna.application)}")
    await anna.submit(anna.application)
    await anna.careers("Postulé", anna.number)
    await anna.mail("candidature")


async def is_refused_a_second_time(anna: Traveller) -> None:
    """A second submission for the same vacancy is refused (R42); so is an edit of the submitted application (R40)"""
    await second_submission_is_refused(anna)
    path = f"{APPLICATIONS}/{anna.application}/sections/letter"
    await anna.refused("R40", "PUT", path, 409, json={"values": {"letter": "Another one"}})


async def second_submission_is_refused(anna: Traveller) -> None:
    wish = {"confirmed": True, "start": "copy_previous", "source_application_id": anna.application}
    answer = await anna.anna.post(APPLICATIONS, json={**wish, "vacancy_id": anna.vacancy["id"]})
    if answer.status_code == 201:
        refusal = await anna.submit(answer.json()["id"], 409)
    else:
        expect(answer.status_code == 409, f"a second application was answered with {answer.status_code}")
        refusal = answer.json()
    anna.say(f"   R42 refused: {refusal['errors'][0]['message']}")


STEPS = (hr_publishes_a_vacancy, galaxy_is_for_information, applies, is_refused_a_second_time)
