"""What is mailed of saved job openings and drafts: as far as it still holds, to whom it concerns, in their language."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.alerts.domain import MAILING, SendNews
from services.alerts.events import (
    MailingEnded,
    MailKind,
    MailLinkMade,
    MailSwitched,
    News,
    NewsNoted,
    NewsSent,
    OpeningLeft,
    What,
)
from services.alerts.reactions.known import MOST_IN_A_MAIL
from services.alerts.reactions.mailing import GATHER, TELL, slot_after
from services.applications.events import ApplicationSubmitted, DraftDiscarded, VacancyUntargeted
from services.identity.events import AccountClosed
from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyClosed
from shared.model.message import Event, Recorded
from shared.model.reaction import Do, Schedule, Send
from shared.model.testing import NOON, recorded
from shared.web.environment import Web
from shared.web.mails import render_mail
from tests.alerts.test_opening_reactions import CLOSES, DRAFT_ID, aims, of_vacancy, saves
from tests.alerts.values import ANNA, OTHER_VACANCY, VACANCY_ID, vacancy
from tests.alerts.world import World
from tests.identity.values import registered

URL = "https://careers.example.org"
DRAFTS, DEADLINES, CHANGES = MailKind
DUE = CLOSES - timedelta(days=7)
TITLE = "Économiste principale"

FACTS = (
    recorded(registered(email="anna@example.org", language="fr"), f"account-{ANNA}"),
    of_vacancy(vacancy()),
    of_vacancy(vacancy(title="Juriste", job_opening_number="26-LEG-2"), key=OTHER_VACANCY),
    recorded(MailLinkMade(candidate_id=ANNA, token="secret"), f"mailing-{ANNA}"),
)


def news(kind: MailKind, what: What = "deadline", key: UUID = VACANCY_ID) -> News:
    draft = DRAFT_ID if kind is DRAFTS else None
    return News(kind=kind, what=what, vacancy_id=key, application_id=draft, mark="1")


def sent(*items: News, at: datetime = DUE) -> Recorded[NewsSent]:
    return recorded(NewsSent(candidate_id=ANNA, kind=items[0].kind, news=items), f"mailing-{ANNA}", 5, at)


def mails(fact: Recorded[NewsSent], *facts: Recorded[Any]) -> list[Send]:
    effects = World(*FACTS, *facts).reacts(TELL, fact)
    return [effect for effect in effects if isinstance(effect, Send)]


def of_draft(event: Event, draft_id: UUID = DRAFT_ID) -> Recorded[Any]:
    return recorded(event, f"application-{draft_id}", 2)


def submits(key: UUID = VACANCY_ID, draft_id: UUID = DRAFT_ID) -> Recorded[Any]:
    fact = ApplicationSubmitted(
        candidate_id=ANNA, vacancy_id=key, job_opening_number="26-ECO-1", title=TITLE, reference="P-1", snapshot={}
    )
    return of_draft(fact, draft_id)


SUBMITTED = submits()
DRAFT = aims(ANNA)
CANCELLED = of_vacancy(VacancyCancelled(), 2)
LEFT = recorded(OpeningLeft(candidate_id=ANNA, vacancy_id=VACANCY_ID), f"opening-{ANNA}", 2)


@pytest.mark.parametrize(("minute", "second", "due"), [(0, 0, 5), (3, 59, 5), (4, 0, 5), (4, 1, 10), (54, 30, 60)])
def test_what_is_noted_goes_out_at_the_end_of_its_five_minutes(minute: int, second: int, due: int) -> None:
    moment = datetime(2026, 11, 23, 12, minute, second, tzinfo=UTC)
    assert slot_after(moment) == NOON + timedelta(minutes=due)


def test_all_that_is_noted_in_five_minutes_is_one_timer_and_asks_once() -> None:
    fact = recorded(NewsNoted(candidate_id=ANNA, news=news(DEADLINES)), f"mailing-{ANNA}")
    (timer,) = World().reacts(GATHER, fact)
    assert isinstance(timer, Schedule)
    assert World().reacts(GATHER, fact._replace(at=fact.at + timedelta(minutes=2))) == [timer]
    assert World().fires(timer) == [Do(MAILING, str(ANNA), SendNews(candidate_id=ANNA))]


def test_a_reminder_goes_to_the_account_in_its_language_with_one_click_unsubscribing() -> None:
    (mail,) = mails(sent(news(DEADLINES), news(DEADLINES, key=OTHER_VACANCY)), saves(ANNA), saves(ANNA, OTHER_VACANCY))
    assert (mail.to, mail.language, mail.template) == ("anna@example.org", "fr", "alerts/mail/opening_deadlines")
    assert mail.whose == f"account-{ANNA}"
    assert [item["title"] for item in mail.params["items"]] == [TITLE, "Juriste"]
    assert mail.params["count"] == 2
    assert mail.headers == {
        "List-Id": "<opening-deadlines.alerts.{host}>",
        "List-Unsubscribe": f"<{{public_url}}/alerts/api/mails/opening_deadlines/{ANNA}/secret>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert mail.params["unsubscribe"] == f"/alerts/mails/opening_deadlines/{ANNA}/secret"


def test_what_closes_first_comes_first_and_of_very_many_the_rest_is_one_link_away() -> None:
    keys = [UUID(int=400 - number) for number in range(MOST_IN_A_MAIL + 1)]
    many = [
        fact
        for number, key in enumerate(keys)
        for fact in (
            of_vacancy(vacancy(title=f"Post {number}", closes_at=CLOSES - timedelta(hours=number)), key=key),
            saves(ANNA, key),
        )
    ]
    (mail,) = mails(sent(*(news(DEADLINES, key=key) for key in keys)), *many)
    assert [item["id"] for item in mail.params["items"]] == [str(key) for key in reversed(keys)][:MOST_IN_A_MAIL]
    assert mail.params["count"] == MOST_IN_A_MAIL + 1
    for template in ("draft_deadlines", "opening_deadlines", "opening_changes"):
        shown = render_mail(f"alerts/mail/{template}", "en", {"public_url": URL, **mail.params}, Web.of("alerts"))
        assert "51" in shown.subject
        assert f"\n\nSee them all on the Careers page: {URL}/careers\n\n" in shown.text
        assert f'href="{URL}/careers"' in shown.html
        few = {**mail.params, "count": MOST_IN_A_MAIL}
        shown = render_mail(f"alerts/mail/{template}", "en", {"public_url": URL, **few}, Web.of("alerts"))
        assert "See them all" not in shown.text + shown.html


def test_a_replay_is_the_same_mail() -> None:
    first, again = (mails(sent(news(DRAFTS)), DRAFT)[0].id for _ in range(2))
    assert first == again


@pytest.mark.parametrize("end", [
    SUBMITTED,
    of_draft(DraftDiscarded(candidate_id=ANNA)),
    of_draft(VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)),
    aims(ANNA, OTHER_VACANCY),
    CANCELLED,
    of_vacancy(DeadlineExtended(closes_at=CLOSES + timedelta(days=9)), 2),
    recorded(AccountClosed(), f"account-{ANNA}", 2),
    recorded(MailSwitched(candidate_id=ANNA, kind=DRAFTS, on=False), f"mailing-{ANNA}", 6),
    recorded(MailingEnded(candidate_id=ANNA), f"mailing-{ANNA}", 6),
])  # fmt: skip
def test_of_a_draft_that_needs_none_there_is_no_reminder(end: Recorded[Any]) -> None:
    assert len(mails(sent(news(DRAFTS)), DRAFT)) == 1
    assert mails(sent(news(DRAFTS)), DRAFT, end) == []


def test_after_its_deadline_nobody_is_reminded_of_a_draft() -> None:
    assert mails(sent(news(DRAFTS), at=CLOSES), DRAFT) == []


def test_of_a_job_opening_that_was_left_or_applied_for_there_is_no_reminder() -> None:
    assert len(mails(sent(news(DEADLINES)), saves(ANNA))) == 1
    assert mails(sent(news(DEADLINES)), saves(ANNA), LEFT) == []
    assert mails(sent(news(DEADLINES)), saves(ANNA), DRAFT, SUBMITTED) == []


def test_one_deadline_is_told_once_by_the_draft_unless_its_reminders_are_off() -> None:
    assert mails(sent(news(DEADLINES)), saves(ANNA), DRAFT) == []
    off = recorded(MailSwitched(candidate_id=ANNA, kind=DRAFTS, on=False), f"mailing-{ANNA}", 6)
    assert len(mails(sent(news(DEADLINES)), saves(ANNA), DRAFT, off)) == 1


def test_changes_of_one_job_opening_are_told_together_and_its_end_alone() -> None:
    both = sent(news(CHANGES, "amended"), news(CHANGES, "extended"), at=NOON)
    (mail,) = mails(both, saves(ANNA))
    assert [item["changes"] for item in mail.params["items"]] == [["amended", "extended"]]
    (ended,) = mails(both, saves(ANNA), CANCELLED)
    assert [item["changes"] for item in ended.params["items"]] == [["cancelled"]]
    assert mails(both, saves(ANNA), of_vacancy(VacancyClosed(), 2)) == []


def test_whoever_hears_of_the_end_because_of_an_application_hears_it_once() -> None:
    lost = of_draft(VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID))
    for before in ((DRAFT,), (DRAFT, lost), (DRAFT, SUBMITTED)):
        assert mails(sent(news(CHANGES, "cancelled"), at=NOON), saves(ANNA), CANCELLED, *before) == []


def test_applications_for_others_change_nothing() -> None:
    others = (aims(ANNA, OTHER_VACANCY, UUID(int=301)), submits(UUID(int=202), UUID(int=302)))
    assert len(mails(sent(news(DEADLINES)), saves(ANNA), *others)) == 1
    assert len(mails(sent(news(CHANGES, "cancelled"), at=NOON), saves(ANNA), CANCELLED, *others)) == 1
    assert mails(sent(news(DEADLINES)), saves(ANNA), SUBMITTED, *others) == [], "one application leaves the others"


def test_whoever_applied_to_a_notice_that_became_part_of_it_has_applied() -> None:
    merged = of_vacancy(vacancy(absorbed=(OTHER_VACANCY,)), 2)
    assert len(mails(sent(news(DEADLINES)), merged, saves(ANNA))) == 1
    assert mails(sent(news(DEADLINES)), merged, saves(ANNA), submits(OTHER_VACANCY)) == []
    lost = of_draft(VacancyUntargeted(candidate_id=ANNA, vacancy_id=OTHER_VACANCY))
    assert mails(sent(news(CHANGES, "cancelled"), at=NOON), merged, CANCELLED, saves(ANNA), lost) == []


def test_of_what_is_published_in_galaxy_changes_are_told_and_no_deadline() -> None:
    galaxy = of_vacancy(vacancy(source="galaxy"), 2)
    assert mails(sent(news(DEADLINES)), galaxy, saves(ANNA)) == []
    assert len(mails(sent(news(CHANGES, "extended"), at=NOON), galaxy, saves(ANNA))) == 1


def test_an_account_that_is_not_known_yet_is_waited_for() -> None:
    with pytest.raises(LookupError, match="account"):
        World(*FACTS[1:]).reacts(TELL, sent(news(DEADLINES)))


@pytest.mark.parametrize(("kind", "what", "said"), [
    (DRAFTS, "deadline", "L’échéance de votre projet de candidature approche : Économiste principale"),
    (DEADLINES, "deadline", "L’échéance d’une offre d’emploi à suivre approche : Économiste principale"),
    (CHANGES, "extended", "Une offre d’emploi à suivre a changé : Économiste principale"),
])  # fmt: skip
def test_each_mail_says_what_it_is_about_and_how_to_end_it(kind: MailKind, what: What, said: str) -> None:
    (mail,) = mails(sent(news(kind, what)), *((DRAFT,) if kind is DRAFTS else (saves(ANNA),)))
    shown = render_mail(mail.template, mail.language, {"public_url": URL, **mail.params}, Web.of("alerts"))
    assert shown.subject == said
    for text in (shown.text, shown.html):
        assert f"{URL}/vacancies/{VACANCY_ID}" in text
        assert f"{URL}/alerts/mails/{kind.value}/{ANNA}/secret" in text
        assert f"{URL}/alerts/preferences" in text
        assert "23 décembre 2026, 23:59, heure de New York" in text
    assert (f"{URL}/applications/{DRAFT_ID}" in shown.text) is (kind is DRAFTS)
    assert ("l’échéance est maintenant plus tardive" in shown.html) is (kind is CHANGES)
