"""The rules of the profile: its sections and fields, its completeness, and the aggregate that keeps them."""

from services.profile.domain.completeness import Completeness, Step, completeness, label_of
from services.profile.domain.profile import (
    CHANGED_ELSEWHERE,
    PROFILE,
    SAVES,
    ChangeRegistrationEmail,
    CloseProfile,
    OpenProfile,
    Profile,
    SaveContactDetails,
    SaveFamilySituation,
    SaveNationalityResidence,
    SaveSection,
    SaveUnEmployment,
)
from services.profile.domain.sections import ALL_SECTIONS, CV_SECTIONS, SECTION, SECTIONS, Section
from services.profile.domain.typed import normalise

ALL = (PROFILE,)

__all__ = [
    "ALL",
    "ALL_SECTIONS",
    "CHANGED_ELSEWHERE",
    "CV_SECTIONS",
    "PROFILE",
    "SAVES",
    "SECTION",
    "SECTIONS",
    "ChangeRegistrationEmail",
    "CloseProfile",
    "Completeness",
    "OpenProfile",
    "Profile",
    "SaveContactDetails",
    "SaveFamilySituation",
    "SaveNationalityResidence",
    "SaveSection",
    "SaveUnEmployment",
    "Section",
    "Step",
    "completeness",
    "label_of",
    "normalise",
]
