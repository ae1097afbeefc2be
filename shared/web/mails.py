"""A mail from its templates: the first line of the text is the subject; the HTML form is optional."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from jinja2 import TemplateNotFound

from shared.web.environment import Web


class RenderedMail(NamedTuple):
    """`html` is empty when the mail has no HTML form."""

    subject: str
    text: str
    html: str


def render_mail(template: str, language: str, params: Mapping[str, Any], environment: Web) -> RenderedMail:
    """The mail `<template>.txt` and `<template>.html` in this language. Raises TemplateNotFound without a text."""
    texts = environment.texts(language)
    context = {**params, "_": texts, "ngettext": texts.plural, "language": texts.language}
    plain = environment.templates.get_template(f"{template}.txt").render(context)
    first, _, rest = plain.strip().partition("\n")
    subject = " ".join(first.split())
    return RenderedMail(subject, rest.strip() + "\n", _html(template, {**context, "subject": subject}, environment))


def _html(template: str, context: Mapping[str, Any], environment: Web) -> str:
    try:
        found = environment.templates.get_template(f"{template}.html")
    except TemplateNotFound:
        return ""
    return found.render(context)
