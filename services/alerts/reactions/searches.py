"""What follows for saved searches from a vacancy, from a match, from the passing of time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, assert_never
from uuid import UUID

from services.alerts.domain import (
    QUOTA,
    REMINDER,
    SEARCH,
    DeleteSearch,
    ExpireSearch,
    GiveUpPlaces,
    RecordMatch,
    SearchIndex,
    SendDigest,
    WarnOfExpiry,
)
from services.alerts.events import (
    AlertAddressConfirmed,
    AlertDigestSent,
    AlertEnabled,
    PlaceFreed,
    Rhythm,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenewed,
    SearchSaved,
    VacancyMatched,
)
from services.alerts.projections import (
    ACCOUNTS,
    SEARCHES,
    VACANCIES,
    SearchDocument,
    awaits,
    in_words,
    link_of,
    search_key,
)
from services.alerts.reactions.known import MOST_IN_A_MAIL, account, list_headers, vacancy
from services.identity.events import AccountClosed, account_of
from services.vacancies.events import VacancyAmended, VacancyPublished, notice_of
from shared.model.message import Recorded, derived_id
from shared.model.reaction import (
    Do,
    Effect,
    Known,
    Memory,
    Need,
    Reaction,
    Schedule,
    Send,
    Timer,
    TimerRule,
    Unschedule,
)
from shared.vocabulary.search import Criteria

DIGEST_HOUR: Final = 6  # UTC: before the working day from Geneva to New York
MONDAY: Final = 0
FEW: Final = 100
SLICE: Final = 1_000
"""A vacancy that fits more than a FEW searches is recorded slice by slice, each in a transaction of its own: hundreds
of vacancies can come in one batch, and one can fit tens of thousands of searches."""


def _index(index: SearchIndex, event: Recorded[Any]) -> None:
    match event.data:
        case SearchSaved(criteria=criteria):
            if not event.erased:  # What it looks for is empty then, and would fit everything.
                index.add(event.key, criteria)
        case SearchExpired():
            index.suspend(event.key)
        case SearchRenewed():
            index.resume(event.key)
        case SearchDeleted():
            index.remove(event.key)
        case _:
            raise TypeError(f"{type(event.data).__name__} does not concern the index")


INDEX = Memory(
    "searches", (SearchSaved, SearchExpired, SearchRenewed, SearchDeleted), SearchIndex, _index,
    SearchIndex.dump, SearchIndex.load,
)  # fmt: skip


def _match(event: Recorded[VacancyPublished | VacancyAmended], known: Known) -> Iterable[Effect]:
    notice = event.data
    if notice.source == "galaxy" or notice.closes_at <= event.at:
        return
    index: SearchIndex = known.memory(INDEX)
    found = index.match(notice_of(notice))
    if len(found) <= FEW:
        yield from _record(event.key, notice.closes_at, found)
        return
    data = {"vacancy_id": event.key, "closes_at": notice.closes_at.isoformat()}
    for start in range(0, len(found), SLICE):
        part = {**data, "search_ids": found[start : start + SLICE]}
        yield Schedule(f"match:{event.id}:{start}", event.at, "match", part)


def _record(vacancy_id: str, closes_at: datetime, search_ids: Iterable[str]) -> Iterable[Do]:
    fits = RecordMatch(vacancy_id=UUID(vacancy_id), closes_at=closes_at)
    return (Do(SEARCH, search_id, fits) for search_id in search_ids)


def _record_slice(timer: Timer, _known: Known) -> Iterable[Effect]:
    data = timer.data
    return _record(data["vacancy_id"], datetime.fromisoformat(data["closes_at"]), data["search_ids"])


MATCH = Reaction("match", (VacancyPublished, VacancyAmended), _match, memories=(INDEX,))
"""R51: only notices of Inspira. An amended notice can come to fit a search; the search records it once."""


def next_digest(now: datetime, rhythm: Rhythm) -> datetime:
    """When the digest that gathers from `now` on goes out: the next morning, or the next Monday morning."""
    due = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    due += timedelta(days=(MONDAY - due.weekday()) % 7 if rhythm == "weekly" else 0)
    return due if due > now else due + timedelta(days=7 if rhythm == "weekly" else 1)


def _digest_timer(key: str, now: datetime, rhythm: Rhythm) -> Schedule:
    """One timer a search and day: a match that comes while a digest is overdue does not put it off."""
    due = next_digest(now, rhythm)
    return Schedule(f"digest:{key}:{due:%Y-%m-%d}", due, "digest", {"search_id": key})


def _wants(event: Recorded[VacancyMatched]) -> Iterable[Need]:
    if event.data.rhythm == "at_once":
        return (_need(event), Need(VACANCIES, str(event.data.vacancy_id)))
    return ()


def _announce(event: Recorded[VacancyMatched], known: Known) -> Iterable[Effect]:
    match event.data.rhythm:
        case None:
            return ()
        case "at_once":
            return _mail(event, "vacancy", _search(known, event), known, event.data.vacancy_id)
        case "daily" | "weekly" as rhythm:
            return (_digest_timer(event.key, event.at, rhythm),)
        case _:
            assert_never(event.data.rhythm)


def _need(event: Recorded[Any]) -> Need:
    return Need(SEARCHES, search_key(event.data.candidate_id, event.key))


def _search(known: Known, event: Recorded[Any]) -> SearchDocument:
    search = known.get(SEARCHES, _need(event).key)
    if search is None:
        raise LookupError(f"saved search {event.key} is not in the view yet")
    return search


def _mail(
    event: Recorded[VacancyMatched | AlertDigestSent], template: str, search: SearchDocument, known: Known, *ids: UUID
) -> Iterable[Effect]:
    """One mail about the vacancies that are still open; none if mails have been switched off since the event."""
    vacancies = [vacancy(known, vacancy_id) for vacancy_id in ids]
    still_open = [v for v in vacancies if not v["over"] and datetime.fromisoformat(v["closes_at"]) > event.at]
    if search["silenced"] > event.version or not still_open:
        return
    shown = [in_words(each, search["language"]) for each in still_open[:MOST_IN_A_MAIL]]
    token = link_of(search, event.data.email or "")
    yield Send(
        id=derived_id(event.id, template), to=event.data.email or "", template=f"alerts/mail/{template}",
        language=search["language"], headers=list_headers(search["id"], f"unsubscribe/{search['id']}/{token}"),
        about=search["id"], whose=account_of(event.data.candidate_id),
        params={
            "name": search["name"], "vacancies": shown, "count": len(still_open),
            "results": Criteria.model_validate(search["criteria"]).query(),
            "unsubscribe": unsubscribe_path(search["id"], token),
        },
    )  # fmt: skip


def unsubscribe_path(search_id: str, token: str) -> str:
    return f"/alerts/unsubscribe/{search_id}/{token}"


ANNOUNCE = Reaction("announce", (VacancyMatched,), _announce, _wants)


def _gathered(event: Recorded[AlertDigestSent]) -> Iterable[Need]:
    return (_need(event), *(Need(VACANCIES, str(vacancy_id)) for vacancy_id in event.data.vacancy_ids))


def _send_digest(event: Recorded[AlertDigestSent], known: Known) -> Iterable[Effect]:
    return _mail(event, "digest", _search(known, event), known, *event.data.vacancy_ids)


DIGEST = Reaction("digest", (AlertDigestSent,), _send_digest, _gathered)


def _keep_time(event: Recorded[Any], _known: Known) -> Iterable[Effect]:
    key, data = event.key, {"search_id": event.key}
    match event.data:
        case SearchSaved(expires_at=end) | SearchRenewed(expires_at=end):
            yield Schedule(f"reminder:{key}", end - REMINDER, "reminder", data)
            yield Schedule(f"expiry:{key}", end, "expiry", data)
        case AlertEnabled(rhythm=rhythm) | AlertAddressConfirmed(rhythm=rhythm):
            if rhythm != "at_once":
                yield _digest_timer(key, event.at, rhythm)
        case SearchExpired() | SearchDeleted():
            yield from (Unschedule(f"reminder:{key}"), Unschedule(f"expiry:{key}"))
        case _:
            raise TypeError(f"{type(event.data).__name__} sets no timer")


KEEP_TIME = Reaction(
    "keep_time",
    (SearchSaved, SearchRenewed, AlertEnabled, AlertAddressConfirmed, SearchExpired, SearchDeleted),
    _keep_time,
)


def _remind(event: Recorded[SearchExpiringSoon], known: Known) -> Iterable[Effect]:
    search, reached = _search(known, event), account(known, event.data.candidate_id)
    own = search["alert"] and not awaits(search)
    if search["deleted"] or not (to := search["email"] if own else reached["email"]):
        return
    yield Send(
        id=derived_id(event.id, "reminder"), to=to, template="alerts/mail/reminder", language=search["language"],
        params={"id": event.key, "name": search["name"], "expires_at": event.data.expires_at.isoformat()},
        whose=account_of(event.data.candidate_id),
    )  # fmt: skip


REMIND = Reaction(
    "remind",
    (SearchExpiringSoon,),
    _remind,
    lambda event: (_need(event), Need(ACCOUNTS, str(event.data.candidate_id))),
)

FORGET = Reaction("forget", (AccountClosed,), lambda event, _known: (Do(QUOTA, event.key, GiveUpPlaces()),))
"""A closed account keeps no saved search."""


def _delete(event: Recorded[PlaceFreed], _known: Known) -> Iterable[Effect]:
    return (Do(SEARCH, event.data.search_id, DeleteSearch(candidate_id=UUID(event.key))),)


DELETE = Reaction("delete", (PlaceFreed,), _delete)

ALL: tuple[Reaction, ...] = (MATCH, ANNOUNCE, DIGEST, KEEP_TIME, REMIND, FORGET, DELETE)

TIMERS: tuple[TimerRule, ...] = (
    TimerRule("match", _record_slice),
    TimerRule("reminder", lambda timer, _known: (Do(SEARCH, _due(timer), WarnOfExpiry()),)),
    TimerRule("expiry", lambda timer, _known: (Do(SEARCH, _due(timer), ExpireSearch()),)),
    TimerRule("digest", lambda timer, _known: (Do(SEARCH, _due(timer), SendDigest()),)),
)


def _due(timer: Timer) -> str:
    return str(timer.data["search_id"])
