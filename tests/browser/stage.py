"""A house with something on every page: vacancies, somebody new, somebody with a history, and staff."""

import os
import re
from dataclasses import dataclass
from typing import Any

from services.applications.events import Diploma
from services.vacancies.api.commands import import_records
from services.vacancies.domain import samples
from tests.applications.degrees import education
from tests.applications.doors import API, applicant, draft, fill, publish, submitted
from tests.applications.values import SECTIONS, pdf
from tests.house import Candidate, Kit
from tests.support.samples import ENQUIRY, PROBLEM, picture
from tests.support.test_doors import opened, sent
from tests.system.answers import ANSWERS, vacancy

LONG = "Spécialiste hors classe des questions humanitaires et de la coordination interinstitutions des secours"


@dataclass(frozen=True)
class Stage:
    """Who and what there is; paths by the name of their screen."""

    fresh: Candidate
    anna: Candidate
    agent: Candidate
    curator: Candidate
    visitors: dict[str, str]
    newcomers: dict[str, str]
    members: dict[str, str]
    agents: dict[str, str]
    curators: dict[str, str]

    @property
    def readers(self) -> tuple[tuple[Candidate | None, dict[str, str]], ...]:
        """Everybody with the pages that they read."""
        return (
            (None, self.visitors), (self.fresh, self.newcomers), (self.anna, self.members), (self.agent, self.agents),
            (self.curator, self.curators),
        )  # fmt: skip


async def set_up(house: Kit) -> Stage:
    await import_records([*samples.records()], lambda _: None)(house.service("vacancies").kernel)
    fresh = await house.candidate(language="fr")
    anna = await applicant(house, language="fr")
    agent, curator = await house.staff("support", language="fr"), await house.staff("hr", language="fr")
    members = await _searches(anna) | await _tickets(house, anna) | await _applications(house, anna)
    agents = await _desk(house, members)
    await _reports(anna)
    await house.settled()
    visitors = VISITORS | {"vacancy": members["vacancy-open"]} | await _help(house)
    return Stage(fresh, anna, agent, curator, visitors, NEWCOMERS, MEMBERS | members, agents, CURATORS)


VISITORS = {
    "home": "/",
    "login": "/identity/login",
    "register": "/identity/register",
    "verify": "/identity/verify?registration=0191d2d4-0000-7000-8000-000000000001",
    "forgotten": "/identity/forgotten",
    "forgotten-password": "/identity/forgotten/password",
    "forgotten-user-code": "/identity/forgotten/user-code",
    "reset": "/identity/reset?token=x",
    "help": "/help",
    "search": "/vacancies",
    "search-nothing": "/vacancies?keywords=xylophone",
    "search-facets": "/vacancies?keywords=economic&families=ECO&posted_since=2099-01-41",
    "contact-visitor": "/support",
    "not-found": "/vacancies/nothing",
}
NEWCOMERS = {
    "careers-empty": "/careers",
    "profile-empty": "/profile",
    "profile-contact-problems": "/profile/contact?check=1",
    "searches-empty": "/alerts",
    "tickets-empty": "/support/tickets",
    "apply-first": "/applications/new",
}
MEMBERS = {
    "careers": "/careers",
    "profile": "/profile",
    "profile-contact": "/profile/contact",
    "profile-un-employment": "/profile/un-employment",
    "profile-family": "/profile/family",
    "profile-nationality": "/profile/nationality",
    "searches": "/alerts",
    "search-save": "/alerts/new?keywords=eau&families=ECO",
    "account": "/identity/account",
    "account-password": "/identity/account/password",
    "account-email": "/identity/account/email",
    "account-close": "/identity/account/close",
    "account-data": "/identity/account/data",
    "contact": "/support",
    "tickets": "/support/tickets",
}
CURATORS = {
    "equivalence-reports": "/applications/equivalences",
    "equivalence-catalogue": "/applications/equivalences/entries",
    "equivalence-nothing": "/applications/equivalences/entries?words=xylophone",
    "equivalence-entry": "/applications/equivalences/entries/fr-insa-lyon-ingenieur",
    "equivalence-new": "/applications/equivalences/entries/new?country=FR&title=Brevet",
}


async def _help(house: Kit) -> dict[str, str]:
    index = await house.visitor().get("/help")
    return {f"help-{name}": f"/help/{name}" for name in re.findall(r'href="/help/([a-z-]+)"', index.text)}


async def _searches(anna: Candidate) -> dict[str, str]:
    wishes: tuple[dict[str, Any], ...] = (
        {"name": "Économie à Genève", "criteria": {"families": ["ECO"]}, "alert": True, "rhythm": "weekly"},
        {"name": "Tout", "criteria": {}, "alert": False},
    )
    saved = [await anna.api("POST", "/alerts/api/searches", json=wish) for wish in wishes]
    path = f"/alerts/{saved[-1].json()['id']}"
    return {"saved-search": path, "saved-search-delete": f"{path}/delete"}


