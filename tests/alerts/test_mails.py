"""The mails of alerts as they read."""

from typing import Any

import pytest

from services.alerts.projections import VACANCIES, in_words
from shared.web.environment import Web
from shared.web.mails import RenderedMail, render_mail
from tests.alerts.test_projections import document
from tests.alerts.values import SEARCH_ID, VACANCY_ID, vacancy

URL = "https://careers.example.org"


def rendered(template: str, language: str, **params: Any) -> RenderedMail:
    values = {"name": "Éco & <co>", "unsubscribe": f"/alerts/unsubscribe/{SEARCH_ID}/secret", **params}
    return render_mail(f"alerts/mail/{template}", language, {"public_url": URL, **values}, Web.of("alerts"))


def shown(**other: Any) -> Any:
    return in_words(document(VACANCIES, f"vacancy-{VACANCY_ID}", vacancy(**other)), "fr")


@pytest.mark.rule("R45")
def test_an_alert_names_the_vacancy_its_deadline_and_the_way_out() -> None:
    mail = rendered("vacancy", "fr", vacancies=[shown()])
    assert mail.subject == "Alerte emploi « Éco & <co> » : Économiste principale"
    assert "26-ECO-1 – P-4 – Genève" in mail.text
    assert "Échéance\u00a0: 23 décembre 2026, 23:59, heure de New York" in mail.text
    assert f"{URL}/vacancies/{VACANCY_ID}" in mail.text
    assert f"{URL}/alerts/unsubscribe/{SEARCH_ID}/secret" in mail.text
    assert "Éco &amp; &lt;co&gt;" in mail.html
    assert f'href="{URL}/alerts/unsubscribe/{SEARCH_ID}/secret"' in mail.html


@pytest.mark.parametrize(("language", "subject"), [
    ("en", "Job alert “Éco & <co>”: 2 new job openings"),
    ("fr", "Alerte emploi « Éco & <co> » : 2 nouvelles offres d’emploi"),
])  # fmt: skip
def test_a_digest_lists_all_vacancies(language: str, subject: str) -> None:
    both = [shown(), shown(title="Juriste", job_opening_number="26-LEG-2")]
    mail = rendered("digest", language, vacancies=both, count=2, results="levels=P-4")
    assert mail.subject == subject
    for text in (mail.text, mail.html):
        assert "Économiste principale" in text
        assert "26-LEG-2" in text
        assert "levels=P-4" not in text


def test_a_digest_of_more_than_it_shows_links_to_all() -> None:
    mail = rendered("digest", "en", vacancies=[shown()], count=60, results="keywords=a+b&levels=P-4")
    assert mail.subject == "Job alert “Éco & <co>”: 60 new job openings"
    assert f"{URL}/vacancies?keywords=a+b&levels=P-4" in mail.text
    assert f'href="{URL}/vacancies?keywords=a+b&amp;levels=P-4"' in mail.html


@pytest.mark.rule("R49")
def test_the_reminder_links_to_the_page_that_renews() -> None:
    mail = rendered("reminder", "en", id=str(SEARCH_ID), expires_at="2027-11-23T12:00:00+00:00")
    assert mail.subject == "Your saved search “Éco & <co>” expires on 23 November 2027"
    assert f"{URL}/alerts/{SEARCH_ID}" in mail.text
    assert f'href="{URL}/alerts/{SEARCH_ID}"' in mail.html
