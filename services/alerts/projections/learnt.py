"""What the service has learnt from others: job openings, where candidates are reached, and what they apply for."""

from datetime import datetime
from typing import Any, NotRequired, TypedDict, assert_never, cast

from services.applications.events import ApplicationSubmitted, DraftDiscarded, VacancyTargeted, VacancyUntargeted
from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.vacancies.events import (
    NEW_YORK,
    VACANCY_EVENTS,
    DeadlineExtended,
    State,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyMerged,
    VacancyPublished,
    in_language,
)
from shared.model.message import Recorded
from shared.model.parts import part_of
from shared.model.projection import Projection, by_key
from shared.vocabulary.reference import DUTY_STATIONS, name_of


class VacancyDocument(TypedDict):
    """What a mail says of a vacancy. closes_on: the day in New York at whose end it closes (R45).

    stations: codes of DUTY_STATIONS; older documents hold a name. title is in `language`; translations: the titles in
    others. over: closed, cancelled or merged; state: which of them; into: where it is found now. absorbed: what were
    vacancies of their own before. Older documents have no `language`, `translations`, `version`, `source`, `state` and
    `absorbed`.
    """

    id: str
    number: str
    title: str
    level: str
    stations: list[str]
    closes_at: str
    closes_on: str
    over: bool
    language: NotRequired[str]
    translations: NotRequired[list[dict[str, str]]]
    version: NotRequired[int]
    source: NotRequired[str]
    state: NotRequired[State]
    into: NotRequired[str]
    absorbed: NotRequired[list[str]]


VacancyFact = VacancyPublished | VacancyAmended | DeadlineExtended | VacancyClosed | VacancyCancelled | VacancyMerged


def _vacancy(document: VacancyDocument | None, event: Recorded[VacancyFact]) -> VacancyDocument | None:
    match event.data:
        case VacancyContent():
            return _described(event.data, event.key, document)
        case DeadlineExtended(closes_at=closes_at):
            return cast(VacancyDocument, _extended(document, closes_at)) if document else None
        case VacancyClosed() | VacancyCancelled() | VacancyMerged():
            return cast(VacancyDocument, {**document, "over": True, **_ended(event.data)}) if document else None
        case _:
            assert_never(event.data)


def _extended(document: VacancyDocument, closes_at: datetime) -> dict[str, Any]:
    days = {"closes_at": closes_at.isoformat(), "closes_on": _day_in_new_york(closes_at)}
    return {**document, **days, "over": False, "state": "open"}


def _ended(fact: VacancyClosed | VacancyCancelled | VacancyMerged) -> dict[str, str]:
    if isinstance(fact, VacancyMerged):
        return {"state": "closed", "into": str(fact.into)}
    return {"state": "cancelled" if isinstance(fact, VacancyCancelled) else "closed"}


def _day_in_new_york(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).date().isoformat()


def _described(vacancy: VacancyContent, key: str, known: VacancyDocument | None) -> VacancyDocument:
    kept = {"over": known["over"], "state": state_of(known)} if known else {"over": False, "state": "open"}
    described = VacancyDocument(
        id=key, number=vacancy.job_opening_number, title=vacancy.title, level=vacancy.level,
        stations=[station.code for station in vacancy.duty_stations],
        closes_at=vacancy.closes_at.isoformat(), closes_on=_day_in_new_york(vacancy.closes_at), over=False,
        language=vacancy.language, translations=vacancy.titles, version=vacancy.version, source=vacancy.source,
        absorbed=[str(each) for each in vacancy.absorbed],
    )  # fmt: skip
    return cast(
        VacancyDocument, {**described, **kept, **({"into": known["into"]} if known and "into" in known else {})}
    )


def state_of(vacancy: VacancyDocument) -> State:
    """How it stands as announced."""
    return vacancy.get("state", "closed" if vacancy["over"] else "open")


VACANCIES: Projection[VacancyDocument] = Projection("vacancies", VACANCY_EVENTS, by_key, _vacancy)


