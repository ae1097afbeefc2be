"""What happens to the catalogue of equivalences, and what candidates report of it."""

from datetime import date
from uuid import UUID

from services.applications.events.diplomas import DegreeLevel, Diploma
from services.identity.events import PERSON, CandidateId
from shared.model.message import Event, Personal


class DegreeCatalogueActivated(Event):
    """From this day (in New York) on, levels are proposed from this edition of the catalogue (R69, R74)."""

    receipt = "Nothing, unless you keep a catalogue of your own."

    edition: str
    """The edition of the catalogue."""
    effective_on: date
    """From which day on, in New York."""


class EquivalenceCorrected(Event):
    """An entry of the catalogue gives another level from now on."""

    receipt = "Correct the entry in a catalogue of your own."

    entry_id: str
    """The entry."""
    before: DegreeLevel
    """The level until now."""
    level: DegreeLevel
    """The level from now on."""
    reason: str
    """Why, as its curator wrote."""


class EquivalenceAdded(Event):
    """The catalogue has one entry more. `institution` is empty if it holds for all of the country."""

    receipt = "Add the entry to a catalogue of your own."

    entry_id: str
    """The entry."""
    country: str
    """ISO 3166-1 alpha-2."""
    institution: str
    """The school; empty for all of the country."""
    title: str
    """The exact title of the diploma."""
    level: DegreeLevel
    """The level that it has."""
    reason: str
    """Why, as its curator wrote."""


class EquivalenceErrorReported(Event):
    """A candidate says that a diploma's level is proposed wrongly, or not at all (R72); `office` is told by mail."""

    receipt = "Nothing: the office named in `office` was told by mail."
    whose = PERSON

    candidate_id: CandidateId
    application_id: UUID
    """The application that names the diploma."""
    diploma: Personal[Diploma]
    """The diploma."""
    proposed: DegreeLevel | None
    """The level that the catalogue gives; null if it knows none."""
    entry_id: str
    """The entry of the catalogue; empty if there is none."""
    claimed: DegreeLevel
    """The level that the candidate claims."""
    explanation: Personal[str]
    """Why, in the candidate's words."""
    name: Personal[str]
    """The candidate's name."""
    email: Personal[str]
    """The candidate's address."""
    user_code: str
    """The candidate's user ID."""
    office: str
    """The office's address."""
