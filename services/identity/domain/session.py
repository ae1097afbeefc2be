"""A session: begun by logging in, ended once, by its holder or by time (R20)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from services.identity.events import LoggedIn, Reason, SessionEnded, SessionEvent
from shared.model.decider import Decider
from shared.model.message import Command


class LogIn(Command):
    """The credentials were right. `lasts`: how long a session lives at most, however busy."""

    account_id: UUID
    lasts: timedelta


class EndSession(Command):
    reason: Reason


SessionCommand = LogIn | EndSession


@dataclass(frozen=True)
class Session:
    """Whose session it is (None before it begins), and whether it is over."""

    account_id: UUID | None = None
    over: bool = False


def decide(command: SessionCommand, state: Session) -> Sequence[SessionEvent]:
    match command:
        case LogIn(account_id=account_id, lasts=lasts):
            return [] if state.account_id else [LoggedIn(account_id=account_id, ends_at=command.at + lasts)]
        case EndSession(reason=reason):
            if state.account_id is None or state.over:
                return []
            return [SessionEnded(account_id=state.account_id, reason=reason)]
        case _:
            assert_never(command)


def evolve(state: Session, event: SessionEvent) -> Session:
    match event:
        case LoggedIn(account_id=account_id):
            return replace(state, account_id=account_id)
        case SessionEnded():
            return replace(state, over=True)
        case _:
            assert_never(event)


def expires_at(seen_at: datetime, ends_at: datetime, idle: timedelta) -> datetime:
    """When a session ends if it is not used any more: idle for too long, or at its last end, whichever is first."""
    return min(seen_at + idle, ends_at)


FAMILIES: Final = (
    ("Edg", "Microsoft Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""A sign in the User-Agent header, and whose it is; the first that is found counts, since most name others besides."""


def browser_family(user_agent: str) -> str:
    """The browser's name, all that is kept of where a session is; nothing for an unknown one."""
    return next((name for sign, name in FAMILIES if sign in user_agent), "")


SESSION: Decider[SessionCommand, Session, SessionEvent] = Decider(
    category="session", initial=Session(), decide=decide, evolve=evolve, events=(LoggedIn, SessionEnded)
)
