"""The profile as its pages and its JSON door show it."""

from datetime import datetime
from typing import Any, TypedDict, assert_never

from services.profile import events as facts
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class SavedSection(TypedDict):
    """`version` counts the saves; `saved_at` is the database's time of the last one."""

    values: dict[str, Any]
    version: int
    saved_at: datetime | str


class ProfileDocument(TypedDict):
    """`sections` holds what was saved, by section key."""

    user_code: str
    email: str
    sections: dict[str, SavedSection]


def _evolve(document: ProfileDocument | None, event: Recorded[Any]) -> ProfileDocument | None:
    profile = document or ProfileDocument(user_code="", email="", sections={})
    fact: facts.ProfileFact = event.data
    match fact:
        case facts.ProfileOpened(user_code=user_code, email=email):
            return {**profile, "user_code": user_code, "email": email}
        case facts.RegistrationEmailChanged(email=email):
            return {**profile, "email": email}
        case facts.ProfileClosed():
            return None
        case facts.ProfileCompletenessChanged() | facts.ProfileCompleted() | facts.ProfileBecameIncomplete():
            return profile
        case (
            facts.ContactDetailsSaved()
            | facts.UnEmploymentSaved()
            | facts.FamilySituationSaved()
            | facts.NationalityResidenceSaved()
            | facts.EducationSaved()
            | facts.SkillsSaved()
            | facts.ReferencesSaved()
        ):
            key = fact.section
            before = profile["sections"].get(key)
            version = before["version"] + 1 if before else 1
            saved = SavedSection(values=fact.values, version=version, saved_at=event.at)
            return {**profile, "sections": {**profile["sections"], key: saved}}
    assert_never(fact)


PROFILE = Projection("profile", facts.PROFILE, by_key, _evolve)

ALL = (PROFILE,)