async def _tickets(house: Kit, anna: Candidate) -> dict[str, str]:
    await house.settled()
    ticket = await opened(anna, PROBLEM, screenshots=sent(picture()))
    declined = await opened(anna, ENQUIRY)
    agent = await house.machine("support")
    body = {"text": "Videz le cache du navigateur, puis réessayez.\n\nCordialement", "close": False}
    answer = await agent.api("POST", f"/support/api/desk/{ticket['id']}/answers", json=body)
    assert answer.status_code < 300, answer.text
    return {
        "ticket": f"/support/tickets/{ticket['id']}",
        "ticket-declined": f"/support/tickets/{declined['id']}",
        "ticket-opened": f"/support/opened/{ticket['id']}",
    }


async def _desk(house: Kit, members: dict[str, str]) -> dict[str, str]:
    """The desk with whoever asks there: also from the right to the left, and without an account."""
    visitor = {**PROBLEM, "has_user_code": "no", "user_code": "", "email": "layla@example.org"}
    asked = {"full_name": "ليلى بنت عبد الرحمن", "subject": "لا أستطيع تحميل سيرتي", "description": "تظهر صفحة بيضاء."}
    ticket = await opened(house.visitor(), {**visitor, **asked}, screenshots=sent(picture()))
    desks = {f"desk-{name}": members[name].replace("/tickets/", "/desk/") for name in ("ticket", "ticket-declined")}
    return {
        "desk": "/support/desk",
        "desk-closed": "/support/desk?state=closed",
        "desk-visitor": f"/support/desk/{ticket['id']}",
        **desks,
    }


async def _reports(anna: Candidate) -> None:
    """Anna reports the level of a diploma that the catalogue knows, and of one that it does not know."""
    for title, school in (("Diplôme d’ingénieur", "INSA de Lyon"), ("Brevet d’études supérieures", "École navale")):
        diploma = Diploma(title=title, institution=school, country="FR")
        application = await draft(anna)
        saved = {"values": education(diploma)}
        await anna.api("PUT", f"{API}/{application}/sections/education", json=saved)
        body = {"level": "master", "explanation": "Cinq ans après le baccalauréat, grade de master reconnu par l’État."}
        told = await anna.api("POST", f"{API}/{application}/diplomas/{diploma.id}/report", json=body)
        assert told.status_code == 201, told.text


async def _applications(house: Kit, anna: Candidate) -> dict[str, str]:
    first, second = await publish(house), await publish(house, title=LONG)
    notice = vacancy(f"26-ENG-DESA-{os.getpid()}-R-Geneva", first["closes_on"])
    engineer = await publish(house, **notice)
    blank = await draft(anna)
    await anna.api("PUT", f"{API}/{blank}/sections/letter", json={"values": {"letter": "Bientôt."}})
    ready = await draft(anna, engineer, start="start_blank")
    await fill(anna, ready, {**SECTIONS, "screening": ANSWERS})
    file = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}
    await anna.api("POST", f"{API}/{ready}/attachments", files=file)
    applied = await submitted(anna, second)
    hr = await house.machine("hr")
    await hr.api("POST", f"/applications/api/submitted/{applied['id']}/status", json={"status": "under_consideration"})
    withdrawn = await submitted(anna, first)
    await anna.api("POST", f"{API}/{withdrawn['id']}/withdrawal")
    path = f"/applications/{ready}"
    sections = {f"section-{name}": f"{path}/{name}" for name in ("screening", *SECTIONS)}
    return sections | {
        "vacancy-open": f"/vacancies/{engineer['id']}",
        "apply": f"/applications/new?vacancy={engineer['id']}",
        "apply-taken": f"/applications/new?vacancy={second['id']}",
        "hub-blank": f"/applications/{blank}",
        "hub": path,
        "section-letter-problems": f"/applications/{blank}/letter?check=1",
        "section-references-problems": f"/applications/{blank}/references?check=1",
        "section-screening-empty": f"/applications/{blank}/screening",
        "attachments": f"{path}/attachments",
        "choose-vacancy": f"{path}/vacancy",
        "discard": f"{path}/discard",
        "review": f"{path}/review",
        "review-problems": f"/applications/{blank}/review",
        "terms": f"{path}/terms?seen=1",
        "confirmation": f"/applications/{applied['id']}/confirmation",
        "submitted": f"/applications/{applied['id']}",
        "withdraw": f"/applications/{applied['id']}/withdraw",
    }
