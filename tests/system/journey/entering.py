"""Chapter one: Anna comes in, gets back in, and keeps her profile."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.profile.values import COMPLETE
from tests.system.journey.traveller import PASSWORD, Traveller, expect, until

NEW_PASSWORD: Final = "nine patient otters upstream"


async def registers(anna: Traveller) -> None:
    """A visitor registers as an external candidate, verifies the address, logs in (R2, R8, R9)"""
    form = {
        "link": "none", "title": "ms", "given_names": "Anna", "family_name": "Müller", "birth_date": "1990-11-23",
        "email": anna.email, "language": "fr", "password": PASSWORD,
    }  # fmt: skip
    path = "/identity/api/registrations"
    await anna.refused("R2", "POST", path, json={**form, "link": "permanent"})
    expect("birth_date" in await anna.refused("R9", "POST", path, json={**form, "birth_date": "1990-02-30"}), "R9")
    account = (await anna.call("POST", path, 202, json=form))["account_id"]
    code = re.search(r"\b\d{4} \d{4}\b", (await anna.mail("code"))["text"])
    expect(code, "the mail holds no code")
    verified = await anna.call("POST", f"{path}/{account}/verification", json={"code": code[0] if code else ""})
    anna.user_code = verified["user_code"]
    await _log_in(anna)


async def _log_in(anna: Traveller) -> None:
    login = {"login": anna.user_code, "password": anna.password}
    session = await anna.call("POST", "/identity/api/login", json=login)
    anna.say(f"   logged in as {session['name']}, user code {session['user_code']}")


async def gets_back_in(anna: Traveller) -> None:
    """She has forgotten her user code, then her password; nobody learns who has an account (R4)"""
    await anna.call("POST", "/identity/api/logout", 204)
    for email in (f"nobody.{anna.number.lower()}@example.org", anna.email):
        await anna.call("POST", "/identity/api/reminders/user-code", 202, json={"email": email})
    expect(anna.user_code in (await anna.mail(anna.user_code))["text"], "the mail does not tell the user code")
    await anna.call("POST", "/identity/api/reminders/password", 202, json={"login": anna.email})
    link = re.search(r"\S+/identity/reset\S+", (await anna.mail("/identity/reset"))["text"])
    token = parse_qs(urlsplit(link[0]).query)["token"][0] if link else ""
    reset = {"token": token, "password": NEW_PASSWORD}
    await anna.call("POST", "/identity/api/passwords", 204, json=reset)
    await anna.refused("link used twice", "POST", "/identity/api/passwords", json=reset)
    anna.password = NEW_PASSWORD
    await _log_in(anna)


async def completes_the_profile(anna: Traveller) -> None:
    """Fills the four profile sections; completeness goes to 100 %, and never before (R11-R14, R23)"""

    async def opened() -> bool:
        return (await anna.anna.get("/profile/api/completeness")).status_code == 200

    await until(opened, "the profile")
    wrong: dict[str, Any] = {"residence_country": "Atlantis"}
    saved = await anna.call("PUT", "/profile/api/nationality", json={"values": wrong})
    anna.say(f"   R12 saved, and to be corrected: {saved['problems'][0]['message']}")
    for number, section in enumerate(COMPLETE, 1):
        values = {**COMPLETE[section], **({"email": anna.email} if section == "contact" else {})}
        saved = await anna.call("PUT", f"/profile/api/{section.replace('_', '-')}", json={"values": values})
        anna.say(f"   {section}: {saved['percent']} %")
        expect((saved["percent"] == 100) == (number == len(COMPLETE)), f"{saved['percent']} % after {section}")
    await anna.careers("100")


async def saves_searches(anna: Traveller) -> None:
    """Saves a search as a job alert, and five at most (R46-R50)"""
    path = "/alerts/api/searches"
    search = {"name": "Eau", "criteria": {"keywords": anna.number}, "alert": True, "rhythm": "at_once"}
    await anna.refused("R48", "POST", path, json={**search, "email": "not an address"})
    await anna.call("POST", path, 201, json=search)
    plain = [
        await anna.call("POST", path, 201, json={"name": name, "criteria": {}, "alert": False})
        for name in ("Un", "Deux", "Trois", "Quatre")
    ]
    await anna.refused("R50", "POST", path, 409, json={"name": "Six", "criteria": {}, "alert": False})
    for each in plain:
        await anna.call("DELETE", f"{path}/{each['id']}", 204)
    [kept] = await anna.call("GET", path)
    anna.say(f"   R49: « {kept['name']} » until {kept['expires_at'][:10]}")
    await anna.careers("Eau")


STEPS = (registers, gets_back_in, completes_the_profile, saves_searches)
