"""What a recruiter looks for first, in a few lines: languages, degrees and the last jobs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from services.applications.domain.languages import languages_in, mastery_of
from services.applications.domain.state import EDUCATION
from services.applications.events.diplomas import LEVEL
from services.applications.events.sections import DIPLOMAS, JOBS, SKILLS, SPOKEN
from shared.model.errors import N_
from shared.vocabulary.fields import LANGUAGES, Entries, display
from shared.vocabulary.words import isolated

Translate = Callable[[str], str]

MOST_ENTRIES: Final = 3
MOST_LANGUAGES: Final = 8
LONGEST: Final = 60
"""Of each part of a line: whatever was typed, the summary stays on the first page."""


def summary_of(sections: Mapping[str, Any], language: str, translate: Translate) -> list[tuple[str, list[str]]]:
    """Labels with their lines; what holds nothing is left out. The sections' levels are those that count."""
    education, skills = sections.get(EDUCATION, {}), sections.get(SKILLS.name, {})
    found = [
        (N_("Languages"), list(_languages(skills, language, translate))),
        (N_("Degrees"), [_degree(entry, language, translate) for entry in _latest(education, DIPLOMAS)]),
        (N_("Latest jobs"), [_job(entry, language, translate) for entry in _latest(education, JOBS)]),
    ]
    told = [(translate(label), [line for line in lines if line]) for label, lines in found]
    return [(label, lines) for label, lines in told if lines]


def _languages(skills: Mapping[str, Any], language: str, translate: Translate) -> Iterator[str]:
    """The mother tongue, then the others with what their four skills make of them."""
    mother = skills.get("mother_tongue")
    spoken = [
        (_shown(SPOKEN, "language", entry, language, translate), _mastery(entry, translate))
        for entry in languages_in(skills)
        if entry.get("language") != mother
    ]
    named = [f"{name} ({mastery})" if mastery else name for name, mastery in spoken if name]
    if mother:
        named.insert(0, f"{LANGUAGES.label(str(mother), language)} ({translate(N_('Mother tongue')).lower()})")
    yield ", ".join(named[:MOST_LANGUAGES]) + (" …" if len(named) > MOST_LANGUAGES else "")


def _mastery(entry: Mapping[str, Any], translate: Translate) -> str:
    mastery = mastery_of(entry)
    return translate({"fluent": N_("fluent"), "knowledge": N_("knowledge")}[mastery]) if mastery else ""


def _degree(entry: Mapping[str, Any], language: str, translate: Translate) -> str:
    level = _level(entry, language, translate)
    said = (_shown(DIPLOMAS, name, entry, language, translate) for name in ("title", "field_of_study", "institution"))
    year = _year(entry.get("obtained_on") if entry.get("obtained") == "yes" else None)
    return " – ".join(part for part in (level, *said, year) if part)


def _level(entry: Mapping[str, Any], language: str, translate: Translate) -> str:
    """The level that counts; where the candidate chose it, the one that the catalogue proposes beside it (R73)."""
    level, proposed = (display(LEVEL, entry.get(name), language, translate) for name in ("level", "proposed_level"))
    if not level or proposed in ("", level):
        return level
    return translate(N_("%(level)s (proposed: %(proposed)s)")) % {"level": level, "proposed": proposed}


def _job(entry: Mapping[str, Any], language: str, translate: Translate) -> str:
    said = (_shown(JOBS, name, entry, language, translate) for name in ("title", "employer", "country"))
    since = _year(entry.get("started_on"))
    until = translate(N_("present")) if entry.get("current") == "yes" else _year(entry.get("ended_on"))
    return " – ".join(part for part in (*said, "–".join(part for part in (since, until) if part)) if part)


def _latest(values: Mapping[str, Any], group: Entries) -> Sequence[Mapping[str, Any]]:
    """The first entries: they are kept with the most recent first."""
    entries = values.get(group.name)
    known = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return known[:MOST_ENTRIES]


def _shown(group: Entries, name: str, entry: Mapping[str, Any], language: str, translate: Translate) -> str:
    field = next(field for field in group.fields if field.name == name)
    return isolated(_short(" ".join(display(field, entry.get(name), language, translate).split())))


def _year(day: Any) -> str:
    """Of a date as it was typed; nothing of what is none."""
    text = str(day or "")
    return text[:4] if text[:4].isdecimal() and text[4:5] in ("", "-") else ""


def _short(part: str) -> str:
    return part if len(part) <= LONGEST else part[: LONGEST - 1] + "…"
