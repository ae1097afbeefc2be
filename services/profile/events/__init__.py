"""The facts of a candidate's profile."""

from typing import Any, ClassVar
from uuid import UUID

from shared.model.message import Event, Personal, Published


class ProfileOpened(Event):
    """A candidate registered and has a profile from now on. `email` is the registration e-mail (R14)."""

    candidate_id: UUID
    user_code: str
    email: Personal[str]


class RegistrationEmailChanged(Event):
    """The account has another verified address; the profile shows it from now on (R14)."""

    candidate_id: UUID
    email: Personal[str]


class SectionSaved(Event):
    """One section, whole, as it was typed; what is still missing or wrong in it is no hindrance to saving."""

    section: ClassVar[str]

    candidate_id: UUID
    values: Personal[dict[str, Any]]


class ContactDetailsSaved(SectionSaved):
    """Coordonnées."""

    section = "contact"


class UnEmploymentSaved(SectionSaved):
    """Emploi à l'ONU."""

    section = "un_employment"


class FamilySituationSaved(SectionSaved):
    """Situation de famille."""

    section = "family"


class NationalityResidenceSaved(SectionSaved):
    """Nationalité et résidence."""

    section = "nationality"


class ProfileCompletenessChanged(Event):
    """Whole percent, 0 to 100; 100 exactly when nothing is missing or wrong (R13)."""

    candidate_id: UUID
    percent: int


class ProfileCompleted(Event):
    """The profile has become "100% complet"."""

    candidate_id: UUID


class ProfileBecameIncomplete(Event):
    """A complete profile lacks something again: `missing` names the fields, as `family.marital_status`."""

    candidate_id: UUID
    missing: tuple[str, ...]


class ProfileClosed(Event):
    """The account is closed: the profile is shown to nobody any more, and nothing is saved in it."""

    candidate_id: UUID


SectionFact = ContactDetailsSaved | UnEmploymentSaved | FamilySituationSaved | NationalityResidenceSaved
ProfileFact = (
    ProfileOpened
    | RegistrationEmailChanged
    | SectionFact
    | ProfileCompletenessChanged
    | ProfileCompleted
    | ProfileBecameIncomplete
    | ProfileClosed
)

PROFILE = (
    ProfileOpened,
    RegistrationEmailChanged,
    ContactDetailsSaved,
    UnEmploymentSaved,
    FamilySituationSaved,
    NationalityResidenceSaved,
    ProfileCompletenessChanged,
    ProfileCompleted,
    ProfileBecameIncomplete,
    ProfileClosed,
)

PUBLISHED = Published("profile", {"profile": PROFILE})
