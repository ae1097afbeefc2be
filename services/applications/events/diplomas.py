"""What a diploma is recognised by, and where diplomas stand among the values of an education section."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.model.errors import N_
from shared.model.message import Message
from shared.vocabulary.fields import COUNTRIES, LINE, Field, Option
from shared.vocabulary.words import fold

DegreeLevel = Literal["below", "licence", "master", "doctorat"]

DEGREE_LEVELS: Final = (
    Option("below", N_("Below the first university degree")),
    Option("licence", N_("Bachelor (licence)")),
    Option("master", N_("National Master's degree")),
    Option("doctorat", N_("Doctorate")),
)

LEVEL: Final = Field(
    "level",
    N_("Level of the diploma"),
    "choice",
    options=DEGREE_LEVELS,
    hint=N_("If you leave this blank, the level that the catalogue proposes is used."),
)
LEVEL_REASON: Final = Field("level_reason", N_("Why this level, if it is not the one proposed"), "textarea", length=800)


class Diploma(Message):
    """What a diploma is recognised by: its title, who gave it, and the country's code."""

    title: str
    """The exact title, in its own language."""
    institution: str
    """The school or university."""
    country: str
    """ISO 3166-1 alpha-2."""

    @property
    def id(self) -> UUID:
        """The same for every way of writing it in other cases or accents."""
        parts = (" ".join(fold(text).split()) for text in (self.title, self.institution, self.country))
        return uuid5(NAMESPACE_URL, "\n".join(("urn:postulo:diploma", *parts)))


def diplomas_in(values: Mapping[str, Any]) -> Iterator[tuple[int, Diploma, Mapping[str, Any]]]:
    """The diplomas that an education section names, each with its number and everything that was typed of it."""
    entries = values.get("diplomas")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            title, institution, country = (str(entry.get(name) or "") for name in ("title", "institution", "country"))
            if title.strip() and country in COUNTRIES and max(len(title), len(institution)) <= LINE:
                yield number, Diploma(title=title, institution=institution, country=country), entry


def levels_in(values: Mapping[str, Any]) -> dict[str, str]:
    """The level that was chosen for each diploma, by its id; empty where none was."""
    return {str(diploma.id): str(entry.get("level") or "") for _, diploma, entry in diplomas_in(values)}
