"""What a candidate may switch off, and what is about to be mailed to them: all is on, and everything is told once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never
from uuid import UUID

from services.alerts.domain.search import check_token
from services.alerts.events import (
    MAILING_EVENTS,
    MailingEnded,
    MailingEvent,
    MailKind,
    MailLinkMade,
    MailSwitched,
    News,
    NewsNoted,
    NewsSent,
)
from shared.model.decider import Decider
from shared.model.message import Command, WithSecret


class NoteNews(Command):
    candidate_id: UUID
    news: News


class SendNews(WithSecret):
    """What has gathered goes out now. `secret`: for the unsubscribe links, if there is none yet."""

    candidate_id: UUID


class ChooseMails(Command):
    """The candidate wants mails of these kinds, and none of the others."""

    candidate_id: UUID
    kinds: frozenset[MailKind]


class StopMails(Command):
    """Whoever holds the link of a mail of this kind wants no more."""

    candidate_id: UUID
    kind: MailKind
    token: str


class EndMailing(Command):
    """The account is closed."""

    candidate_id: UUID


@dataclass(frozen=True)
class Mailing:
    """`pending`: what waits for the next mail. `told`: what has been noted at any time, so that nothing is told twice.

    off: the kinds that are switched off.
    """

    off: frozenset[MailKind] = frozenset()
    token: str = ""
    pending: tuple[News, ...] = ()
    told: frozenset[News] = frozenset()
    ended: bool = False


MailingCommand = NoteNews | SendNews | ChooseMails | StopMails | EndMailing


def decide(command: MailingCommand, state: Mailing) -> Sequence[MailingEvent]:
    if state.ended:
        return []
    match command:
        case NoteNews(candidate_id=candidate_id, news=news):
            fresh = news.kind not in state.off and news not in state.told
            return [NewsNoted(candidate_id=candidate_id, news=news)] if fresh else []
        case SendNews():
            return _send(command, state)
        case ChooseMails():
            return _choose(command, state)
        case StopMails(candidate_id=candidate_id, kind=kind, token=token):
            check_token(token, state.token)
            off = MailSwitched(candidate_id=candidate_id, kind=kind, on=False, reason="unsubscribed")
            return [] if kind in state.off else [off]
        case EndMailing(candidate_id=candidate_id):
            return [MailingEnded(candidate_id=candidate_id)]
        case _:
            assert_never(command)


def _send(command: SendNews, state: Mailing) -> list[MailingEvent]:
    candidate_id = command.candidate_id
    sent = [
        NewsSent(candidate_id=candidate_id, kind=kind, news=news)
        for kind in MailKind
        if (news := tuple(each for each in state.pending if each.kind is kind))
    ]
    linked = bool(state.token) or not sent
    return [*([] if linked else [MailLinkMade(candidate_id=candidate_id, token=command.secret)]), *sent]


def _choose(command: ChooseMails, state: Mailing) -> list[MailingEvent]:
    return [
        MailSwitched(candidate_id=command.candidate_id, kind=kind, on=kind in command.kinds)
        for kind in MailKind
        if (kind in command.kinds) is (kind in state.off)
    ]


def evolve(state: Mailing, event: MailingEvent) -> Mailing:
    match event:
        case NewsNoted(news=news):
            return replace(state, pending=(*state.pending, news), told=state.told | {news})
        case NewsSent(kind=kind):
            return replace(state, pending=_others(state, kind))
        case MailSwitched(kind=kind, on=True):
            return replace(state, off=state.off - {kind})
        case MailSwitched(kind=kind):
            return replace(state, off=state.off | {kind}, pending=_others(state, kind))
        case MailLinkMade(token=token):
            return replace(state, token=token)
        case MailingEnded():
            return Mailing(ended=True)
        case _:
            assert_never(event)


def _others(state: Mailing, kind: MailKind) -> tuple[News, ...]:
    return tuple(each for each in state.pending if each.kind is not kind)


MAILING: Final[Decider[MailingCommand, Mailing, MailingEvent]] = Decider(
    "mailing", Mailing(), decide, evolve, MAILING_EVENTS
)
