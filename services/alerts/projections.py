"""What the pages and mails of this service need to know: saved searches, and from elsewhere vacancies and addresses."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, assert_never, cast

from services.alerts.events import (
    AlertAddressConfirmed,
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
    UnsubscribeLinkMade,
)
from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.vacancies.events import (
    NEW_YORK,
    VACANCY_EVENTS,
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyMerged,
    VacancyPublished,
    in_language,
)
from shared.model.message import Recorded
from shared.model.projection import AnyProjection, Projection, by_key
from shared.vocabulary.addresses import one_spelling
from shared.vocabulary.reference import DUTY_STATIONS, name_of


class SearchDocument(TypedDict):
    """One saved search. A deleted one stays as an empty shell, so that a late reaction knows that it is gone.

    silenced: the stream's version at which mails were last switched off; matches recorded before are not announced.
    awaits: nobody at `email` has said yes yet; older documents do not have it, and their alerts go on.
    """

    id: str
    candidate_id: str
    name: str
    criteria: dict[str, Any]
    alert: bool
    email: str
    rhythm: str
    language: str
    saved_at: str
    expires_at: str
    expired: bool
    deleted: bool
    silenced: int
    token: str
    links: NotRequired[dict[str, str]]
    awaits: NotRequired[bool]


SECRETS = frozenset({"token", "links"})
"""What nobody is shown: who has the link of a mail may end that mail."""

SearchFact = (
    SearchSaved | UnsubscribeLinkMade | AlertEnabled | AlertAddressConfirmed | AlertDisabled | SearchRenamed
    | SearchRenewed | SearchExpired | SearchDeleted
)  # fmt: skip


def _search(document: SearchDocument | None, event: Recorded[SearchFact]) -> SearchDocument | None:
    if isinstance(event.data, SearchSaved):
        return _saved(event.data, event)
    if document is None:
        return None
    changed = {**document, **_change(event.data, event.version)}
    if isinstance(event.data, UnsubscribeLinkMade):
        changed["links"] = {**document.get("links", {}), one_spelling(document["email"]): event.data.token}
    return cast(SearchDocument, changed)


def _saved(saved: SearchSaved, event: Recorded[Any]) -> SearchDocument:
    return SearchDocument(
        id=event.key, candidate_id=str(saved.candidate_id), name=saved.name,
        criteria=saved.criteria.model_dump(mode="json", exclude_defaults=True), alert=saved.alert,
        email=saved.email or "", rhythm=saved.rhythm, language=saved.language, saved_at=event.at.isoformat(),
        expires_at=saved.expires_at.isoformat(), expired=False, deleted=False, silenced=0, token="",
        awaits=saved.awaits,
    )  # fmt: skip


def _change(fact: SearchFact, version: int) -> dict[str, Any]:  # noqa: PLR0911
    match fact:
        case AlertEnabled(email=email, rhythm=rhythm, awaits=awaits):
            return {"alert": True, "email": email, "rhythm": rhythm, "awaits": awaits}
        case AlertAddressConfirmed():
            return {"awaits": False}
        case AlertDisabled():
            return {"alert": False, "awaits": False, "silenced": version}
        case SearchRenamed(name=name):
            return {"name": name}
        case SearchRenewed(expires_at=end):
            return {"expires_at": end.isoformat(), "expired": False}
        case SearchExpired():
            return {"expired": True}
        case SearchDeleted():
            empty = {"name": "", "email": "", "criteria": {}, "token": "", "links": {}}
            return {"deleted": True, "alert": False, "awaits": False, "silenced": version, **empty}
        case UnsubscribeLinkMade(token=token):
            return {"token": token}
        case SearchSaved():
            return {}
        case _:
            assert_never(fact)


def link_of(search: SearchDocument, email: str) -> str:
    """The token of the link that belongs to this address; that of today for what is older than links of addresses."""
    return search.get("links", {}).get(one_spelling(email), search["token"])


def awaits(search: SearchDocument) -> bool:
    """Whether its mails wait for somebody at its address to say yes (R48)."""
    return search["alert"] and search.get("awaits", False)


def search_key(candidate_id: object, search_id: object) -> str:
    """Under the candidate, so that one look finds all searches of one, and nobody finds those of another."""
    return f"{candidate_id}/{search_id}"


def kept(searches: Iterable[SearchDocument]) -> list[SearchDocument]:
    """Those that were not deleted, in the order in which they were saved."""
    return sorted((search for search in searches if not search["deleted"]), key=lambda search: search["saved_at"])


SEARCHES: Projection[SearchDocument] = Projection(
    "searches",
    (
        SearchSaved, UnsubscribeLinkMade, AlertEnabled, AlertAddressConfirmed, AlertDisabled, SearchRenamed,
        SearchRenewed, SearchExpired, SearchDeleted,
    ),
    lambda event: (search_key(event.data.candidate_id, event.key),),
    _search,
)  # fmt: skip


class VacancyDocument(TypedDict):
    """What a mail says of a vacancy. closes_on: the day in New York at whose end it closes (R45).

    stations: codes of DUTY_STATIONS; older documents hold a name. title is in `language`; translations: the titles in
    others. Older documents have neither of the two.
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


