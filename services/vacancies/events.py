"""What happens to a job opening."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.model.message import Event, Message, Published, Recorded
from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS
from shared.vocabulary.search import LANGUAGES, Notice
from shared.vocabulary.words import without_tags

Source = Literal["inspira", "galaxy"]
Language = Literal["en", "fr"]
QuestionType = Literal["yes_no", "single", "multiple", "number", "date", "text", "criterion", "file"]

NEW_YORK = ZoneInfo("America/New_York")
"""The zone in which vacancies are posted and close (R45)."""


class DutyStation(Message):
    """Where one works: a code of shared.reference.DUTY_STATIONS, and its name as the notice gives it."""

    code: str
    description: str = ""


class Choice(Message):
    """One of the answers of a "single" or "multiple" question, with its text by language."""

    value: str
    text: dict[str, str]


class Question(Message):
    """A screening question (R18). `text` is by language; the notice's own language is always there."""

    id: str
    type: QuestionType
    text: dict[str, str]
    options: tuple[Choice, ...] = ()
    required: bool = True
    eliminatory: bool = False


class VacancyContent(Event):
    """All that a notice says. Codes are of shared.reference, `description` is cleaned HTML, `version` counts from 1.

    organisation: whose notice it is: that of the client which published it; "" for what staff publish or import.
    """

    job_opening_number: str
    source: Source = "inspira"
    language: Language
    title: str
    job_title: str = ""
    description: str
    network: str
    family: str
    category: str
    level: str
    duty_stations: tuple[DutyStation, ...]
    department: str
    recruitment_type: str = ""
    opens_at: datetime
    closes_at: datetime
    questions: tuple[Question, ...] = ()
    version: int = 1
    organisation: str = ""


class VacancyPublished(VacancyContent):
    """The notice can be found; if its source is "inspira", one can apply until `closes_at`."""


def publisher_of(event: Recorded[VacancyPublished]) -> str:
    """The organisation that published a notice, "" for none.

    Events from before there were organisations do not name one: then each client was one of its own name.
    """
    kind, _, client = event.actor.partition(":")
    return event.data.organisation or (client if kind == "machine" else "")


class VacancyAmended(VacancyContent):
    """The notice says something else from now on."""


class DeadlineExtended(Event):
    """The notice stays open longer."""

    closes_at: datetime


class VacancyClosed(Event):
    """The deadline has passed."""


class VacancyCancelled(Event):
    """There will be no recruitment for this notice; nobody can apply any more."""

    reason: str = ""


State = Literal["open", "closed", "cancelled"]
"""How a notice stands, as announced: past its deadline it may still be open here, for the clock decides (R45)."""

VacancyEvent = VacancyPublished | VacancyAmended | DeadlineExtended | VacancyClosed | VacancyCancelled


def notice_of(vacancy: VacancyContent) -> Notice:
    """What a search sees of a vacancy; the same for vacancy search and for job alerts."""
    facets: dict[str, set[str]] = {
        "networks": {vacancy.network},
        "families": {vacancy.family},
        "categories": {vacancy.category},
        "levels": {vacancy.level},
        "duty_stations": {station.code for station in vacancy.duty_stations},
        "departments": {vacancy.department},
        "languages": {vacancy.language},
    }
    body = without_tags(vacancy.description)
    texts = (vacancy.title, vacancy.job_title, vacancy.job_opening_number, *_what_a_list_shows(vacancy), body)
    return Notice(
        language=vacancy.language,
        posted=vacancy.opens_at.astimezone(NEW_YORK).date(),
        facets={name: frozenset(values - {""}) for name, values in facets.items()},
        passages=tuple(text for text in texts if text),
    )


def _what_a_list_shows(vacancy: VacancyContent) -> Iterator[str]:
    """A reader looks for what stands there in words of either language, too."""
    yield vacancy.level
    yield vacancy.department
    yield DEPARTMENTS.label(vacancy.department, vacancy.language)
    for station in vacancy.duty_stations:
        yield from dict.fromkeys(
            (station.description, *(DUTY_STATIONS.label(station.code, each) for each in LANGUAGES))
        )


PUBLISHED = Published(
    "vacancies",
    {"vacancy": (VacancyPublished, VacancyAmended, DeadlineExtended, VacancyClosed, VacancyCancelled)},
)
