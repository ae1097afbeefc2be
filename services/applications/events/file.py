"""The submitted file as it leaves: what counts of all that was typed, as data, and the shape that it has."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, NotRequired
from uuid import UUID

from pydantic import ConfigDict, with_config
from pydantic import Field as Described
from typing_extensions import TypedDict

from services.applications.events.diplomas import DegreeLevel
from services.applications.events.draft import FileType
from services.applications.events.sections import SCREENING, SECTIONS
from services.profile.events.fields import PROFILE_FIELDS
from services.vacancies.events import Question
from shared.model.schemas import SchemaOf
from shared.vocabulary.fields import AnyField
from shared.vocabulary.fields.typed import number_in, shape_of, typed

_IN_WORDS: Final = ConfigDict(use_attribute_docstrings=True)
_PROFILE: Final[Mapping[str, tuple[AnyField, ...]]] = {name: fields for name, _, fields in PROFILE_FIELDS}


@with_config(_IN_WORDS)
class FileCandidate(TypedDict):
    """Who applied, when applying; the day of birth is in `profile.contact`."""

    id: UUID
    """The candidate: the account's id in identity."""
    user_code: str
    """The candidate's user ID."""
    title: str
    """How to address the candidate: `mr`, `ms`, `dr`, `prof` or `mx`."""
    given_names: str
    """Given names; empty for somebody who has one name only."""
    family_name: str
    """Family name, or the one name there is."""
    email: str
    """The address of the account, where our own mails go."""


@with_config(_IN_WORDS)
class FileVacancy(TypedDict):
    """The job opening as it was then."""

    id: UUID
    """The job opening: its id in vacancies."""
    job_opening_number: str
    """The number that HR knows it by."""
    title: str
    """Its title as the candidate read it."""
    language: str
    """The language of the title."""
    version: int
    """Which version of the job opening was applied for."""
    closes_at: datetime
    """Its deadline then."""


@with_config(_IN_WORDS)
class FileProposal(TypedDict):
    """What the catalogue of equivalences said of a diploma."""

    level: DegreeLevel
    """The level that it gives."""
    entry_id: str
    """The entry of the catalogue."""
    found_as: str
    """The title in the catalogue."""
    institution: str
    """The school in the catalogue; empty for all of the country."""
    country: str
    """The country in the catalogue: ISO 3166-1 alpha-2; empty for many."""


@with_config(_IN_WORDS)
class FileEquivalence(TypedDict):
    """The level of a diploma."""

    id: str
    """The diploma: the same for every way of writing it in other cases or accents."""
    proposed: FileProposal | None
    """What the catalogue proposed; null if it knew nothing or was not in force."""
    chosen: DegreeLevel
    """The level that counts."""
    reason: str
    """Why it is not the proposed one, in the candidate's words; empty otherwise."""


@with_config(_IN_WORDS)
class FileAttachment(TypedDict):
    """An attached file; its content is at `/applications/api/submitted/{id}/attachments/{attachment_id}`."""

    attachment_id: UUID
    """Its id."""
    name: str
    """Its name."""
    content_type: FileType
    """Its media type."""
    size: int
    """Bytes."""
    sha256: str
    """The SHA-256 of its content, in hexadecimal digits."""


def _parts(name: str, parts: Mapping[str, tuple[AnyField, ...]]) -> dict[str, Any]:
    """The shape of each section, which its declared fields have."""
    titles = {part: "".join(word.title() for word in part.split("_")) for part in parts}
    return {part: shape_of(name + titles[part], fields) for part, fields in parts.items()}


def _with_parts(name: str, parts: Mapping[str, Any], **more: Any) -> Any:
    make: Any = TypedDict
    described = {part: Annotated[shape, Described(description=f"Its section {part}.")] for part, shape in parts.items()}
    return make(name, {**more, **described}, total=False)


Answer = str | float | list[str]
_OF_PROFILE: Final = _parts("FileProfile", _PROFILE)
FileContact: Any = _OF_PROFILE["contact"]
FileProfile: Any = _with_parts("FileProfile", _OF_PROFILE)
FileSections: Any = _with_parts(
    "FileSections",
    _parts("File", {name: section.fields for name, section in SECTIONS.items() if name != SCREENING}),
    screening=Annotated[
        dict[str, Answer],
        Described(
            description="Answers by the question's id, of the kind that the question asks for; with `_explanation`"
            " behind the id, what the candidate says of it."
        ),
    ],
)


@with_config(_IN_WORDS)
class File(TypedDict):
    """A submitted application: what the candidate answered, as data. What no longer applies is not in it."""

    reference: str
    """The number that the candidate was given to quote."""
    submitted_at: datetime
    """When it was submitted."""
    before_catalogue: NotRequired[date]
    """The day from which the catalogue of equivalences is in force, if that was later."""
    language: str
    """The candidate's language: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    candidate: FileCandidate
    """Who applied."""
    profile: FileProfile
    """The profile as it was then, by section."""
    vacancy: FileVacancy
    """What was applied for."""
    questions: list[Question]
    """The screening questions as they were asked."""
    sections: FileSections
    """The application by section."""
    equivalences: NotRequired[list[FileEquivalence]]
    """The level of each diploma, in the order of `sections.education.diplomas`."""
    attachments: list[FileAttachment]
    """The attached files."""


ApplicationFile = Annotated[dict[str, Any], SchemaOf(File)]
Contact = Annotated[dict[str, Any], SchemaOf(FileContact)]


def as_file(content: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of a file as it was typed, as data; of one that is so already, the same.

    Its values are JSON. A draft's may lack what is required, and hold what cannot be read as what it should be.
    """
    candidate = dict(content.get("candidate", {}))
    born, profile = candidate.pop("birth_date", ""), content.get("profile", {})
    known = {name: typed(fields, profile[name]) for name, fields in _PROFILE.items() if name in profile}
    if born:
        known["contact"] = {"birth_date": born, **known.get("contact", {})}
    sections = {
        name: _answers(content, values) if name == SCREENING else typed(SECTIONS[name].fields, values)
        for name, values in content.get("sections", {}).items()
    }
    return {**content, "candidate": candidate, "profile": known, "sections": sections}


def as_contact(values: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's contact details, as they are in a file."""
    return typed(_PROFILE["contact"], values)


def _answers(content: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {question["id"] for question in content.get("questions", ()) if question["type"] == "number"}
    empty: tuple[Any, ...] = (None, "", [])
    given = {name: value for name, value in values.items() if value not in empty and not str(value).isspace()}
    return {name: _answer(value, is_number=name in numbers) for name, value in given.items()}


def _answer(value: Any, *, is_number: bool) -> Any:
    """As it was judged: without blanks around it."""
    if not isinstance(value, str):
        return value
    return number_in(value) if is_number else value.strip()


def with_file(data: dict[str, Any]) -> dict[str, Any]:
    """ApplicationSubmitted of version 1, whose snapshot was as typed, lifted to version 2."""
    return {**data, "snapshot": as_file(data["snapshot"])}
