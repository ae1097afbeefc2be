"""The four sections of the profile (R11): exactly these, each with the fields that events/fields.py declares."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from services.profile.domain.nationality import across as across_nationality
from services.profile.domain.un_employment import across as across_un_employment
from services.profile.events.fields import PROFILE_FIELDS
from shared.model.errors import Problem
from shared.vocabulary.fields import AnyField, Values, check


def _nothing_more(_: Values) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True)
class Section:
    """One of the four. `key` names it in data, `slug` in addresses. `across`: what no field can tell by itself."""

    key: str
    slug: str
    title: str
    fields: tuple[AnyField, ...]
    across: Callable[[Values], Iterable[Problem]] = _nothing_more

    def problems(self, values: Values, today: date) -> list[Problem]:
        """Everything missing or wrong in these values (R12), fields in the order of the form."""
        return [*check(self.fields, values, today), *self.across(values)]


_ACROSS = {"un_employment": across_un_employment, "nationality": across_nationality}

SECTIONS = tuple(
    Section(key, key.replace("_", "-"), title, fields, _ACROSS.get(key, _nothing_more))
    for key, title, fields in PROFILE_FIELDS
)

SECTION = {section.key: section for section in SECTIONS}
