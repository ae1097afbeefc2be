"""What the JSON door takes and gives, as its OpenAPI document describes it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.vacancies.api.cleaning import clean
from services.vacancies.events import Language, Question, QuestionType, Source, State, Translation

DAY = "A day in New York; the notice closes at its end, 23:59:59 there."

VacancyId = Annotated[UUID, Path(description="As publishing answered it, in `id` and in the header Location.")]

EXAMPLE: dict[str, Any] = {
    "job_opening_number": "ECO-DESA-241877-R-NEWYORK (X)",
    "language": "en",
    "title": "Economic Affairs Officer (Trade Policy)",
    "job_title": "Economic Affairs Officer",
    "description": "<h3>Responsibilities</h3><p>Analyses economic data and drafts reports.</p>",
    "family": "ECO",
    "level": "P-3",
    "duty_stations": [{"code": "NEWYORK"}],
    "department": "DESA",
    "recruitment_type": "Fixed-term",
    "closes_on": "2027-03-14",
    "translations": [
        {
            "language": "fr",
            "title": "Spécialiste des affaires économiques (politique commerciale)",
            "job_title": "Spécialiste des affaires économiques",
            "description": "<h3>Fonctions</h3><p>Analyse des données économiques et rédige des rapports.</p>",
            "recruitment_type": "Durée déterminée",
        }
    ],
    "questions": [
        {
            "id": "experience",
            "type": "yes_no",
            "text": {"en": "Have you worked for five years in this field?"},
            "eliminatory": True,
        },
        {
            "id": "degree",
            "type": "single",
            "text": {"en": "What is your highest degree?"},
            "options": [
                {"value": "master", "text": {"en": "Master's degree"}},
                {"value": "other", "text": {"en": "Another one"}},
            ],
        },
    ],
}
VACANCY_ID = "6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911"
CONTENT_EXAMPLE = {k: v for k, v in EXAMPLE.items() if k not in ("job_opening_number", "language", "closes_on")}
GALAXY_EXAMPLE = {k: v for k, v in EXAMPLE.items() if k != "questions"}
SUMMARY_EXAMPLE: dict[str, Any] = {
    "id": VACANCY_ID,
    "status": "open",
    "job_opening_number": EXAMPLE["job_opening_number"],
    "source": "inspira",
    "language": "en",
    "title": EXAMPLE["title"],
    "level": "P-3",
    "category": "PD",
    "department": "DESA",
    "duty_stations": [{"code": "NEWYORK", "description": "New York"}],
    "opens_at": "2027-02-01T05:00:00Z",
    "closes_at": "2027-03-15T03:59:59Z",
    "translations": [{"language": "fr", "title": "Spécialiste des affaires économiques (politique commerciale)"}],
}
VACANCY_EXAMPLE: dict[str, Any] = {
    **SUMMARY_EXAMPLE,
    "job_title": EXAMPLE["job_title"],
    "description": EXAMPLE["description"],
    "network": "DEVNET",
    "family": "ECO",
    "recruitment_type": "Fixed-term",
    "questions": [{**question, "options": question.get("options", []), "required": True,
                   "eliminatory": question.get("eliminatory", False)} for question in EXAMPLE["questions"]],
    "version": 1,
    "extended": False,
    "reason": "",
    "translations": EXAMPLE["translations"],
}  # fmt: skip
RESULTS_EXAMPLE: dict[str, Any] = {
    "total": 1,
    "page": 1,
    "size": 20,
    "next": "2027-02-01T05:00:00Z~6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911",
    "vacancies": [SUMMARY_EXAMPLE],
    "facets": {"levels": {"P-3": 1, "P-4": 2}, "duty_stations": {"NEWYORK": 1}},
}


class Body(BaseModel):
    """Unknown fields are refused, so that a misspelt one does not get lost."""

    model_config = ConfigDict(extra="forbid")


Line = Annotated[str, Field(max_length=1_000)]
Words = Annotated[
    dict[Annotated[str, Field(max_length=10)], Annotated[str, Field(max_length=10_000)]], Field(max_length=20)
]
"""What is longer is not even looked at; what a notice may hold, `domain.content` says, and it is less."""


class StationBody(Body):
    """A duty station: its code and, if it shall read otherwise than in our list, its name."""

    code: Line
    description: Line = ""


class ChoiceBody(Body):
    """One of the answers to choose from; the text by language."""

    value: Line
    text: Words


class QuestionBody(Body):
    """A screening question; the text by language, the notice's own at least. "single" and "multiple" need options."""

    id: Line
    type: QuestionType
    text: Words
    options: list[ChoiceBody] = Field([], max_length=200)
    required: bool = True
    eliminatory: bool = False


