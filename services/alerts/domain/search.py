"""A saved search: kept for 365 days, perhaps used as a job alert, matched with each vacancy at most once (R46–R51)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Final, assert_never
from uuid import UUID

from services.alerts.domain.commands import (
    FIELDS,
    NAME,
    ConfirmAlert,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    ExpireSearch,
    OfCandidate,
    RecordMatch,
    RenameSearch,
    RenewSearch,
    SaveSearch,
    SearchCommand,
    SendDigest,
    TimeCommand,
    Unsubscribe,
    WarnOfExpiry,
)
from services.alerts.events import (
    SEARCH_EVENTS,
    AlertAddressConfirmed,
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    Rhythm,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
    UnsubscribeLinkMade,
    VacancyMatched,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, NotFound, Problem, refuse_if
from shared.model.reasons import Reason
from shared.vocabulary.addresses import one_spelling
from shared.vocabulary.fields import check

VALID: Final = timedelta(days=365)
REMINDER: Final = timedelta(days=14)
NEVER: Final = datetime.max.replace(tzinfo=UTC)
RENEWAL_STEP: Final = timedelta(days=1)
"""Renewing what was renewed within a day changes nothing."""
NO_LINK: Final = N_("This link is not valid, or is no longer valid.")


SearchEvent = (
    SearchSaved | AlertEnabled | AlertAddressConfirmed | AlertDisabled | SearchRenamed | SearchRenewed
    | SearchExpiringSoon | SearchExpired | SearchDeleted | UnsubscribeLinkMade | VacancyMatched | AlertDigestSent
)  # fmt: skip


@dataclass(frozen=True)
class SavedSearch:
    """`pending`: matched vacancies that wait for the next digest. `expires_at` can pass before `expired` is noted.

    awaits: nobody at `email` has said yes yet.
    """

    candidate_id: UUID | None = None
    name: str = ""
    alert: bool = False
    email: str = ""
    rhythm: Rhythm = "daily"
    expires_at: datetime = NEVER
    token: str = ""
    warned: bool = False
    expired: bool = False
    deleted: bool = False
    matched: frozenset[UUID] = frozenset()
    pending: tuple[UUID, ...] = ()
    awaits: bool = False

    @property
    def mailing(self) -> bool:
        return self.alert and not self.awaits

    @property
    def kept(self) -> bool:
        return self.candidate_id is not None and not self.deleted

    def live(self, now: datetime) -> bool:
        return self.kept and not self.expired and now < self.expires_at


def decide(command: SearchCommand, state: SavedSearch) -> Sequence[SearchEvent]:  # noqa: PLR0911
    match command:
        case SaveSearch():
            return _save(command, state)
        case EnableAlert():
            return _enable(command, state)
        case ConfirmAlert(email=email):
            return _confirm(email, state)
        case DisableAlert():
            return _disable(_own(command, state))
        case Unsubscribe(token=token):
            return _unsubscribe(token, state)
        case RenameSearch():
            return _rename(command, state)
        case RenewSearch():
            return _renew(command, state)
        case DeleteSearch():
            return _delete(command, state)
        case WarnOfExpiry() | ExpireSearch() | RecordMatch() | SendDigest():
            return _by_itself(command, state)
        case _:
            assert_never(command)


def _by_itself(command: TimeCommand, state: SavedSearch) -> list[SearchEvent]:
    """What time and vacancies bring about: never refused, at most without effect."""
    match command:
        case WarnOfExpiry(at=now):
            return _warn(now, state)
        case ExpireSearch(at=now):
            return _expire(now, state)
        case RecordMatch():
            return _record(command, state)
        case SendDigest(at=now):
            return _digest(now, state)
        case _:
            assert_never(command)


def _own(command: OfCandidate, state: SavedSearch) -> SavedSearch:
    if not state.kept or state.candidate_id != command.candidate_id:
        raise NotFound.because(N_("This saved search does not exist, or no longer exists."))
    return state


def _save(command: SaveSearch, state: SavedSearch) -> list[SearchEvent]:
    if state.candidate_id is not None:
        if state.candidate_id != command.candidate_id:
            raise Conflict.because(N_("This saved search belongs to somebody else."))
        return []
    name, email = command.name.strip(), command.email.strip()
    refuse_if(_problems(name, email, command.rhythm, "yes" if command.alert else "no"))
    saved = SearchSaved(
        candidate_id=command.candidate_id, name=name, criteria=command.criteria, alert=command.alert,
        email=email if command.alert else None, rhythm=command.rhythm, language=command.language,
        expires_at=command.at + VALID, awaits=command.alert and not command.proven,
    )  # fmt: skip
    return [saved, UnsubscribeLinkMade(candidate_id=command.candidate_id, token=command.token)]


def _problems(name: str, email: str, rhythm: Rhythm, alert: str = "yes") -> list[Problem]:
    return check(FIELDS, {"name": name, "alert": alert, "email": email, "rhythm": rhythm})


def _enable(command: EnableAlert, state: SavedSearch) -> list[SearchEvent]:
    """To another address, mails bear another link: the earlier one is known to whoever read there."""
    _own(command, state)
    if not state.live(command.at):
        raise Conflict.because(
            N_("This saved search has expired. Renew it before you use it as a job alert."),
            reason=Reason.SEARCH_EXPIRED,
        )
    email = command.email.strip()
    refuse_if(_problems(state.name, email, command.rhythm))
    moves = one_spelling(email) != one_spelling(state.email)
    awaits = not (command.proven or (state.mailing and not moves))
    if (state.alert, state.email, state.rhythm, state.awaits) == (True, email, command.rhythm, awaits):
        return []
    enabled = AlertEnabled(candidate_id=command.candidate_id, email=email, rhythm=command.rhythm, awaits=awaits)
    return [enabled, *([UnsubscribeLinkMade(candidate_id=command.candidate_id, token=command.token)] if moves else [])]


def _confirm(email: str, state: SavedSearch) -> list[SearchEvent]:
    """Nothing if the alert is off, or goes elsewhere by now."""
    if not (state.alert and state.awaits and one_spelling(email) == one_spelling(state.email)):
        return []
    return [AlertAddressConfirmed(candidate_id=_owner(state), rhythm=state.rhythm)]


def _disable(state: SavedSearch) -> list[SearchEvent]:
    return [AlertDisabled(candidate_id=_owner(state))] if state.alert else []


def _owner(state: SavedSearch) -> UUID:
    if state.candidate_id is None:
        raise NotFound.because(N_("This saved search does not exist, or no longer exists."))
    return state.candidate_id


def check_link(token: str, state: SavedSearch) -> None:
    """Raises NotFound unless the token is that of the search's unsubscribe link."""
    check_token(token, state.token)


