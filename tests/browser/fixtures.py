"""A platform with something on every page: vacancies, somebody new, somebody with a history, three names, and staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from services.alerts.domain import MAILING, SEARCH
from services.alerts.events import MailKind, MailLinkMade, MailSwitched, SearchExpired
from services.applications.events import Diploma
from services.vacancies.api.commands import import_records
from services.vacancies.domain import samples
from shared.store.appending import ANY, Write
from tests.alerts.test_confirming import link_of
from tests.applications.degrees import education
from tests.applications.doors import API, applicant, draft, fill, kept, submitted
from tests.applications.values import DEGREE, SECTIONS, YES_NO, pdf
from tests.browser.page_states import PageState, Who
from tests.identity.people import reset_link
from tests.platform import PASSWORD, Candidate, Kit, Visitor
from tests.profile.values import COMPLETE, CV
from tests.support.samples import ENQUIRY, PROBLEM, QUESTION, picture
from tests.support.test_doors import opened, sent
from tests.system.answers import ANSWERS, vacancy
from tests.vacancies.doors import body, day

LONG: Final = "Spécialiste hors classe des questions humanitaires et de la coordination interinstitutions des secours"
NAMES: Final[Mapping[Who, tuple[str, str]]] = {
    "arabic": ("محمد عبد الرحمن", "الخطيب"),
    "chinese": ("小明", "欧阳"),
    "long": (
        "Marie-Antoinette Françoise Philippine Maximilienne Anne-Sophie Éléonore Wilhelmine",
        "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren",
    ),
}
OFFICE: Final = "bureau@example.org"
WRONG: Final[Mapping[str, Mapping[str, Any]]] = {
    "preferences": {"notice": "never", "earliest_start": "31 2 2027", "duty_stations": ["ATLANTIS"]},
    "education": {
        "diplomas": [{"title": "Maîtrise de lettres", "country": "Atlantis", "started_on": "31 2 1990"}],
        "jobs": [{"title": "Clerk", "started_on": "2012-01-01", "ended_on": "soon"}],
    },
    "skills": {"mother_tongue": "Klingon", "languages": [{"language": "xx", "read": "fluent"}]},
    "references": {"referees": [{"name": "Rosa Diop", "email": "rosa", "phone": "12"}]},
    "letter": {"letter": "Bientôt.", "convicted": "yes"},
}
"""A draft in which something is wrong or missing in every section."""


@dataclass(frozen=True)
class Fixtures:
    """Who there is, and the ids of what there is, by the gaps of the page_states' addresses."""

    people: Mapping[Who, Visitor]
    gaps: Mapping[str, str]

    def path(self, page_state: PageState) -> str:
        return page_state.path.format_map(self.gaps)


async def set_up(platform: Kit, addresses: Mapping[str, str]) -> Fixtures:
    """`addresses`: of the applications that the page_states are seen in."""
    await import_records([*samples.records()], lambda _: None)(platform.service("vacancies").kernel)
    anna = await applicant(platform, language="fr")
    await keeps_a_cv(anna)
    people: dict[Who, Visitor] = {"newcomer": await platform.candidate(language="fr"), "member": anna}
    gaps = {"nobody": str(uuid4()), "proven": str(anna.account_id), **addresses}
    gaps |= await _searches(platform, anna) | await _tickets(platform, anna) | await _vacancies(platform)
    gaps |= await _openings(platform, anna, gaps)
    gaps |= await _drafts(platform, anna, gaps) | await _sent(platform, anna, gaps)
    agent = await platform.staff("support", language="fr")
    people |= {
        "agent": agent,
        "curator": await platform.staff("curator", language="fr"),
        "halfway": await _halfway(platform, agent),
    }
    gaps["factor"] = (await agent.api("GET", "/identity/api/account/second-factors")).json()["factors"][0]["factor_id"]
    gaps["reset"] = await reset_link(platform)
    await _reports(anna)
    for who, (given, family) in NAMES.items():
        people[who] = named = await platform.candidate(language="fr", given_names=given, family_name=family)
        gaps[who] = await _introduced(named)
    await platform.settled()
    return Fixtures(people, gaps)


