"""The whole application file as it is read: on the review page (R37), in the PDF (R27) and by recruiters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypedDict

from services.applications.domain.equivalence.reading import EDUCATION_READ, with_levels
from services.applications.domain.languages import SKILLS_READ, with_mastery
from services.applications.domain.questionnaire import fields_of
from services.applications.domain.state import EDUCATION
from services.applications.domain.summary import summary_of
from services.applications.events import Status
from services.applications.events.sections import SCREENING, SECTIONS, SKILLS
from services.profile.events.fields import PROFILE_FIELDS
from services.vacancies.events import Question
from shared.model.errors import N_
from shared.vocabulary.fields import AnyField, Entries, Field, applies, day_in_words, display, in_order
from shared.vocabulary.official import RIGHT_TO_LEFT

Translate = Callable[[str], str]
Row = tuple[str, str]


class Card(TypedDict):
    """One entry of a repeating group."""

    title: str
    rows: list[Row]


class Block(TypedDict):
    """One section: plain rows, then the entries of its groups; `empty` is what it says when it has neither."""

    name: str
    title: str
    empty: str
    rows: list[Row]
    cards: list[Card]


def blocks_of(snapshot: Mapping[str, Any], language: str, translate: Translate) -> list[Block]:
    """The six sections, the attachments and the profile of a snapshot, in words, what recruiters weigh first."""

    def block(name: str, title: str, fields: Sequence[AnyField], values: Mapping[str, Any]) -> Block:
        return _block(name, translate(title), fields, values, language, translate)

    known, saved = snapshot["profile"], _read(snapshot, language, translate)
    profile = {
        name: block(f"profile/{name}", title, fields, known.get(name, {})) for name, title, fields in PROFILE_FIELDS
    }
    sections = [
        block(name, SECTIONS[name].label, _fields(name, snapshot, language), saved.get(name, {}))
        for name in sorted(SECTIONS, key=_place_of(_FIRST))
    ]
    about = [profile[name] for name in sorted(profile, key=_place_of(_PROFILE))]
    return [*sections, _attached(snapshot["attachments"], translate), *about]


_FIRST: Final = (EDUCATION, SKILLS.name, SCREENING, "letter", "preferences", "references")
_PROFILE: Final = ("contact", "nationality", "un_employment", "family")


def _place_of(order: Sequence[str]) -> Callable[[str], int]:
    """What the order does not name comes last."""
    return lambda name: order.index(name) if name in order else len(order)


def _read(snapshot: Mapping[str, Any], language: str, translate: Translate) -> dict[str, Mapping[str, Any]]:
    """The sections with what is shown besides: the levels that count, and what four skills make of a language."""
    saved = dict(snapshot["sections"])
    education = with_levels(saved.get(EDUCATION, {}), snapshot.get("equivalences", ()), language, translate)
    saved[EDUCATION] = in_order(SECTIONS[EDUCATION].fields, education)
    saved[SKILLS.name] = with_mastery(saved.get(SKILLS.name, {}))
    return saved


def _attached(files: Sequence[Mapping[str, Any]], translate: Translate) -> Block:
    called = translate(N_("File %(number)s"))
    rows = [(called % {"number": number}, file["name"]) for number, file in enumerate(files, 1)]
    title, empty = translate(N_("Attachments")), translate(N_("No file attached"))
    return Block(name="attachments", title=title, empty=empty, rows=rows, cards=[])


_SHOWN_OF: Final[Mapping[str, Sequence[AnyField]]] = {EDUCATION: EDUCATION_READ, SKILLS.name: SKILLS_READ}


def _fields(name: str, snapshot: Mapping[str, Any], language: str) -> Sequence[AnyField]:
    if name != SCREENING:
        return _SHOWN_OF.get(name, SECTIONS[name].fields)
    files = {file["attachment_id"]: file["name"] for file in snapshot["attachments"]}
    return fields_of([Question.model_validate(question) for question in snapshot["questions"]], language, files)


def _block(  # noqa: PLR0917 - one argument a part
    name: str, title: str, fields: Sequence[AnyField], values: Mapping[str, Any], language: str, translate: Translate
) -> Block:
    rows = list(_rows(fields, values, language, translate))
    cards = [
        Card(title=f"{translate(group.one)} {number}", rows=list(_rows(group.fields, entry, language, translate)))
        for group in fields
        if isinstance(group, Entries) and applies(group, values)
        for number, entry in enumerate(_entries(values.get(group.name)), 1)
    ]
    return Block(name=name, title=title, empty=translate(N_("Nothing entered")), rows=rows, cards=cards)


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _rows(fields: Sequence[AnyField], values: Mapping[str, Any], language: str, translate: Translate) -> Iterator[Row]:
    for field in fields:
        if isinstance(field, Field) and applies(field, values):
            text = display(field, values.get(field.name), language, translate)
            if text:
                yield translate(field.label_read), text


def printed(snapshot: Mapping[str, Any], status: str, language: str, translate: Translate) -> dict[str, Any]:
    """What the PDF shows: a head and a summary, the blocks, and on every page whose file it is.

    A draft has a mark that it is one, and its holder's user code for a reference.
    """
    candidate, vacancy = snapshot["candidate"], snapshot["vacancy"]
    name = f"{candidate['given_names']} {candidate['family_name']}".strip()
    head: list[Row] = [(translate(N_("Candidate")), name), (translate(N_("User ID")), candidate["user_code"])]
    if vacancy:
        head.append((translate(N_("Job opening")), f"{vacancy['job_opening_number']} – {vacancy['title']}"))
    draft = status == Status.DRAFT
    if not draft:
        head.append((translate(N_("Reference number")), snapshot["reference"]))
        head.append((translate(N_("Submitted on")), _moment(snapshot["submitted_at"], language, translate)))
        head.append((translate(N_("Levels of diplomas")), _levels(snapshot, language, translate)))
    return {
        "language": language,
        "leftward": language in RIGHT_TO_LEFT,
        "title": translate(N_("Personal history profile")),
        "name": name,
        "mark": translate(N_("Draft – not submitted")) if draft else "",
        "page": translate(N_("Page")),
        "reference": candidate["user_code"] if draft else snapshot["reference"],
        "at_a_glance": translate(N_("At a glance")),
        "summary": [list(row) for row in summary_of(_read(snapshot, language, translate), language, translate)],
        "head": [list(row) for row in head if row[1]],
        "blocks": blocks_of(snapshot, language, translate),
    }


def _levels(snapshot: Mapping[str, Any], language: str, translate: Translate) -> str:
    """Of what was submitted before the catalogue was in force, that it was (R74); nothing otherwise."""
    if not (day := snapshot.get("before_catalogue")):
        return ""
    said = N_(
        "As stated in the application, which was submitted before the entry into force of the catalogue of "
        "equivalences (%(day)s). It stays valid."
    )
    return translate(said) % {"day": day_in_words(date.fromisoformat(day), language)}


def _moment(text: str, language: str, translate: Translate) -> str:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    parts = {"day": day_in_words(moment, language), "time": moment.strftime("%H:%M")}
    return translate(N_("%(day)s, %(time)s UTC")) % parts
