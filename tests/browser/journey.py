"""Anna's way through the site, said in French: each step does and sees what the guide promises."""

import re

from playwright.async_api import FilePayload, Locator, expect

from services.alerts.domain import FIELDS as SAVED_SEARCH
from services.applications.domain.questionnaire import fields_of
from services.applications.events.sections import SECTIONS
from services.identity.domain.registration import FIELDS as REGISTRATION
from services.profile.domain import SECTIONS as PROFILE
from services.support.domain.request import CANDIDATE_REQUEST
from services.vacancies.events import Question
from shared.vocabulary.fields import Field, Option
from shared.vocabulary.search import CRITERIA
from tests.browser.person import Person
from tests.platform import PASSWORD, Kit, Visitor, until
from tests.profile.values import COMPLETE
from tests.system.answers import ANSWERS, vacancy
from tests.system.answers import SECTIONS as ANSWERED
from tests.system.journey.preparing import pdf

CODE = Field("code", "Code from the e-mail", required=True)
LOGIN = Field("login", "User ID or e-mail address", required=True)
PASSWORD_FIELD = Field("password", "Password", required=True)
CONFIRM = Field(
    "confirmed", "I have read these recommendations", "choice", required=True, options=(Option("yes", "Confirm"),)
)
COPY = Option("copy_previous", "Copy a previous application")
START = Field("start", "How do you want to start?", "choice", required=True, options=(COPY,))
SAVED = "Vous avez enregistré votre candidature à l’emploi avec succès"
ONLY_ONE = (
    "You have already submitted an application for this job opening. Only one can be submitted for each job opening,"
    " even after it was withdrawn"
)
CONFIRMED = "Your address is confirmed. Your user ID is %(user_code)s: we have e-mailed it to you. Now log in"
APPLIED = "You applied on %(moment)s."
NONE_YET = "You have no application yet. Create a draft now: you can submit it for a job opening later."
FOR_GOOD = (
    "Withdraw only if you are no longer interested in this job opening: withdrawing does not allow you to submit"
    " another application for it."
)

TABS = ("Coordonnées", "Emploi à l’ONU", "Situation de famille", "Nationalité et résidence")
TAB = {
    "preferences": "Préférences",
    "education": "Etudes et expériences",
    "skills": "Compétences",
    "references": "Références",
    "letter": "Lettre de motivation & autres",
}