async def keeps_a_cv(anna: Candidate) -> None:
    for section, values in CV.items():
        saved = await anna.api("PUT", f"/profile/api/{section}", json={"values": values})
        assert saved.status_code == 200, saved.text


async def _halfway(platform: Kit, agent: Candidate) -> Visitor:
    """A browser in which the agent has given the password and is asked for the second factor."""
    visitor = platform.visitor("fr")
    body = {"login": agent.email, "password": PASSWORD}
    assert (await visitor.api("POST", "/identity/api/login", json=body)).status_code == 202
    return visitor


async def _introduced(named: Candidate) -> str:
    """Their name in the profile, and a draft of theirs."""
    values = {**COMPLETE["contact"], "given_names": named.given_names, "family_name": named.family_name}
    values |= {"birth_place": named.family_name, "permanent_street": named.given_names}
    saved = await named.api("PUT", "/profile/api/contact", json={"values": values})
    assert saved.status_code == 200, saved.text
    application = await draft(named)
    letter = "\n\n".join([f"{named.given_names} {named.family_name}"] * 3)
    await fill(named, application, {"letter": {**SECTIONS["letter"], "letter": letter}})
    return application


async def _searches(platform: Kit, anna: Candidate) -> dict[str, str]:
    wishes: Mapping[str, dict[str, Any]] = {
        "alert": {"name": LONG[:60], "criteria": {"families": ["ECO"]}, "alert": True, "rhythm": "weekly"},
        "unwanted": {"name": "Tout", "criteria": {}, "alert": True, "rhythm": "weekly"},
        "expired": {"name": "Économie à Genève", "criteria": {"keywords": "eau"}, "alert": True, "rhythm": "daily"},
        "plain": {"name": "Eau", "criteria": {"keywords": "eau"}, "alert": False},
        "awaiting": {"name": "Rome", "criteria": {"duty_stations": ["ROME"]}, "alert": True, "email": OFFICE},
    }
    saved = {name: await anna.api("POST", "/alerts/api/searches", json=wish) for name, wish in wishes.items()}
    ids: dict[str, str] = {name: answer.json()["id"] for name, answer in saved.items()}
    kernel = platform.service("alerts").kernel
    over = SearchExpired(candidate_id=anna.account_id)
    await kernel.store.append([Write(SEARCH.stream(ids["expired"]), ANY, [over])])
    token = (await kernel.state(SEARCH, UUID(ids["unwanted"]))).token
    question = link_of(await platform.mail(OFFICE, "alerts/mail/confirm")).rpartition("/")[2]
    return {**ids, "token": token, "question": question}


async def _tickets(platform: Kit, anna: Candidate) -> dict[str, str]:
    await platform.settled()
    asked = await opened(anna, PROBLEM, screenshots=sent(picture()))
    declined, closed = await opened(anna, ENQUIRY), await opened(anna, {**QUESTION, "subject": LONG})
    agent = await platform.machine("support")
    text = "Videz le cache du navigateur, puis réessayez.\n\nCordialement"
    for ticket, close in ((asked, False), (closed, True)):
        answer = {"text": text, "close": close}
        answered = await agent.api("POST", f"/support/api/desk/{ticket['id']}/answers", json=answer)
        assert answered.status_code < 300, answered.text
    ids = {"ticket": asked["id"], "declined": declined["id"], "closed": closed["id"]}
    return {**ids, "stranger": await _stranger(platform)}


async def _stranger(platform: Kit) -> str:
    """A ticket of somebody without an account, written from the right to the left."""
    asked = {"full_name": "ليلى بنت عبد الرحمن", "subject": "لا أستطيع تحميل سيرتي", "description": "تظهر صفحة بيضاء."}
    visitor = {**PROBLEM, "has_user_code": "no", "user_code": "", "email": "layla@example.org", **asked}
    ticket = await opened(platform.visitor(), visitor, screenshots=sent(picture()))
    return str(ticket["id"])


async def _reports(anna: Candidate) -> None:
    """Anna reports the level of a diploma that the catalogue knows, and of one that it does not know."""
    for title, school in (("Diplôme d’ingénieur", "INSA de Lyon"), ("Brevet d’études supérieures", "École navale")):
        diploma = Diploma(title=title, institution=school, country="FR")
        application = await draft(anna)
        await fill(anna, application, {"education": education(diploma)})
        body = {"level": "master", "explanation": "Cinq ans après le baccalauréat, grade de master reconnu par l’État."}
        told = await anna.api("POST", f"{API}/{application}/diplomas/{diploma.id}/report", json=body)
        assert told.status_code == 201, told.text


