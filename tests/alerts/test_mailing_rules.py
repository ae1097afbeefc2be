"""Mails that may be switched off: all is on, everything is told once, and one link ends each kind."""

import pytest

from services.alerts.domain import MAILING, ChooseMails, EndMailing, NoteNews, SendNews, StopMails
from services.alerts.events import MailingEnded, MailKind, MailLinkMade, MailSwitched, News, NewsNoted, NewsSent
from shared.model.errors import NotFound
from shared.model.testing import given
from tests.alerts.values import ANNA, OTHER_VACANCY, VACANCY_ID

DRAFTS, DEADLINES, CHANGES = MailKind
NEAR = News(kind=DEADLINES, what="deadline", vacancy_id=VACANCY_ID, mark="2026-12-23 7")
NEARER = NEAR.model_copy(update={"mark": "2026-12-23 2"})
AMENDED = News(kind=CHANGES, what="amended", vacancy_id=OTHER_VACANCY, mark="2")
LINK = MailLinkMade(candidate_id=ANNA, token="secret")
SEND = SendNews(candidate_id=ANNA, secret="secret")
STOP = StopMails(candidate_id=ANNA, kind=CHANGES, token="secret")


def noted(news: News) -> NewsNoted:
    return NewsNoted(candidate_id=ANNA, news=news)


def note(news: News) -> NoteNews:
    return NoteNews(candidate_id=ANNA, news=news)


def sent(*news: News) -> NewsSent:
    return NewsSent(candidate_id=ANNA, kind=news[0].kind, news=news)


def off(kind: MailKind, reason: str = "candidate") -> MailSwitched:
    return MailSwitched.model_validate({"candidate_id": ANNA, "kind": kind, "on": False, "reason": reason})


def test_news_is_noted_once_for_ever() -> None:
    given(MAILING).when(note(NEAR)).then(noted(NEAR))
    given(MAILING, noted(NEAR)).when(note(NEAR)).then()
    given(MAILING, noted(NEAR), LINK, sent(NEAR)).when(note(NEAR)).then()
    given(MAILING, noted(NEAR), LINK, sent(NEAR)).when(note(NEARER)).then(noted(NEARER))


def test_what_has_gathered_goes_out_in_one_mail_a_kind_with_one_link_for_all() -> None:
    gathered = given(MAILING, noted(NEAR), noted(AMENDED), noted(NEARER))
    gathered.when(SEND).then(LINK, sent(NEAR, NEARER), sent(AMENDED))
    given(MAILING, noted(NEAR), LINK, sent(NEAR), noted(AMENDED)).when(SEND).then(sent(AMENDED))
    given(MAILING, noted(NEAR), noted(AMENDED), LINK, sent(NEAR)).when(SEND).then(sent(AMENDED))


def test_nothing_gathered_is_nothing_sent() -> None:
    given(MAILING).when(SEND).then()
    given(MAILING, noted(NEAR), LINK, sent(NEAR)).when(SEND).then()


def test_what_is_switched_off_is_neither_noted_nor_sent() -> None:
    given(MAILING, off(DEADLINES)).when(note(NEAR)).then()
    given(MAILING, noted(NEAR), noted(AMENDED), off(DEADLINES)).when(SEND).then(LINK, sent(AMENDED))


def test_only_what_differs_is_switched() -> None:
    wish = ChooseMails(candidate_id=ANNA, kinds=frozenset({DRAFTS, CHANGES}))
    given(MAILING).when(wish).then(off(DEADLINES))
    given(MAILING, off(DEADLINES)).when(wish).then()
    on = off(CHANGES).model_copy(update={"on": True})
    given(MAILING, off(DEADLINES), off(CHANGES)).when(wish).then(on)


def test_whoever_has_the_link_of_a_mail_ends_mails_of_its_kind() -> None:
    had = given(MAILING, noted(AMENDED), LINK, sent(AMENDED))
    had.when(STOP).then(off(CHANGES, "unsubscribed"))
    had.after(STOP).when(STOP).then()


@pytest.mark.parametrize("token", ["", "guess"])
def test_a_guess_ends_nothing(token: str) -> None:
    guess = STOP.model_copy(update={"token": token})
    given(MAILING, LINK).when(guess).refused(NotFound)
    given(MAILING).when(guess).refused(NotFound)


def test_after_the_account_nothing_is_mailed() -> None:
    end = EndMailing(candidate_id=ANNA)
    ended = MailingEnded(candidate_id=ANNA)
    given(MAILING, noted(NEAR)).when(end).then(ended)
    given(MAILING).when(end).then(ended)
    for past in ((noted(NEAR), ended), (ended,)):
        for command in (end, SEND, note(AMENDED)):
            given(MAILING, *past).when(command).then()