class Journey:
    """Anna's way through the site; each step ends where the next one begins."""

    def __init__(self, platform: Kit, anna: Person, name: str) -> None:
        """name: a word that no other journey has, in her address and in the number of the job opening."""
        self.platform, self.anna, self.email = platform, anna, f"anna.{name}@example.org"
        self.number, self.search = f"26-ENG-DESA-{name}-R-Geneva", f"Sanitation {name}"
        self.application = ""

    async def registers(self) -> None:
        anna = self.anna
        await anna.open("/")
        await anna.menu("Connexion")
        await anna.stands_on("Connexion")
        await anna.follow("Inscription immédiate")
        await anna.stands_on("Enregistrez-vous en qualité de candidat externe")
        await anna.reads("un.org", "Galaxy")
        form = {
            "link": "none", "title": "ms", "given_names": "Anna", "family_name": "Müller", "birth_date": "1990-11-23",
            "email": self.email, "language": anna.language, "password": PASSWORD,
        }  # fmt: skip
        await anna.fill("identity", (*REGISTRATION, PASSWORD_FIELD), form)
        await anna.press("Inscription")
        await anna.stands_on("Confirmez votre adresse email")
        mail = await self.platform.mail(self.email, "identity/mail/verify")
        code = re.search(r"\b\d{4} \d{4}\b", mail.text)
        assert code
        await anna.fill("identity", (CODE,), {"code": code[0]})
        await anna.press("Confirmer")

    async def logs_in(self) -> None:
        anna = self.anna
        await anna.stands_on("Connexion")
        told = anna.saying("identity", CONFIRMED).search(await anna.main.inner_text())
        assert told
        user_code = told[1].strip("\u2068\u2069")
        await anna.fill("identity", (LOGIN, PASSWORD_FIELD), {"login": user_code, "password": PASSWORD})
        await anna.press("Connexion")
        await anna.stands_on("Carrières")
        await anna.reads(anna.saying("careers", NONE_YET))

    async def completes_the_profile(self) -> None:
        anna = self.anna
        await anna.follow("Mon profil")
        await anna.reads("26% complet")
        await anna.follow("Coordonnées")
        for section, title in zip(PROFILE, TABS, strict=True):
            await anna.stands_on(title)
            values = COMPLETE[section.key] | ({"email": self.email} if section.key == "contact" else {})
            await anna.fill("profile", section.fields, values)
            last = section is PROFILE[-1]
            await anna.press("Enregistrer et revenir au profil" if last else "Enregistrer et continuer")
        await anna.stands_on("Mon profil")
        await anna.reads("100% complet")

    async def saves_an_alert(self) -> None:
        anna = self.anna
        await anna.menu("Rech. emplois")
        await anna.fill("vacancies", CRITERIA, {"keywords": self.search})
        await anna.press("Rechercher")
        await anna.reads("Aucune offre d’emploi ne répond à tous ces critères.")
        await anna.press("Enregistrer recherche")
        await anna.stands_on("Enregistrer recherche")
        await anna.fill(
            "alerts", SAVED_SEARCH, {"name": "Eau", "alert": "yes", "email": self.email, "rhythm": "at_once"}
        )
        await anna.press("Enregistrer")
        await anna.reads("Votre recherche a été enregistrée.", "Eau")

    async def prepares_a_draft(self) -> None:
        anna = self.anna
        await anna.menu("Carrières")
        await anna.follow("Créer un projet de candidature")
        await self._confirms("Créer un projet de candidature")
        await anna.reads("Pas encore disponible")
        await anna.follow("Préférences")
        for section in SECTIONS.values():
            if section.name in ANSWERED:
                await self._saves(section.name)
        await anna.follow("Complétez votre candidature")
        await anna.follow("Joindre des fichiers")
        diploma = FilePayload(name="AM_Diplome.pdf", mimeType="application/pdf", buffer=pdf())
        await anna.driver.attach(anna.labelled("Joindre un fichier"), diploma)
        await anna.press("Joindre")
        await anna.reads("Le fichier est joint", "AM_Diplome.pdf")
        await anna.follow("Fermer")
        await anna.stands_on("Carrières")
        await anna.reads("Brouillon", "Voir/Imprimer PHP")

    async def _confirms(self, title: str) -> None:
        anna = self.anna
        await anna.stands_on(title)
        await anna.reads("Recommandations")
        await anna.fill("applications", (CONFIRM,), {"confirmed": "yes"})
        await anna.press("Continuer")
        await anna.stands_on("Complétez votre candidature")

    async def _saves(self, name: str) -> None:
        anna = self.anna
        tabs = anna.page.get_by_role("navigation", name=anna.words("Onglets de la candidature"))
        tab = anna.words(TAB[name])
        await anna.driver.follow(tabs.get_by_role("link", name=re.compile(f"^{tab}")))
        await anna.stands_on(TAB[name])
        await anna.fill("applications", SECTIONS[name].fields, ANSWERED[name])
        await anna.press("Enregistrer")
        await anna.reads(SAVED)

    async def finds_the_vacancy_and_applies(self, title: str) -> None:
        anna = self.anna
        await self.platform.mail(self.email, "alerts/mail/")
        await self._finds(title)
        await anna.follow("Postuler")
        await anna.fill("applications", (START,), {"start": "copy_previous"})
        await self._confirms("Postuler maintenant")
        assert anna.page.url.startswith(f"{anna.address}/applications/")
        self.application = anna.page.url.rpartition("/")[2]
        await anna.follow("Questions présélection")
        questions = fields_of([Question.model_validate(each) for each in vacancy("", "")["questions"]], anna.language)
        await anna.fill("applications", questions, ANSWERS)
        await anna.press("Enregistrer")
        await anna.reads(SAVED)
        await self._saves("letter")
        await anna.follow("Complétez votre candidature")
        await anna.follow("Visualiser & Soumettre")
        await anna.stands_on("Visualiser & Soumettre")
        await anna.reads(title, "École nationale des ponts et chaussées", "AM_Diplome.pdf")

    async def _finds(self, title: str) -> None:
        anna = self.anna
        await anna.menu("Rech. emplois")
        await anna.fill("vacancies", CRITERIA, {"keywords": self.search})
        await anna.press("Rechercher")
        await anna.reads("1 offre d’emploi trouvée")
        await anna.follow(title)
        await anna.stands_on(title)

    async def submits(self) -> None:
        anna = self.anna
        await anna.press("Soumettre")
        await anna.stands_on("Conditions générales")
        await anna.driver.tick(anna.labelled("J’ai lu ces conditions et je les accepte"))
        await anna.press("Accepter et soumettre")
        await anna.stands_on("Votre candidature est soumise")
        await self.platform.mail(self.email, "applications/mail/submitted")
        await anna.follow("Aller à la page Carrières")
        await anna.stands_on("Carrières")
        await self._shows("Postulé")

    def _card(self) -> Locator:
        return self.anna.page.locator(f"#application-{self.application}")

    def _in_card(self, link: str) -> Locator:
        return self._card().get_by_role("link", name=self.anna.words(link))

    async def _shows(self, status: str) -> None:
        await expect(self._card()).to_contain_text(self.anna.words(status))

    async def keeps_a_copy(self) -> None:
        async with self.anna.page.expect_download() as downloading:
            await self.anna.driver.press(self._in_card("Voir/Imprimer PHP"))
        download = await downloading.value
        assert (await download.path()).read_bytes().startswith(b"%PDF")

    async def is_refused(self, title: str) -> None:
        anna = self.anna
        await self._finds(title)
        await anna.reads(anna.saying("vacancies", APPLIED))
        assert await anna.main.get_by_role("link", name=anna.words("Postuler"), exact=True).count() == 0
        vacancy = anna.page.url.rpartition("/")[2]
        await anna.follow("Voir votre candidature")
        await anna.reads("Ce que vous avez soumis")
        await anna.open(f"/applications/new?vacancy={vacancy}")
        await anna.stands_on("Postuler maintenant")
        await anna.reads(anna.saying("applications", ONLY_ONE))
        await anna.follow("Voir cette candidature")
        await anna.reads("Ce que vous avez soumis")

    async def cannot_edit(self) -> None:
        await self.anna.open(f"/applications/{self.application}/letter")
        await self.anna.reads("Ce que vous avez soumis")
        assert await self.anna.main.get_by_role("textbox").count() == 0

    async def is_considered(self, hr: Visitor) -> None:
        path = f"/applications/api/submitted/{self.application}/status"
        moved = await hr.api("POST", path, json={"status": "under_consideration"})
        assert moved.status_code == 200, moved.text
        anna = self.anna

        async def shown() -> bool:
            await anna.open("/careers")
            return str(anna.words("À l’étude")) in await self._card().inner_text()

        await until(shown, "“À l’étude” on the Careers page")
        steps = self._card().locator(".postulo-timeline li")
        await expect(steps).to_have_count(3)
        for step, status in zip(await steps.all(), ("Brouillon", "Postulé", "À l’étude"), strict=True):
            await expect(step).to_contain_text(anna.words(status))
            await expect(step).to_contain_text(re.compile(r"20\d\d"))

    async def withdraws(self) -> None:
        await self.anna.driver.follow(self._in_card("Retirer"))
        await self.anna.reads("Retirer cette candidature", self.anna.saying("applications", FOR_GOOD))
        await self.anna.press("Retirer")
        await self.anna.reads("Votre candidature est retirée")
        await self.anna.follow("Fermer")
        await self._shows("Retirée")

    async def asks_for_help(self) -> None:
        anna = self.anna
        await anna.menu("Contactez-nous")
        request = {
            "nature": "question", "about_opening": "yes", "job_opening_number": self.number, "subject": "PHP",
            "description": "Où trouver le PDF d’une candidature retirée ?",
        }  # fmt: skip
        await anna.fill("support", CANDIDATE_REQUEST, request)
        await anna.press("Envoyer")
        await anna.reads("Numéro de votre demande")
        number = await anna.page.locator("#ticket-number").inner_text()
        assert number in (await self.platform.mail(self.email, "support/mail")).text
