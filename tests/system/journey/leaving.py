"""Chapter five: Anna asks for help, and leaves."""

from base64 import b64encode
from typing import Any

from tests.support.samples import picture
from tests.system.journey.preparing import pdf
from tests.system.journey.traveller import Traveller, expect

TICKETS = "/support/api/tickets"


def screenshot(content: bytes, name: str = "erreur.png") -> list[dict[str, str]]:
    return [{"name": name, "content": b64encode(content).decode()}]


async def asks_for_help(anna: Traveller) -> None:
    """She opens a support ticket and sees its number; a password or a CV in it is refused (R63-R67)"""
    ticket: dict[str, Any] = {
        "full_name": "Anna Müller", "email": anna.email, "nature": "problem", "about_opening": "yes",
        "job_opening_number": anna.number, "subject": "PHP", "description": "Une page blanche apparaît.",
        "steps": "Carrières, puis Voir/Imprimer PHP", "screenshots": screenshot(picture()),
    }  # fmt: skip
    told = {**ticket, "description": f"mot de passe : {anna.password}"}
    await anna.refused("R65", "POST", TICKETS, json=told)
    await anna.refused("R66", "POST", TICKETS, json={**ticket, "screenshots": screenshot(pdf(), "cv.pdf")})
    await anna.refused("R67", "POST", TICKETS, json={**ticket, "screenshots": []})
    opened = await anna.call("POST", TICKETS, 201, json=ticket)
    anna.say(f"   R64 ticket {opened['number']}")
    await anna.mail(opened["number"])
    agent = await anna.machine("support")
    answer = {"text": "Videz le cache du navigateur, puis réessayez.", "close": False}
    await anna.call("POST", f"/support/api/desk/{opened['id']}/answers", 201, by=agent, json=answer)
    await anna.mail("Videz le cache")
    await anna.careers_soon(opened["number"])


async def is_told_what_support_does_not_do(anna: Traveller) -> None:
    """A question about a submitted application gets a number and the standard answer, and is closed (R68)"""
    enquiry = {
        "full_name": "Anna Müller", "email": anna.email, "nature": "submitted", "about_opening": "no",
        "subject": "Ma candidature", "description": "Où en est-elle ?",
    }  # fmt: skip
    opened = await anna.call("POST", TICKETS, 201, json=enquiry)
    expect(opened["status"] == "declined", f"the ticket is {opened['status']}")
    anna.say(f"   {opened['number']}: {opened['answer'].splitlines()[0]}")


async def leaves(anna: Traveller) -> None:
    """She looks at her sessions and closes her account; its password opens nothing any more"""
    sessions = await anna.call("GET", "/identity/api/account/sessions")
    anna.say(f"   {len(sessions)} session, in {sessions[0]['browser']}")
    await anna.call("POST", "/identity/api/account/closure", 204, json={"current_password": anna.password})
    login = {"login": anna.user_code, "password": anna.password}
    await anna.refused("closed", "POST", "/identity/api/login", 401, json=login)
    await anna.mail("compte")
    mails = await anna.mails(anna.email)
    expect(not any("GALAXY" in mail["subject"] + mail["text"] for mail in mails), "an alert told of Galaxy (R51)")
    anna.say(f"   {len(mails)} mails in all, none of them about Galaxy")


STEPS = (asks_for_help, is_told_what_support_does_not_do, leaves)
