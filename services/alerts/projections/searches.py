"""Saved searches, as pages and mails read them."""

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
from shared.model.message import Recorded
from shared.model.projection import Projection
from shared.vocabulary.addresses import one_spelling


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


def live(search: SearchDocument, now: datetime) -> bool:
    """Whether the search still finds vacancies, be its expiry noted or not."""
    return not search["deleted"] and not search["expired"] and now < datetime.fromisoformat(search["expires_at"])


def days_left(search: SearchDocument, now: datetime) -> int:
    """The days that remain of its 365 (R49), the last one counting as one; 0 when it has expired."""
    left = datetime.fromisoformat(search["expires_at"]) - now
    return max(0, -(-left // timedelta(days=1))) if live(search, now) else 0