class TranslationBody(Body):
    """What the notice says in a further language; everything else is the same in all."""

    language: Language
    title: Line
    job_title: Line = ""
    description: str = Field(max_length=200_000, description="HTML; what a notice does not need is taken out.")
    recruitment_type: Line = ""


class ContentBody(Body):
    """What a notice says. Codes come from the lists of job networks, families, categories, levels and so on."""

    title: Line
    job_title: Line = ""
    description: str = Field(max_length=200_000, description="HTML; what a notice does not need is taken out.")
    network: Line = Field("", description="Follows from the family if it is left out.")
    family: Line
    category: Line = Field("", description="Follows from the level if it is left out.")
    level: Line
    duty_stations: list[StationBody] = Field(max_length=100)
    department: Line
    recruitment_type: Line = ""
    questions: list[QuestionBody] = Field([], max_length=100)
    translations: list[TranslationBody] = Field([], max_length=10, description="What it says in further languages.")

    def content(self) -> dict[str, Any]:
        """The fields of a command, the HTML cleaned."""
        values = self.model_dump()
        for notice in (values, *values["translations"]):
            notice["description"] = clean(notice["description"])
        return values


class AmendmentBody(ContentBody):
    """Everything that the notice says from now on; number and days stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTENT_EXAMPLE]})

    language: Language | None = Field(None, description="Of these words; that of the first notice if it is left out.")


class NoticeBody(ContentBody):
    """A notice to be published. Its number, any text, names the vacancy; its languages are notices of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    job_opening_number: Line
    language: Language
    opens_on: date | None = Field(None, description="A day in New York; today if it is left out.")
    closes_on: date = Field(description=DAY)


class GalaxyBody(NoticeBody):
    """A notice of Galaxy, listed for information: it has no questions and cannot be applied to here."""

    model_config = ConfigDict(json_schema_extra={"examples": [GALAXY_EXAMPLE]})


class DeadlineBody(Body):
    """A later closing day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"closes_on": "2027-04-14"}]})

    closes_on: date = Field(description=DAY)


class CancellationBody(Body):
    """Why there will be no recruitment; candidates read it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The post has been filled by a transfer."}]})

    reason: str = Field("", max_length=1000)


class Station(BaseModel):
    """A duty station: its code, and its name in the notice's language."""

    code: str
    description: str


class Title(BaseModel):
    """A notice in another language, as a list shows it."""

    language: Language
    title: str


class VacancySummary(BaseModel):
    """A vacancy as a list shows it. Times are UTC; `closes_at` is the end of a day in New York."""

    id: UUID = Field(description="Of the job opening, in whatever languages there are notices of it.")
    status: State = Field(description="It closes by itself at `closes_at`.")
    job_opening_number: str
    source: Source = Field(description='"galaxy": listed for information; nobody can apply to it here.')
    language: Language
    title: str
    level: str
    category: str
    department: str
    duty_stations: list[Station]
    opens_at: datetime
    closes_at: datetime
    translations: list[Title] = Field([], description="The notices in other languages than `language`.")


class Vacancy(VacancySummary):
    """A vacancy in full. `version` grows with every amendment but a further language; questions belong to a version."""

    model_config = ConfigDict(json_schema_extra={"examples": [VACANCY_EXAMPLE]})

    job_title: str
    description: str
    network: str
    family: str
    recruitment_type: str
    questions: list[Question]
    version: int
    extended: bool = Field(default=False, description="Whether the deadline was extended.")
    reason: str = Field("", description="Why it was cancelled.")
    translations: list[Translation] = Field([], description="What it says in other languages.")  # type: ignore[assignment]


class Results(BaseModel):
    """One page of a search, the number of all results, and by facet how many vacancies each value would show."""

    model_config = ConfigDict(json_schema_extra={"examples": [RESULTS_EXAMPLE]})

    total: int
    page: int
    size: int
    next: str = Field(description="Ask with this as `after` for the following page; empty on the last one.")
    vacancies: list[VacancySummary]
    facets: dict[str, dict[str, int]]


class Similar(BaseModel):
    """Open vacancies that are like another one: of its job family and level, or with its title's words."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"vacancies": RESULTS_EXAMPLE["vacancies"], "elsewhere": {"NAIROBI": 3}}]}
    )

    vacancies: list[VacancySummary] = Field(description="Five at most, the most alike first.")
    elsewhere: dict[str, int] = Field(
        description="By other duty stations, how many are open of the same family and level; ten at most."
    )


class Code(BaseModel):
    """One value of a list, with its names. `parent`: a family's network, a level's category."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "ECO", "en": "Economic affairs", "fr": "Affaires économiques",
                                         "parent": "DEVNET"}]}
    )  # fmt: skip

    code: str
    en: str
    fr: str
    parent: str = ""
