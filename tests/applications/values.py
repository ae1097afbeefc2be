"""An application in which nothing is missing or wrong, and the facts around it."""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from PIL import Image
from pypdf import PdfWriter

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import SubmitApplication
from services.applications.domain.inputs import CandidateFacts, FileFacts, VacancyFacts
from services.applications.events import (
    ApplicationEvent,
    ApplicationSubmitted,
    DraftCreated,
    DraftSaved,
    ScreeningQuestionsLoaded,
    TermsAccepted,
    VacancyTargeted,
)
from services.vacancies.events import Choice, Question
from shared.model.testing import given

ANNA, BEN = UUID(int=1), UUID(int=2)
DRAFT, OTHER = UUID(int=0xA1), UUID(int=0xA2)
VACANCY_ID, OTHER_VACANCY = UUID(int=0xB1), UUID(int=0xB2)

YES_NO = Question(id="experience", type="yes_no", text={"en": "Five years?", "fr": "Cinq ans ?"}, eliminatory=True)
DEGREE = Question(
    id="degree",
    type="single",
    text={"en": "Your degree?"},
    options=(Choice(value="master", text={"en": "Master's"}), Choice(value="other", text={"en": "Another"})),
)

VACANCY = VacancyFacts(
    id=VACANCY_ID,
    job_opening_number="26-ECO-1",
    title="Economist",
    source="inspira",
    language="en",
    version=1,
    opens_at=datetime(2026, 11, 1, tzinfo=UTC),
    closes_at=datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC),
    state="open",
    questions=(YES_NO, DEGREE),
)

CANDIDATE = CandidateFacts(
    id=ANNA,
    language="fr",
    user_code="AMULLER1",
    title="ms",
    given_names="Anna",
    family_name="Müller",
    birth_date="1990-11-23",
    email="anna@example.org",
    percent=100,
    complete=True,
    profile={"contact": {"given_names": "Anna", "family_name": "Müller", "birth_country": "FR"}},
)

REFEREE = {
    "name": "Rosa Diop",
    "occupation": "Director",
    "organisation": "IRD",
    "relationship": "She supervised my work",
    "email": "rosa@example.org",
    "phone": "+33 1 23 45 67 89",
    "country": "SN",
    "not_related": "yes",
}

SECTIONS: dict[str, dict[str, Any]] = {
    "preferences": {
        "notice": "one_month",
        "earliest_start": "2027-02-01",
        "travel": "often",
        "field_ready": "yes",
        "appointments": ["fixed_term", "temporary"],
        "duty_stations": ["GENEVA"],
        "families": ["ECO"],
    },
    "education": {
        "diplomas": [
            {
                "title": "Diplôme d’ingénieur",
                "institution": "École des Mines",
                "country": "FR",
                "field_of_study": "Economics",
                "started_on": "2008-09-01",
                "ended_on": "2011-06-30",
                "obtained": "yes",
                "obtained_on": "2011-06-30",
                "level": "master",
            }
        ],
        "certificates": [],
        "jobs": [
            {
                "title": "Economist",
                "employer": "IRD",
                "country": "FR",
                "started_on": "2012-01-01",
                "current": "yes",
                "time": "full",
                "may_contact": "yes",
                "duties": "Analysed trade.",
                "achievements": "Wrote the yearly report.",
            }
        ],
    },
    "skills": {
        "mother_tongue": "fr",
        "languages": [
            {"language": "en", "read": "fluent", "write": "fluent", "speak": "confident", "understand": "fluent"}
        ],
        "it_skills": "Python",
    },
    "references": {"referees": [REFEREE, {**REFEREE, "name": "Li Wei"}, {**REFEREE, "name": "Ivan Petrov"}]},
    "letter": {
        "letter": "Madam, Sir,\nI apply.",
        "convicted": "no",
        "dismissed": "no",
        "may_verify": "yes",
        "truthful": "yes",
    },
}
ANSWERS = {"experience": "yes", "degree": "master"}

CREATED = DraftCreated(candidate_id=ANNA)
TARGETED = VacancyTargeted(
    candidate_id=ANNA, vacancy_id=VACANCY_ID, job_opening_number="26-ECO-1", title="Economist", vacancy_version=1,
    language="en",
)  # fmt: skip
LOADED = ScreeningQuestionsLoaded(
    candidate_id=ANNA, vacancy_id=VACANCY_ID, vacancy_version=1, questions=(YES_NO, DEGREE)
)


def saved(section: str, values: dict[str, Any] | None = None, **more: Any) -> DraftSaved:
    chosen = SECTIONS[section] if values is None else values
    return DraftSaved(candidate_id=ANNA, section=section, values=chosen, **more)


ANSWERED = saved("screening", ANSWERS)
READY: tuple[ApplicationEvent, ...] = (CREATED, TARGETED, LOADED, ANSWERED, *(saved(name) for name in SECTIONS))
"""Everything that a submission needs."""

REVISION = len(READY)


def submit(**changes: Any) -> SubmitApplication:
    known = {
        "candidate_id": ANNA,
        "application_id": DRAFT,
        "seen": REVISION,
        "terms_accepted": True,
        "vacancy": VACANCY,
        "candidate": CANDIDATE,
    }
    return SubmitApplication(**{**known, **changes})


def submitted() -> tuple[ApplicationEvent, ...]:
    """The same application, submitted."""
    return (*READY, *given(APPLICATION, *READY).when(submit()).happened(TermsAccepted, ApplicationSubmitted))


def file(number: int = 1, **changes: Any) -> FileFacts:
    known = {
        "id": UUID(int=0xF00 + number),
        "name": f"AM_Diploma_{number}.pdf",
        "size": 12_345,
        "sha256": "ab" * 32,
        "content_type": "application/pdf",
    }
    return FileFacts(**{**known, **changes})


def pdf(pages: int = 1) -> bytes:
    written, writer = io.BytesIO(), PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.write(written)
    return written.getvalue()


def picture(kind: str, size: tuple[int, int] = (4, 4)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size).save(written, kind)
    return written.getvalue()