def in_words(vacancy: VacancyDocument, language: str) -> VacancyDocument:
    """The title and the duty stations in this language, if there is a notice in it."""
    return {
        **in_language(vacancy, language),
        "stations": [name_of(DUTY_STATIONS, text, language) for text in vacancy["stations"]],
    }


class AccountDocument(TypedDict):
    """Where a candidate is reached, unless a saved search has an address of its own."""

    email: str
    language: str


def _account(
    document: AccountDocument | None, event: Recorded[CandidateRegistered | EmailVerified | AccountClosed]
) -> AccountDocument | None:
    match event.data:
        case CandidateRegistered(email=email, language=language):
            return AccountDocument(email=email, language=language)
        case EmailVerified(email=email):
            return AccountDocument(email=email, language=document["language"] if document else "en")
        case AccountClosed():
            return AccountDocument(email="", language=document["language"] if document else "en")
        case _:
            assert_never(event.data)


ACCOUNTS: Projection[AccountDocument] = Projection(
    "accounts", (CandidateRegistered, EmailVerified, AccountClosed), by_key, _account
)


class Aim(TypedDict):
    """What an application is for. state: draft, submitted, or lost: a draft whose job opening was cancelled."""

    vacancy_id: str
    state: str


class AimsDocument(TypedDict):
    """What one candidate applies for, by the application's id. Empty for ever once the account is `closed`."""

    applications: dict[str, Aim]
    closed: bool


DRAFT, SUBMITTED, LOST = "draft", "submitted", "lost"
AimFact = VacancyTargeted | VacancyUntargeted | ApplicationSubmitted | DraftDiscarded


def _aims(document: AimsDocument | None, event: Recorded[Any]) -> AimsDocument:
    """An application may be heard of after its account was closed: topics come in any order."""
    if isinstance(event.data, AccountClosed) or (document and document["closed"]):
        return AimsDocument(applications={}, closed=True)
    rows = {**document["applications"]} if document else {}
    fact: AimFact = event.data
    match fact:
        case VacancyTargeted(vacancy_id=vacancy_id):
            rows[event.key] = Aim(vacancy_id=str(vacancy_id), state=DRAFT)
        case ApplicationSubmitted(vacancy_id=vacancy_id):
            rows[event.key] = Aim(vacancy_id=str(vacancy_id), state=SUBMITTED)
        case VacancyUntargeted(vacancy_id=vacancy_id):
            rows[event.key] = Aim(vacancy_id=str(vacancy_id), state=LOST)
        case DraftDiscarded():
            rows.pop(event.key, None)
        case _:
            assert_never(fact)
    return AimsDocument(applications=rows, closed=False)


def _candidate(event: Recorded[Any]) -> tuple[str]:
    return (event.key if isinstance(event.data, AccountClosed) else str(event.data.candidate_id),)


AIMS: Projection[AimsDocument] = Projection(
    "aims", (VacancyTargeted, VacancyUntargeted, ApplicationSubmitted, DraftDiscarded, AccountClosed), _candidate, _aims
)


class DraftsDocument(TypedDict):
    """In one of the parts of a job opening: the drafts that are or were meant for it, and whose they are."""

    drafts: dict[str, str]


def _drafts(
    document: DraftsDocument | None,
    event: Recorded[VacancyTargeted | VacancyUntargeted | ApplicationSubmitted | DraftDiscarded],
) -> DraftsDocument | None:
    """A draft that is meant for another one stays: `AIMS` tells."""
    drafts = {**document["drafts"]} if document else {}
    match event.data:
        case VacancyTargeted(candidate_id=candidate_id):
            drafts[event.key] = str(candidate_id)
        case VacancyUntargeted() | ApplicationSubmitted() | DraftDiscarded():
            drafts.pop(event.key, None)
        case _:
            assert_never(event.data)
    return DraftsDocument(drafts=drafts) if drafts else None


DRAFTS: Projection[DraftsDocument] = Projection(
    "drafts",
    (VacancyTargeted, VacancyUntargeted, ApplicationSubmitted, DraftDiscarded),
    lambda event: (part_of(event.data.vacancy_id, event.key),) if event.data.vacancy_id else (),
    _drafts,
)
