"""The facts of a candidate's profile."""

from typing import Any, ClassVar

from services.identity.events import PERSON, CandidateId
from shared.model.message import Event, Personal, Published


class ProfileOpened(Event):
    """A candidate registered and has a profile from now on. `email` is the registration e-mail (R14)."""

    receipt = "Nothing: the profile is empty yet."
    whose = PERSON

    candidate_id: CandidateId
    user_code: str
    """The code that support asks the candidate for."""
    email: Personal[str]
    """The address of the account."""


class RegistrationEmailChanged(Event):
    """The account has another verified address; the profile shows it from now on (R14)."""

    receipt = "Nothing for recruiting: the address for recruiters is that of ContactDetailsSaved."
    whose = PERSON

    candidate_id: CandidateId
    email: Personal[str]
    """The address of the account now."""


class SectionSaved(Event):
    """One section, whole, as it was typed; what is still missing or wrong in it is no hindrance to saving."""

    receipt = "Replace what you hold of this section of the profile. Submitted applications stay as they were."
    whose = PERSON

    section: ClassVar[str]

    candidate_id: CandidateId
    values: Personal[dict[str, Any]]
    """The section by field name, as it was typed: texts, lists of texts, and lists of entries."""


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


class CvSectionSaved(SectionSaved):
    """A section of the CV that is kept beside the four: drafts begin with it if the candidate says so."""

    receipt = "Nothing: it is the candidate's own until an application with it is submitted."


class EducationSaved(CvSectionSaved):
    """Diplomas, certificates and jobs."""

    section = "education"


class SkillsSaved(CvSectionSaved):
    """Languages, skills, licences and publications."""

    section = "skills"


class ReferencesSaved(CvSectionSaved):
    """Those who know the candidate's work."""

    section = "references"


class ProfileCompletenessChanged(Event):
    """Whole percent, 0 to 100; 100 exactly when nothing is missing or wrong (R13)."""

    receipt = "Nothing: it tells how far a candidate has come."

    candidate_id: CandidateId
    percent: int
    """Whole percent, 0 to 100."""


class ProfileCompleted(Event):
    """The profile has become "100% complet"."""

    receipt = "Nothing: the candidate can submit applications from now on."

    candidate_id: CandidateId


class ProfileBecameIncomplete(Event):
    """A complete profile lacks something again: `missing` names the fields, as `family.marital_status`."""

    receipt = "Nothing: the candidate cannot submit until it is complete again."

    candidate_id: CandidateId
    missing: tuple[str, ...]
    """The fields that lack something, as `section.field`."""


class ProfileClosed(Event):
    """The account is closed: the profile is shown to nobody any more, and nothing is saved in it."""

    receipt = "Delete what you hold of the profile, and again after a replay; applications that were submitted stand."

    candidate_id: CandidateId


CvFact = EducationSaved | SkillsSaved | ReferencesSaved
SectionFact = ContactDetailsSaved | UnEmploymentSaved | FamilySituationSaved | NationalityResidenceSaved | CvFact
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
    EducationSaved,
    SkillsSaved,
    ReferencesSaved,
    ProfileCompletenessChanged,
    ProfileCompleted,
    ProfileBecameIncomplete,
    ProfileClosed,
)

PUBLISHED = Published("profile", {"profile": PROFILE})
