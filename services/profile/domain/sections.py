"""The four sections of the profile (R11): exactly these, each with the fields of its module."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from services.profile.domain.contact import CONTACT
from services.profile.domain.family import FAMILY
from services.profile.domain.nationality import NATIONALITY
from services.profile.domain.nationality import across as across_nationality
from services.profile.domain.un_employment import UN_EMPLOYMENT
from services.profile.domain.un_employment import across as across_un_employment
from shared.model.errors import N_, Problem
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


SECTIONS = (
    Section("contact", "contact", N_("Contact details"), CONTACT),
    Section("un_employment", "un-employment", N_("UN employment"), UN_EMPLOYMENT, across_un_employment),
    Section("family", "family", N_("Family situation"), FAMILY),
    Section("nationality", "nationality", N_("Nationality and residence"), NATIONALITY, across_nationality),
)

SECTION = {section.key: section for section in SECTIONS}
