"""The profile's rules: it opens when a candidate registers, keeps whatever is saved, and says when it is complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, assert_never
from uuid import UUID

from services.profile import events as facts
from services.profile.domain.completeness import completeness
from services.profile.domain.sections import SECTION
from services.profile.domain.typed import normalise
from shared.model.decider import Decider
from shared.model.errors import N_, ChangedElsewhere, NotFound
from shared.model.message import Command
from shared.vocabulary.fields import Values


class OpenProfile(Command):
    """A candidate registered. `known`: what they said then, for Coordonnées."""

    candidate_id: UUID
    user_code: str
    email: str
    known: dict[str, Any]


class ChangeRegistrationEmail(Command):
    """The account's address was verified, or replaced by another."""

    candidate_id: UUID
    email: str


class CloseProfile(Command):
    """The account was closed."""

    candidate_id: UUID


class SaveSection(Command):
    """Save a whole section as typed. `seen`: the version the form was filled from; None saves over any version."""

    saved: ClassVar[type[facts.SectionFact]]

    candidate_id: UUID
    values: dict[str, Any]
    seen: int | None = None


class SaveContactDetails(SaveSection):
    """Coordonnées."""

    saved = facts.ContactDetailsSaved


class SaveUnEmployment(SaveSection):
    """Emploi à l'ONU."""

    saved = facts.UnEmploymentSaved


class SaveFamilySituation(SaveSection):
    """Situation de famille."""

    saved = facts.FamilySituationSaved


class SaveNationalityResidence(SaveSection):
    """Nationalité et résidence."""

    saved = facts.NationalityResidenceSaved


class SaveEducation(SaveSection):
    """Diplomas, certificates and jobs of the CV."""

    saved = facts.EducationSaved


class SaveSkills(SaveSection):
    """Languages and skills of the CV."""

    saved = facts.SkillsSaved


class SaveReferences(SaveSection):
    """References of the CV."""

    saved = facts.ReferencesSaved


SaveCv = SaveEducation | SaveSkills | SaveReferences
AnySave = SaveContactDetails | SaveUnEmployment | SaveFamilySituation | SaveNationalityResidence | SaveCv
ProfileCommand = OpenProfile | ChangeRegistrationEmail | CloseProfile | AnySave

SAVES: Mapping[str, type[AnySave]] = {
    command.saved.section: command
    for command in (
        SaveContactDetails,
        SaveUnEmployment,
        SaveFamilySituation,
        SaveNationalityResidence,
        SaveEducation,
        SaveSkills,
        SaveReferences,
    )
}
"""The command that saves a section, by the section's key."""


@dataclass(frozen=True)
class Profile:
    """`values` and `versions` are by section key; a version counts the saves of that section."""

    opened: bool = False
    email: str = ""
    values: Mapping[str, Values] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    percent: int = 0
    complete: bool = False
    closed: bool = False


def decide(command: ProfileCommand, profile: Profile) -> Sequence[facts.ProfileFact]:
    match command:
        case OpenProfile():
            return [] if profile.closed else _open(command, profile)
        case ChangeRegistrationEmail():
            return [] if profile.closed else _change_email(command, profile)
        case CloseProfile(candidate_id=candidate):
            return [] if profile.closed else [facts.ProfileClosed(candidate_id=candidate)]
        case SaveSection():
            return _save(command, profile)
    assert_never(command)


def _open(command: OpenProfile, profile: Profile) -> Sequence[facts.ProfileFact]:
    if profile.opened:
        return []
    opened = facts.ProfileOpened(candidate_id=command.candidate_id, user_code=command.user_code, email=command.email)
    typed = profile.values.get("contact", {})
    return [opened, *_contact(command, {**command.known, "email": command.email, **typed}, profile)]


def _change_email(command: ChangeRegistrationEmail, profile: Profile) -> Sequence[facts.ProfileFact]:
    """A primary e-mail that merely repeats the registration e-mail follows it."""
    if command.email == profile.email:
        return []
    changed = facts.RegistrationEmailChanged(candidate_id=command.candidate_id, email=command.email)
    contact = profile.values.get("contact", {})
    follows = contact.get("email", "") in ("", profile.email)
    return [changed, *(_contact(command, {**contact, "email": command.email}, profile) if follows else ())]


def _contact(
    command: OpenProfile | ChangeRegistrationEmail, values: Values, profile: Profile
) -> Sequence[facts.ProfileFact]:
    save = SaveContactDetails(at=command.at, by=command.by, candidate_id=command.candidate_id, values=dict(values))
    return _save(save, profile)


def _save(command: AnySave, profile: Profile) -> Sequence[facts.ProfileFact]:
    if profile.closed:
        raise NotFound.because(N_("This profile is closed with its account"))
    key = command.saved.section
    values = normalise(SECTION[key].fields, command.values)
    if values == profile.values.get(key, {}):
        return []
    if command.seen is not None and command.seen < profile.versions.get(key, 0):
        raise ChangedElsewhere.because(CHANGED_ELSEWHERE)
    saved = command.saved(candidate_id=command.candidate_id, values=values)
    return [saved, *_consequences(command, evolve(profile, saved))]


CHANGED_ELSEWHERE = N_("This section was saved in another window meanwhile. Nothing was overwritten: choose one")


def _consequences(command: AnySave, profile: Profile) -> Sequence[facts.ProfileFact]:
    """What saving did to the completeness (R13)."""
    now = completeness(profile.values, command.at.date())
    happened: list[facts.ProfileFact] = []
    if now.percent != profile.percent:
        happened.append(facts.ProfileCompletenessChanged(candidate_id=command.candidate_id, percent=now.percent))
    if now.complete and not profile.complete:
        happened.append(facts.ProfileCompleted(candidate_id=command.candidate_id))
    if profile.complete and not now.complete:
        missing = tuple(step.name for step in now.left)
        happened.append(facts.ProfileBecameIncomplete(candidate_id=command.candidate_id, missing=missing))
    return happened


def evolve(profile: Profile, fact: facts.ProfileFact) -> Profile:  # noqa: PLR0911 - a case a fact
    match fact:
        case facts.ProfileOpened(email=email):
            return replace(profile, opened=True, email=email)
        case facts.RegistrationEmailChanged(email=email):
            return replace(profile, email=email)
        case facts.ProfileCompletenessChanged(percent=percent):
            return replace(profile, percent=percent)
        case facts.ProfileCompleted():
            return replace(profile, complete=True)
        case facts.ProfileBecameIncomplete():
            return replace(profile, complete=False)
        case facts.ProfileClosed():
            return Profile(closed=True)
        case (
            facts.ContactDetailsSaved()
            | facts.UnEmploymentSaved()
            | facts.FamilySituationSaved()
            | facts.NationalityResidenceSaved()
            | facts.EducationSaved()
            | facts.SkillsSaved()
            | facts.ReferencesSaved()
        ):
            versions = {**profile.versions, fact.section: profile.versions.get(fact.section, 0) + 1}
            return replace(profile, values={**profile.values, fact.section: fact.values}, versions=versions)
    assert_never(fact)


PROFILE: Decider[ProfileCommand, Profile, facts.ProfileFact] = Decider(
    "profile", Profile(), decide, evolve, facts.PROFILE
)
