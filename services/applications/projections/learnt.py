"""What the service has learnt from others: who candidates are and what their profiles say, and the job openings."""

from typing import Any, Final, NotRequired, TypedDict, cast

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.profile.events import (
    ContactDetailsSaved,
    CvSectionSaved,
    EducationSaved,
    FamilySituationSaved,
    NationalityResidenceSaved,
    ProfileBecameIncomplete,
    ProfileClosed,
    ProfileCompleted,
    ProfileCompletenessChanged,
    ReferencesSaved,
    SectionSaved,
    SkillsSaved,
    UnEmploymentSaved,
)
from services.vacancies.events import (
    VACANCY_EVENTS,
    DeadlineExtended,
    State,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyMerged,
    VacancyPublished,
    publisher_of,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key
from shared.vocabulary.naming import key


class CandidateDocument(TypedDict):
    """Who somebody is and what their profile says, as the service has learnt it.

    cv: the sections with which a draft can begin. Older documents have none.
    """

    id: str
    language: str
    user_code: str
    title: str
    given_names: str
    family_name: str
    birth_date: str
    email: str
    percent: int
    complete: bool
    missing: list[str]
    profile: dict[str, dict[str, Any]]
    cv: NotRequired[dict[str, dict[str, Any]]]


_TABS: Final = {
    ContactDetailsSaved: "contact",
    UnEmploymentSaved: "un_employment",
    FamilySituationSaved: "family",
    NationalityResidenceSaved: "nationality",
}

_CV: Final = (EducationSaved, SkillsSaved, ReferencesSaved)


def evolve_candidate(document: CandidateDocument | None, event: Recorded[Any]) -> CandidateDocument | None:
    """The candidate after the event; identity's and profile's facts may come in any order.

    The last of either ends it, so that none is left behind when the other's come late. The address is identity's: what
    profile says of it follows from that, and may come after it or before.
    """
    if isinstance(event.data, AccountClosed | ProfileClosed):
        return None
    known = document or _nobody(event.key)
    if isinstance(event.data, CvSectionSaved):
        return {**known, "cv": {**known.get("cv", {}), event.data.section: event.data.values}}
    if isinstance(event.data, SectionSaved):
        profile = {**known["profile"], _TABS[type(event.data)]: event.data.values}
        return cast(CandidateDocument, {**known, "profile": profile})
    return cast(CandidateDocument, {**known, **_learnt(event.data)})


def _learnt(fact: Any) -> dict[str, Any]:
    match fact:
        case CandidateRegistered():
            return fact.model_dump(mode="json", include=_NAMED)
        case EmailVerified(email=email):
            return {"email": email}
        case ProfileCompletenessChanged(percent=percent):
            return {"percent": percent}
        case ProfileCompleted():
            return {"complete": True, "percent": 100, "missing": []}
        case ProfileBecameIncomplete(missing=missing):
            return {"complete": False, "missing": list(missing)}
        case _:
            return {}


_NAMED: Final = {"language", "user_code", "title", "given_names", "family_name", "birth_date", "email"}


def _nobody(key: str) -> CandidateDocument:
    return CandidateDocument(
        id=key,
        language="en",
        user_code="",
        title="",
        given_names="",
        family_name="",
        birth_date="",
        email="",
        percent=0,
        complete=False,
        missing=[],
        profile={},
    )


CANDIDATE: Final[Projection[CandidateDocument]] = Projection(
    "candidate",
    (
        CandidateRegistered,
        EmailVerified,
        AccountClosed,
        ProfileCompletenessChanged,
        ProfileCompleted,
        ProfileBecameIncomplete,
        ProfileClosed,
        *_TABS,
        *_CV,
    ),
    by_key,
    evolve_candidate,
)


class VacancyDocument(TypedDict):
    """What an application needs to know of a job opening. organisation: whose it is, "" if it is nobody's.

    translations: its titles in other languages than `language`. absorbed: what were vacancies of their own before one
    opening was one vacancy. named: the words by which it is found. Older documents have none of these.
    """

    id: str
    job_opening_number: str
    title: str
    source: str
    language: str
    version: int
    opens_at: str
    closes_at: str
    state: State
    questions: list[dict[str, Any]]
    reason: NotRequired[str]
    organisation: NotRequired[str]
    translations: NotRequired[list[dict[str, str]]]
    absorbed: NotRequired[list[str]]
    named: NotRequired[str]


_READ: Final[Any] = {
    **dict.fromkeys(("job_opening_number", "title", "source", "language", "version"), True),
    **dict.fromkeys(("opens_at", "closes_at", "questions", "absorbed"), True),
    "translations": {"__all__": {"language", "title"}},
}


def described(document: VacancyDocument | None, vacancy_id: str, notice: VacancyContent) -> VacancyDocument:
    """A job opening as its notice describes it, and what else was known of it."""
    known = document or {"id": vacancy_id, "state": "open"}
    named = key(" ".join((notice.job_opening_number, *(each.title for each in notice.notices))))
    return cast(VacancyDocument, {**known, **notice.model_dump(mode="json", include=_READ), "named": named})


def evolve_vacancy(document: VacancyDocument | None, event: Recorded[Any]) -> VacancyDocument | None:
    """The job opening after the event."""
    if isinstance(event.data, VacancyContent):
        return VacancyDocument({
            **described(document, event.key, event.data), "organisation": _owner(document, event)
        })  # fmt: skip
    if document is None:
        return None
    return cast(VacancyDocument, {**document, **_changed(event.data)})


def _owner(document: VacancyDocument | None, event: Recorded[Any]) -> str:
    """Who publishes it owns it; who amends it does not."""
    if isinstance(event.data, VacancyPublished):
        return publisher_of(event)
    return document.get("organisation", "") if document else str(event.data.organisation)


def _changed(fact: Any) -> dict[str, Any]:
    match fact:
        case DeadlineExtended(closes_at=closes_at):
            return {"closes_at": closes_at.isoformat(), "state": "open"}
        case VacancyClosed() | VacancyMerged():
            return {"state": "closed"}
        case VacancyCancelled(reason=reason):
            return {"state": "cancelled", "reason": reason}
        case _:
            return {}


VACANCY: Final[Projection[VacancyDocument]] = Projection(
    "vacancy",
    VACANCY_EVENTS,
    by_key,
    evolve_vacancy,
)
