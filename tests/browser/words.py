"""What stands in English where this stands in French, by the catalogues, and what does not belong on a page."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po

from shared.web.environment import OURS, SERVICES

GAP: Final = re.compile(r"%\((\w+)\)[sd]")
PARTS: Final[Mapping[str, str]] = {
    "code utilisateur est": "user ID is",
    "Vous n’avez pas encore de candidature": "You have no application yet",
    "ne permet pas d’en soumettre": "does not allow you to submit",
    "Vous avez déjà soumis une candidature": "You have already submitted an application",
    "Vous avez postulé le": "You applied on",
    "Erreur": "Error",
}
"""Parts of sentences, and what the two languages count otherwise."""


@cache
def english(french: str) -> str | re.Pattern[str]:
    """The English words, or a pattern of all that they may be; what no catalogue says is the same in both languages."""
    if french in PARTS:
        return PARTS[french]
    found = sorted(
        {_filled(key, match.groups()) for sentence, key in _pairs() if (match := sentence.fullmatch(french))}
    )
    if len(found) > 1:
        return re.compile(f"^(?:{'|'.join(map(re.escape, found))})$")
    return found[0] if found else french


@cache
def _pairs() -> tuple[tuple[re.Pattern[str], str], ...]:
    """A pattern of every French sentence, and the English one with the same gaps."""
    folders = (OURS, *SERVICES.glob("*/templates"))
    return tuple((_pattern(french), key) for folder in folders for french, key in _sentences(folder / "fr.po"))


def _sentences(catalogue: Path) -> Iterator[tuple[str, str]]:
    with catalogue.open("rb") as file:
        for message in read_po(file, locale="fr"):
            if message.id:
                yield from zip(_forms(message.string), _forms(message.id), strict=True)


def _forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _pattern(french: str) -> re.Pattern[str]:
    said = GAP.sub("", french)
    if not re.search(r"\w\w", said):
        return re.compile(re.escape(french))  # hardly more than gaps: it would be everybody's translation
    parts = re.split(r"%\(\w+\)[sd]", french.replace("%%", "%"))
    return re.compile("(.+)".join(map(re.escape, parts)), re.DOTALL)


def _filled(key: str, values: tuple[str, ...]) -> str:
    given = iter(values)
    return GAP.sub(lambda _: next(given), key).replace("%%", "%")


TEXTS: Final = re.compile(r'<[^>]*?\b(?:aria-label|title|alt|content|data-[\w-]+)="([^"]*)"|>([^<]+)')
ELSEWHERE: Final = re.compile(r'<(script|style)\b.*?</\1>|<(?!html)(\w+)[^>]*\slang="\w+".*?</\2>', re.DOTALL)
WORDS: Final = re.compile(r"[^\W\d_]{4}")


def strangers(html: str, language: str) -> set[str]:
    """The sentences on a page that are the catalogues' in the other language, and in this one nobody's."""
    other, ours = (_said("en"), _said("fr")) if language == "fr" else (_said("fr"), _said("en"))
    found = {text for text in _texts(html) if WORDS.search(text)}
    return {text for text in found if _is_one_of(other, text) and not _is_one_of(ours, text)}


def _texts(html: str) -> Iterator[str]:
    for attribute, text in TEXTS.findall(ELSEWHERE.sub("", html)):
        yield re.sub(r"[ \r\n]+", " ", unescape(attribute or text)).strip()


def _is_one_of(said: tuple[frozenset[str], tuple[re.Pattern[str], ...]], text: str) -> bool:
    whole, patterns = said
    return text in whole or any(pattern.fullmatch(text) for pattern in patterns)


@cache
def _said(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The sentences of a language: those without gaps, and patterns of those with gaps and at least a word."""
    folders = (OURS, *SERVICES.glob("*/templates"))
    pairs = [pair for folder in folders for pair in _sentences(folder / "fr.po")]
    texts = {french if language == "fr" else key for french, key in pairs}
    gapped = {text for text in texts if GAP.search(text)}
    patterns = tuple(_pattern(text) for text in gapped if WORDS.search(GAP.sub("", text)))
    return frozenset(texts - gapped), patterns