def check_token(token: str, right: str) -> None:
    """Raises NotFound unless there is a right one and this is it."""
    if not right or not compare_digest(right.encode(), token.encode()):
        raise NotFound.because(NO_LINK)


def _unsubscribe(token: str, state: SavedSearch) -> list[SearchEvent]:
    check_link(token, state)
    return [AlertDisabled(candidate_id=_owner(state), reason="unsubscribed")] if state.kept and state.alert else []


def _rename(command: RenameSearch, state: SavedSearch) -> list[SearchEvent]:
    _own(command, state)
    name = command.name.strip()
    refuse_if(check((NAME,), {"name": name}))
    return [] if name == state.name else [SearchRenamed(candidate_id=command.candidate_id, name=name)]


def _renew(command: RenewSearch, state: SavedSearch) -> list[SearchEvent]:
    _own(command, state)
    end = command.at + VALID
    if end - state.expires_at < RENEWAL_STEP:
        return []
    return [SearchRenewed(candidate_id=command.candidate_id, expires_at=end)]


def _delete(command: DeleteSearch, state: SavedSearch) -> list[SearchEvent]:
    if state.candidate_id != command.candidate_id:
        _own(command, state)
    return [] if state.deleted else [SearchDeleted(candidate_id=command.candidate_id)]


def _warn(now: datetime, state: SavedSearch) -> list[SearchEvent]:
    if not state.live(now) or state.warned or now < state.expires_at - REMINDER:
        return []
    return [SearchExpiringSoon(candidate_id=_owner(state), expires_at=state.expires_at)]


def _expire(now: datetime, state: SavedSearch) -> list[SearchEvent]:
    over = state.kept and not state.expired and now >= state.expires_at
    return [SearchExpired(candidate_id=_owner(state))] if over else []


def _record(match: RecordMatch, state: SavedSearch) -> list[SearchEvent]:
    """Not what has closed before we heard of it: the notice may have waited for us, as history does when imported."""
    if not state.live(match.at) or match.at >= match.closes_at or match.vacancy_id in state.matched:
        return []
    matched = VacancyMatched(candidate_id=_owner(state), vacancy_id=match.vacancy_id)
    return [matched.model_copy(update={"rhythm": state.rhythm, "email": state.email}) if state.mailing else matched]


def _digest(now: datetime, state: SavedSearch) -> list[SearchEvent]:
    if not state.live(now) or not state.pending or state.awaits:
        return []
    return [AlertDigestSent(candidate_id=_owner(state), vacancy_ids=state.pending, email=state.email)]


def evolve(state: SavedSearch, event: SearchEvent) -> SavedSearch:  # noqa: PLR0911
    match event:
        case SearchSaved():
            email, end, awaits = event.email or "", event.expires_at, event.awaits
            return SavedSearch(event.candidate_id, event.name, event.alert, email, event.rhythm, end, awaits=awaits)
        case UnsubscribeLinkMade(token=token):
            return replace(state, token=token)
        case SearchRenamed(name=name):
            return replace(state, name=name)
        case AlertEnabled(email=email, rhythm=rhythm, awaits=awaits):
            return replace(state, alert=True, email=email, rhythm=rhythm, awaits=awaits)
        case AlertAddressConfirmed():
            return replace(state, awaits=False)
        case AlertDisabled():
            return replace(state, alert=False, awaits=False, pending=())
        case SearchRenewed() | SearchExpiringSoon() | SearchExpired() | SearchDeleted():
            return _aged(state, event)
        case VacancyMatched() | AlertDigestSent():
            return _announced(state, event)
        case _:
            assert_never(event)


def _aged(state: SavedSearch, event: SearchRenewed | SearchExpiringSoon | SearchExpired | SearchDeleted) -> SavedSearch:
    match event:
        case SearchRenewed(expires_at=end):
            return replace(state, expires_at=end, warned=False, expired=False)
        case SearchExpiringSoon():
            return replace(state, warned=True)
        case SearchExpired():
            return replace(state, expired=True, pending=())
        case SearchDeleted():
            return replace(state, deleted=True, alert=False, pending=())
        case _:
            assert_never(event)


def _announced(state: SavedSearch, event: VacancyMatched | AlertDigestSent) -> SavedSearch:
    if isinstance(event, AlertDigestSent):
        return replace(state, pending=())
    waits = (event.vacancy_id,) if event.rhythm in ("daily", "weekly") else ()
    return replace(state, matched=state.matched | {event.vacancy_id}, pending=state.pending + waits)


SEARCH: Decider[SearchCommand, SavedSearch, SearchEvent] = Decider(
    "search", SavedSearch(), decide, evolve, (*SEARCH_EVENTS, UnsubscribeLinkMade)
)