async def _vacancies(platform: Kit) -> dict[str, str]:
    """One of each kind, and two that are applied for below."""
    questions = [question.model_dump(mode="json") for question in (YES_NO, DEGREE)]
    notices = {
        "open": body(**vacancy(f"26-ENG-DESA-{uuid4().hex[:6]}-R-Geneva", day(30))),
        "taken": body(title=LONG, questions=questions),
        "given_up": body(title=LONG, questions=questions),
        "cancelled": body(),
        "lengthy": body(title=f"{LONG} / {'Donaudampfschifffahrtsgesellschaft' * 2}", language="fr", questions=[]),
        "galaxy": body(questions=[]),
    }
    hr, ids = await platform.machine("hr"), {}
    for name, notice in notices.items():
        door = "galaxy-notices" if name == "galaxy" else "vacancies"
        answer = await hr.api("POST", f"/vacancies/api/{door}", json=notice)
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json()["id"]
    await platform.settled()
    return ids


async def _openings(platform: Kit, anna: Candidate, gaps: Mapping[str, str]) -> dict[str, str]:
    """Saved: one that is open, one that is applied for and one that is cancelled, all below; and a link of mails."""
    for name in ("open", "taken", "cancelled", "lengthy", "galaxy"):
        saved = await anna.api("PUT", f"/alerts/api/openings/{gaps[name]}")
        assert saved.status_code == 204, saved.text
    link = MailLinkMade(candidate_id=anna.account_id, token="secret")
    off = MailSwitched(candidate_id=anna.account_id, kind=MailKind.OPENING_CHANGES, on=False)
    store = platform.service("alerts").kernel.store
    await store.append([Write(MAILING.stream(anna.account_id), ANY, [link, off])])
    return {"member": str(anna.account_id), "mails_token": link.token}


async def _drafts(platform: Kit, anna: Candidate, gaps: Mapping[str, str]) -> dict[str, str]:
    ready = await draft(anna, {"id": gaps["open"]})
    await fill(anna, ready, {**SECTIONS, "screening": ANSWERS})
    file = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}
    await anna.api("POST", f"{API}/{ready}/attachments", files=file)
    await kept(anna, "AM_Certificat_de_langue.pdf", "certificate")
    await kept(anna, "AM_Lettre_de_recommandation_du_directeur_general_adjoint.pdf", "reference")
    (diploma,) = (await anna.api("GET", f"{API}/{ready}/diplomas")).json()
    wrong = await draft(anna, {"id": gaps["open"]})
    await fill(anna, wrong, dict(WRONG))
    stranded = await draft(anna, {"id": gaps["cancelled"]})
    hr = await platform.machine("hr")
    await hr.api("PUT", f"/vacancies/api/vacancies/{gaps['cancelled']}/cancellation", json={"reason": "No funds."})
    copied = await draft(anna, {"id": gaps["open"]}, start="copy_previous", source_application_id=ready)
    blank = await draft(anna)
    return {
        "draft": ready, "diploma": diploma["id"], "wrong": wrong, "stranded": stranded, "copied": copied,
        "blank": blank,
    }  # fmt: skip


async def _sent(platform: Kit, anna: Candidate, gaps: Mapping[str, str]) -> dict[str, str]:
    applied = await submitted(anna, {"id": gaps["taken"]})
    need = {"need": "Un interprète en langue des signes (LSF), et les questions par écrit.", "steps": ["interview"]}
    assert (await anna.api("PUT", f"{API}/{applied['id']}/accommodation", json=need)).status_code == 204
    hr = await platform.machine("hr")
    path = f"/applications/api/submitted/{applied['id']}/status"
    moved = await hr.api("POST", path, json={"status": "under_consideration"})
    assert moved.status_code == 200, moved.text
    withdrawn = await submitted(anna, {"id": gaps["given_up"]})
    await anna.api("POST", f"{API}/{withdrawn['id']}/withdrawal")
    return {"applied": applied["id"], "withdrawn": withdrawn["id"]}
