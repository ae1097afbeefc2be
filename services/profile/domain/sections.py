"""The four sections of the profile (R11), each with the fields that events/fields.py declares; and those of the CV.

The CV's are those of an application that hold good for the next one, so that a draft can begin with them. They are no
part of the profile's completeness.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.applications.events.diplomas import LEVEL, LEVEL_REASON
from services.applications.events.sections import EDUCATION, REFERENCES, SKILLS
from services.profile.domain.nationality import across as across_nationality
from services.profile.domain.un_employment import across as across_un_employment
from services.profile.events.fields import PROFILE_FIELDS
from shared.model.errors import Problem
from shared.vocabulary.fields import AnyField, Entries, Values, check, wrong


def _nothing_more(_: Values) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True)
class Section:
    """One of them. `key` names it in data, `slug` in addresses. `across`: what no field can tell by itself.

    counts: whether a complete profile needs it; of what does not, nothing is ever missing.
    """

    key: str
    slug: str
    title: str
    fields: tuple[AnyField, ...]
    across: Callable[[Values], Iterable[Problem]] = _nothing_more
    counts: bool = True

    def problems(self, values: Values, today: date) -> list[Problem]:
        """Everything missing or wrong in these values (R12), fields in the order of the form."""
        found = check(self.fields, values, today) if self.counts else wrong(self.fields, values, today)
        return [*found, *self.across(values)]


_ACROSS = {"un_employment": across_un_employment, "nationality": across_nationality}

SECTIONS = tuple(
    Section(key, key.replace("_", "-"), title, fields, _ACROSS.get(key, _nothing_more))
    for key, title, fields in PROFILE_FIELDS
)


def _kept(field: AnyField) -> AnyField:
    """Without the level of a diploma: it answers what the catalogue of equivalences proposes for an application."""
    if not isinstance(field, Entries):
        return field
    return replace(field, fields=tuple(each for each in field.fields if each not in (LEVEL, LEVEL_REASON)))


CV_SECTIONS = tuple(
    Section(section.name, section.name, section.label, tuple(map(_kept, section.fields)), counts=False)
    for section in (EDUCATION, SKILLS, REFERENCES)
)
"""Beside the four, on pages of their own."""

ALL_SECTIONS = (*SECTIONS, *CV_SECTIONS)

SECTION = {section.key: section for section in ALL_SECTIONS}
