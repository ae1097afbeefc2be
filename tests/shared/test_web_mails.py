"""Mails: subject and text from one template, HTML from another, in the reader's language, headers safe."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from shared.web.environment import Web
from shared.web.mails import render_mail


@pytest.fixture
def web(tmp_path: Path) -> Web:
    (tmp_path / "hello.txt").write_text('{{ _("Search") }} {{ name }}\n\n{{ _("Log in") }}: {{ name }}\n')
    (tmp_path / "hello.html").write_text('{% extends "mail.html" %}{% block content %}<p>{{ name }}</p>{% endblock %}')
    (tmp_path / "bare.txt").write_text("Only\ntext\n")
    return Web.of("sample", tmp_path)


def test_a_mail_has_subject_text_and_html_in_the_language(web: Web) -> None:
    mail = render_mail("hello", "fr", {"name": "Zoé & <Co>"}, web)
    assert mail.subject == "Rechercher Zoé & <Co>"
    assert mail.text == "Connexion: Zoé & <Co>\n"
    assert "<p>Zoé &amp; &lt;Co&gt;</p>" in mail.html
    assert '<html lang="fr">' in mail.html


def test_html_is_optional_and_text_is_not(web: Web) -> None:
    assert render_mail("bare", "en", {}, web) == ("Only", "text\n", "")
    with pytest.raises(TemplateNotFound):
        render_mail("missing", "en", {}, web)


def test_a_subject_is_one_line(web: Web) -> None:
    mail = render_mail("hello", "en", {"name": "x\r\nBcc: everybody@example.org"}, web)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert mail.subject == "Search x"