VacancyFact = VacancyPublished | VacancyAmended | DeadlineExtended | VacancyClosed | VacancyCancelled | VacancyMerged


def _vacancy(document: VacancyDocument | None, event: Recorded[VacancyFact]) -> VacancyDocument | None:
    match event.data:
        case VacancyContent():
            return _described(event.data, event.key, document["over"] if document else False)
        case DeadlineExtended(closes_at=closes_at):
            return cast(VacancyDocument, _extended(document, closes_at)) if document else None
        case VacancyClosed() | VacancyCancelled() | VacancyMerged():
            return cast(VacancyDocument, {**document, "over": True}) if document else None
        case _:
            assert_never(event.data)


def _extended(document: VacancyDocument, closes_at: datetime) -> dict[str, Any]:
    return {**document, "closes_at": closes_at.isoformat(), "closes_on": _day_in_new_york(closes_at), "over": False}


def _day_in_new_york(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).date().isoformat()


def _described(vacancy: VacancyContent, key: str, over: bool) -> VacancyDocument:
    return VacancyDocument(
        id=key, number=vacancy.job_opening_number, title=vacancy.title, level=vacancy.level,
        stations=[station.code for station in vacancy.duty_stations],
        closes_at=vacancy.closes_at.isoformat(), closes_on=_day_in_new_york(vacancy.closes_at), over=over,
        language=vacancy.language,
        translations=vacancy.titles,
    )  # fmt: skip


VACANCIES: Projection[VacancyDocument] = Projection("vacancies", VACANCY_EVENTS, by_key, _vacancy)


def in_words(vacancy: VacancyDocument, language: str) -> VacancyDocument:
    """The title and the duty stations in this language, if there is a notice in it."""
    return {
        **in_language(vacancy, language),
        "stations": [name_of(DUTY_STATIONS, text, language) for text in vacancy["stations"]],
    }


class AccountDocument(TypedDict):
    """Where the holder of a saved search is reached when the search has no address of its own."""

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


def live(search: SearchDocument, now: datetime) -> bool:
    """Whether the search still finds vacancies, be its expiry noted or not."""
    return not search["deleted"] and not search["expired"] and now < datetime.fromisoformat(search["expires_at"])


def days_left(search: SearchDocument, now: datetime) -> int:
    """The days that remain of its 365 (R49), the last one counting as one; 0 when it has expired."""
    left = datetime.fromisoformat(search["expires_at"]) - now
    return max(0, -(-left // timedelta(days=1))) if live(search, now) else 0


ALL: tuple[AnyProjection, ...] = (SEARCHES, VACANCIES, ACCOUNTS)
