"""What happens to a job opening."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeVar, cast
from uuid import UUID
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


class Translation(Message):
    """What the notice of a job opening says in one language; everything else is the same in all."""

    language: Language
    title: str
    job_title: str = ""
    description: str
    recruitment_type: str = ""


class VacancyContent(Event):
    """All that is said of a job opening. Codes are of shared.reference, `description` is cleaned HTML.

    language: that of the notice which came first. translations: what the notices in other languages say.
    version: counts from 1, and grows with everything but one more language.
    organisation: whose notice it is: that of the client which published it; "" for what staff publish or import.
    absorbed: the ids under which notices of it were vacancies of their own, before one opening was one vacancy.
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
    translations: tuple[Translation, ...] = ()
    absorbed: tuple[UUID, ...] = ()

    @property
    def notices(self) -> tuple[Translation, ...]:
        """What it says in each of its languages, that of the first notice before the others."""
        own = {name: getattr(self, name) for name in Translation.model_fields}
        return (Translation(**own), *self.translations)

    @property
    def titles(self) -> list[dict[str, str]]:
        """What it is called in its other languages, as documents hold it and `in_language` reads it."""
        return [{"language": each.language, "title": each.title} for each in self.translations]


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


class VacancyMerged(Event):
    """This is no vacancy of its own any more: it was another notice of the same job opening, found under `into`."""

    into: UUID


State = Literal["open", "closed", "cancelled"]
"""How a notice stands, as announced: past its deadline it may still be open here, for the clock decides (R45)."""

VacancyEvent = VacancyPublished | VacancyAmended | DeadlineExtended | VacancyClosed | VacancyCancelled | VacancyMerged

VACANCY_EVENTS: Final = (
    VacancyPublished, VacancyAmended, DeadlineExtended, VacancyClosed, VacancyCancelled, VacancyMerged,
)  # fmt: skip

D = TypeVar("D", bound=Mapping[str, Any])


def in_language(vacancy: D, language: str) -> D:
    """A document of a vacancy in the words of its notice in this language if there is one; `language` says which."""
    there = vacancy.get("translations", ())
    found: Mapping[str, Any] = next((each for each in there if each["language"] == language), {})
    return cast("D", {**vacancy, **{name: text for name, text in found.items() if name in vacancy}})


def agree(known: Sequence[Question], asked: Sequence[Question]) -> bool:
    """Whether both ask the same, as far as both have texts in one language."""
    return shapes(known) == shapes(asked) and all(map(_alike, known, asked))


def shapes(questions: Iterable[Question]) -> list[tuple[Any, ...]]:
    """What the questions are, but for their texts."""
    return [
        (each.id, each.type, each.required, each.eliminatory, *(choice.value for choice in each.options))
        for each in questions
    ]


def _alike(one: Question, other: Question) -> bool:
    texts = [(one.text, other.text), *((a.text, b.text) for a, b in zip(one.options, other.options, strict=True))]
    return all(known.get(language, text) == text for known, given in texts for language, text in given.items())


def notice_of(vacancy: VacancyContent) -> Notice:
    """What a search sees of a vacancy; the same for vacancy search and for job alerts."""
    facets: dict[str, set[str]] = {
        "networks": {vacancy.network},
        "families": {vacancy.family},
        "categories": {vacancy.category},
        "levels": {vacancy.level},
        "duty_stations": {station.code for station in vacancy.duty_stations},
        "departments": {vacancy.department},
        "languages": {notice.language for notice in vacancy.notices},
    }
    return Notice(
        posted=vacancy.opens_at.astimezone(NEW_YORK).date(),
        facets={name: frozenset(values - {""}) for name, values in facets.items()},
        passages={notice.language: tuple(_passages(vacancy, notice)) for notice in vacancy.notices},
    )


def _passages(vacancy: VacancyContent, notice: Translation) -> Iterator[str]:
    texts = (notice.title, notice.job_title, vacancy.job_opening_number, *_what_a_list_shows(vacancy, notice.language))
    yield from (text for text in (*texts, without_tags(notice.description)) if text)


def _what_a_list_shows(vacancy: VacancyContent, language: str) -> Iterator[str]:
    """A reader looks for what stands there in words of either language, too."""
    yield vacancy.level
    yield vacancy.department
    yield DEPARTMENTS.label(vacancy.department, language)
    for station in vacancy.duty_stations:
        yield from dict.fromkeys(
            (station.description, *(DUTY_STATIONS.label(station.code, each) for each in LANGUAGES))
        )


PUBLISHED = Published("vacancies", {"vacancy": VACANCY_EVENTS})
