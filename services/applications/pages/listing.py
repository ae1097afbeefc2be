"""What a section's list says of each entry besides its name: when it was, and how well a language is known."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.applications.domain.languages import SKILLS_IN_ORDER, mastery_in_words
from services.applications.events.sections import CERTIFICATES, DIPLOMAS, JOBS, SPOKEN, Section
from shared.model.errors import N_
from shared.vocabulary.fields import Entries, Field, Values, applies, display
from shared.web import PageContext
from shared.web.entries import entries_of

Details = Mapping[str, list[list[str]]]


def details(page: PageContext, section: Section, values: Values) -> Details:
    """Lines by the group's name and the entry's number."""
    groups = [group for group in section.fields if isinstance(group, Entries) and group.name in _TOLD]
    return {
        group.name: [[*filter(None, _TOLD[group.name](page, entry))] for entry in entries_of(values, group)]
        for group in groups
    }


def _shown(page: PageContext, group: Entries, name: str, entry: Values) -> str:
    field = _field(group, name)
    return display(field, entry.get(name), page.language, page.texts) if applies(field, entry) else ""


def _field(group: Entries, name: str) -> Field:
    return next(field for field in group.fields if field.name == name)


def _labelled(page: PageContext, group: Entries, name: str, entry: Values) -> str:
    value = _shown(page, group, name, entry)
    return page._(N_("%(label)s: %(value)s"), label=page._(_field(group, name).label), value=value) if value else ""


def _period(page: PageContext, group: Entries, entry: Values) -> str:
    until = page._(N_("present")) if entry.get("current") == "yes" else _shown(page, group, "ended_on", entry)
    return " – ".join(filter(None, (_shown(page, group, "started_on", entry), until)))


def _diploma(page: PageContext, entry: Values) -> list[str]:
    return [_period(page, DIPLOMAS, entry), _labelled(page, DIPLOMAS, "obtained_on", entry)]


def _certificate(page: PageContext, entry: Values) -> list[str]:
    return [_labelled(page, CERTIFICATES, "obtained_on", entry)]


def _job(page: PageContext, entry: Values) -> list[str]:
    return [_period(page, JOBS, entry)]


def _language(page: PageContext, entry: Values) -> list[str]:
    """All four skills, then what they make of the language."""
    skills = (_labelled(page, SPOKEN, name, entry) for name in SKILLS_IN_ORDER)
    mastery = mastery_in_words(entry, page.texts)
    said = page._(N_("Language level: %(level)s"), level=mastery) if mastery else ""
    return [" · ".join(filter(None, skills)), said]


_TOLD: Final[Mapping[str, Callable[[PageContext, Any], list[str]]]] = {
    DIPLOMAS.name: _diploma,
    CERTIFICATES.name: _certificate,
    JOBS.name: _job,
    SPOKEN.name: _language,
}
