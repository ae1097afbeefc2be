"""What happens to a job opening."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.model.message import Event, Message, Published, Recorded
from shared.vocabulary.official import Official
from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS
from shared.vocabulary.search import LANGUAGES, Notice
from shared.vocabulary.words import without_tags

Source = Literal["inspira", "galaxy"]
Language = Official
QuestionType = Literal["yes_no", "single", "multiple", "number", "date", "text", "criterion", "file"]

NEW_YORK = ZoneInfo("America/New_York")
"""The zone in which vacancies are posted and close (R45)."""


class DutyStation(Message):
    """Where one works: a code of shared.reference.DUTY_STATIONS, and its name as the notice gives it."""

    code: str
    """A code of the list of duty stations."""
    description: str = ""
    """The place as the notice names it; empty if it names none."""


class Choice(Message):
    """One of the answers of a "single" or "multiple" question, with its text by language."""

    value: str
    """What an answer holds when this one is chosen."""
    text: dict[str, str]
    """What it says, by language (`ar`, `en`, `es`, `fr`, `ru`, `zh`)."""


class Question(Message):
    """A screening question (R18). `text` is by language; the notice's own language is always there."""

    id: str
    """What answers are found under; the same for as long as the question stays as it is."""
    type: QuestionType
    """What kind of answer it takes; `criterion` is one of `meets` and `does_not_meet`, `file` the id of an
    attachment."""
    text: dict[str, str]
    """What is asked, by language (`ar`, `en`, `es`, `fr`, `ru`, `zh`)."""
    options: tuple[Choice, ...] = ()
    """What can be chosen, of `single` and `multiple`."""
    required: bool = True
    """Whether there is no submitting without an answer."""
    eliminatory: bool = False
    """Whether the answer to this question alone can exclude a candidate."""


class Translation(Message):
    """What the notice of a job opening says in one language; everything else is the same in all."""

    language: Language
    """The language of this notice."""
    title: str
    """The title in this language."""
    job_title: str = ""
    """The functional title in this language; empty if the notice gives none."""
    description: str
    """The text of the notice: HTML, cleaned."""
    recruitment_type: str = ""
    """The type of recruitment in words; empty if none is given."""


class VacancyContent(Event):
    """All that is said of a job opening. Codes are of shared.reference, `description` is cleaned HTML."""

    job_opening_number: str
    """The number that HR knows the job opening by."""
    source: Source = "inspira"
    """Where it was announced: one can apply here for `inspira` only."""
    language: Language
    """The language of the notice that came first, and of the texts beside this field."""
    title: str
    """The title, in `language`."""
    job_title: str = ""
    """The functional title, in `language`; empty if there is none."""
    description: str
    """The text of the notice, in `language`: HTML, cleaned."""
    network: str
    """A code of the list of job networks."""
    family: str
    """A code of the list of job families."""
    category: str
    """A code of the list of categories."""
    level: str
    """A code of the list of levels."""
    duty_stations: tuple[DutyStation, ...]
    """Where one works: one place or several."""
    department: str
    """A code of the list of departments."""
    recruitment_type: str = ""
    """The type of recruitment in words; empty if none is given."""
    opens_at: datetime
    """From when on one can apply."""
    closes_at: datetime
    """Until when one can apply: the deadline."""
    questions: tuple[Question, ...] = ()
    """What candidates are asked when they apply (screening)."""
    version: int = 1
    """Counts from 1, and grows with everything but one more language."""
    organisation: str = ""
    """Whose notice it is: that of the client that published it; empty for what staff publish or import."""
    translations: tuple[Translation, ...] = ()
    """What the notices in other languages say."""
    absorbed: tuple[UUID, ...] = ()
    """The ids under which notices of it were vacancies of their own."""

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

    schema_version = 2
    receipt = "Keep the job opening under its stream's id and its number: from now on it can be found and applied for."


def publisher_of(event: Recorded[VacancyPublished]) -> str:
    """The organisation that published a notice, "" for none.

    Events from before there were organisations do not name one: then each client was one of its own name.
    """
    kind, _, client = event.actor.partition(":")
    return event.data.organisation or (client if kind == "machine" else "")


class VacancyAmended(VacancyContent):
    """The notice says something else from now on."""

    schema_version = 2
    receipt = "Replace what you hold of the job opening: the event says it whole."


class DeadlineExtended(Event):
    """The notice stays open longer."""

    receipt = "Set the deadline that you hold to this one."

    closes_at: datetime
    """The new deadline."""


class VacancyClosed(Event):
    """The deadline has passed."""

    receipt = "Expect no more applications for it; those that were submitted stand."


class VacancyCancelled(Event):
    """There will be no recruitment for this notice; nobody can apply any more."""

    receipt = "End the recruitment: its applications are set to `cancelled`, each by an event of its own."

    reason: str = ""
    """Why, as HR gave it; empty if no reason was given."""
    absorbed: tuple[UUID, ...] = ()
    """The ids under which notices of it were vacancies of their own, which end with it."""


class VacancyMerged(Event):
    """This is no vacancy of its own any more: it was another notice of the same job opening, found under `into`."""

    receipt = "Follow what you hold under this stream to the stream of `into`."

    into: UUID
    """The id of the vacancy that it is part of now."""


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


def state_at(state: State, closes_at: datetime, now: datetime) -> State:
    """How it stands: after the last second of its closing day it is closed, be that announced or not (R45)."""
    return "closed" if state == "open" and closes_at < now.replace(microsecond=0) else state


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
    """A reader looks for what stands there in words of the other languages, too."""
    yield vacancy.level
    yield vacancy.department
    yield DEPARTMENTS.label(vacancy.department, language)
    for station in vacancy.duty_stations:
        yield from dict.fromkeys(
            (station.description, *(DUTY_STATIONS.label(station.code, each) for each in LANGUAGES))
        )


def in_two_languages(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 says the same: its notices were in English and in French, version 2 knows all official languages."""
    return data


PUBLISHED = Published(
    "vacancies",
    {"vacancy": VACANCY_EVENTS},
    upcasters={("VacancyPublished", 1): in_two_languages, ("VacancyAmended", 1): in_two_languages},
)
