"""Mails: subject and text from one template, HTML from another, in the reader's language, headers safe."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from shared.web.environment import Web
from shared.web.mails import render_mail


@pytest.fixture
def web(tmp_path: Path) -> Web:
    (tmp_path / "hello.txt").write_text('{{ _("Careers") }} {{ name }}\n\n{{ _("Log in") }}: {{ name }}\n')
    (tmp_path / "hello.html").write_text('{% extends "mail.html" %}{% block content %}<p>{{ name }}</p>{% endblock %}')
    (tmp_path / "bare.txt").write_text("Only\ntext\n")
    return Web.of("sample", tmp_path)


def test_a_mail_has_subject_text_and_html_in_the_language(web: Web) -> None:
    mail = render_mail("hello", "fr", {"name": "Zoé & <Co>"}, web)
    assert mail.subject == "Carrières Zoé & <Co>"
    assert mail.text == "Connexion: Zoé & <Co>\n"
    assert "<p>Zoé &amp; &lt;Co&gt;</p>" in mail.html
    assert '<html lang="fr">' in mail.html
    assert '<html lang="ar" dir="rtl">' in render_mail("hello", "ar", {"name": "Zoé"}, web).html


def test_html_is_optional_and_text_is_not(web: Web) -> None:
    assert render_mail("bare", "en", {}, web) == ("Only", "text\n", "")
    with pytest.raises(TemplateNotFound):
        render_mail("missing", "en", {}, web)


def test_a_subject_is_one_line(web: Web) -> None:
    mail = render_mail("hello", "en", {"name": "x\r\nBcc: everybody@example.org"}, web)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert mail.subject == "Careers x"


def test_a_name_from_right_to_left_does_not_turn_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text('{{ _("%(field)s is missing", field=name) }}\n')
    web = Web.of("sample", tmp_path)
    assert render_mail("alert", "en", {"name": "محمد"}, web).subject == "\u2068محمد\u2069 is missing"
    assert render_mail("alert", "fr", {"name": "Zoé"}, web).subject == "Le champ Zoé est obligatoire"
    assert render_mail("alert", "ar", {"name": "P-3"}, web).subject == "\u2068P-3\u2069: حقل إلزامي غير مملوء"


def test_a_mail_says_its_subject_first_and_offers_what_to_do_next_as_a_button(tmp_path: Path) -> None:
    (tmp_path / "next.txt").write_text("Your ticket\n\nhttps://example.org/?a=1&b=2\n")
    (tmp_path / "next.html").write_text(
        '{% extends "mail.html" %}{% from "mail_parts.html" import button %}'
        '{% block content %}{{ button("https://example.org/?a=1&b=2", "Go <on>") }}{% endblock %}'
    )
    html = render_mail("next", "en", {}, Web.of("sample", tmp_path)).html
    assert ">Your ticket</h1>" in html
    assert '<a href="https://example.org/?a=1&amp;b=2"' in html
    assert "Go &lt;on&gt;</a>" in html
