"""What stands in other languages where this stands in French, by the catalogues, and what does not belong there."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from shared.vocabulary.official import RIGHT_TO_LEFT
from shared.web.environment import OURS, SERVICES
from shared.web.language import Catalogues

GAP: Final = re.compile(r"%\((\w+)\)[sd]")
ISOLATES: Final = "[\u2068\u2069]?"
"""What may stand around a value that runs against its sentence."""


@cache
def said_in(language: str, french: str) -> str | re.Pattern[str]:
    """The words in this language, or a pattern of all that they may be; what no catalogue says is the same in all."""
    if language == "fr":
        return french
    matches = ((target, sentence.fullmatch(french)) for sentence, target in _pairs(language))
    found = [(target, match.groupdict()) for target, match in matches if match]
    if language in RIGHT_TO_LEFT and any(values for _, values in found):
        return re.compile("|".join(_filled(re.escape(target), _apart(values)) for target, values in found))
    plain = sorted({_filled(target, values) for target, values in found})
    if len(plain) > 1:
        return re.compile(f"^(?:{'|'.join(map(re.escape, plain))})$")
    return plain[0] if plain else french


def _apart(values: Mapping[str, str]) -> Mapping[str, str]:
    """Patterns of values, which may be set apart from a sentence that runs the other way."""
    return {name: f"{ISOLATES}{re.escape(value)}{ISOLATES}" for name, value in values.items()}


@cache
def saying(language: str, service: str, key: str) -> re.Pattern[str]:
    """A pattern of this sentence, whatever fills its gaps; these are its groups, nameless as a browser has them."""
    said = _pattern(Catalogues([SERVICES / service / "templates", OURS])[language](key))
    return re.compile(re.sub(r"\(\?P<\w+>", "(", said.pattern), said.flags)


@cache
def _pairs(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """A pattern of every French sentence, and those of the other language with the same gaps."""
    return tuple(
        (_pattern(french), target)
        for folder in (OURS, *SERVICES.glob("*/templates"))
        for french, target in _sentences(folder, language)
    )


def _sentences(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    """Each form of a French sentence with each that it may have in the other language."""
    others = None if language == "en" else _messages(folder, language)
    for key, message in _messages(folder, "fr").items():
        french = _forms(message.string)
        if others is None:
            yield from zip(french, _forms(message.id), strict=True)
        elif key in others:
            yield from product(french, _forms(others[key].string))


def _messages(folder: Path, language: str) -> Mapping[str, Message]:
    with (folder / f"{language}.po").open("rb") as file:
        return {_forms(message.id)[0]: message for message in read_po(file, locale=language) if message.id}


def _forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _pattern(sentence: str) -> re.Pattern[str]:
    """Its gaps are groups by their names."""
    if not re.search(r"\w\w", GAP.sub("", sentence)):
        return re.compile(re.escape(sentence))  # hardly more than gaps: it would be everybody's translation
    seen: set[str] = set()

    def group(gap: re.Match[str]) -> str:
        name = gap[1]
        first = name not in seen
        seen.add(name)
        return f"(?P<{name}>.+)" if first else f"(?P={name})"

    parts = re.split(r"(%\(\w+\)[sd])", sentence.replace("%%", "%"))
    patterns = (GAP.sub(group, part) if GAP.match(part) else re.escape(part) for part in parts)
    return re.compile("".join(patterns), re.DOTALL)


def _filled(target: str, values: Mapping[str, str]) -> str:
    return re.sub(r"%\\?\((\w+)\\?\)[sd]", lambda gap: values[gap[1]], target).replace("%%", "%")


TEXTS: Final = re.compile(r'<[^>]*?\b(?:aria-label|title|alt|content|data-[\w-]+)="([^"]*)"|>([^<]+)')
ELSEWHERE: Final = re.compile(r'<(script|style)\b.*?</\1>|<(?!html)(\w+)[^>]*\slang="\w+".*?</\2>', re.DOTALL)
WORDS: Final = re.compile(r"[^\W\d_]{4}")


def strangers(html: str, language: str) -> set[str]:
    """The sentences on a page that are the catalogues' in English, or in French, and in this language nobody's."""
    other, ours = _said("fr" if language == "en" else "en"), _said(language)
    found = {text for text in _texts(html) if WORDS.search(text)} - _diplomas()
    return {text for text in found if _is_one_of(other, text) and not _is_one_of(ours, text)}


@cache
def _diplomas() -> frozenset[str]:
    """What they are called where they are awarded, on a page in whatever language."""
    files = (SERVICES / "applications" / "domain" / "equivalence").glob("*.json")
    entries = [entry for file in files for entry in json.loads(file.read_text("utf-8")) if isinstance(entry, dict)]
    return frozenset(entry["title"] for entry in entries if "title" in entry)


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
    pairs = [pair for folder in folders for pair in _sentences(folder, language)]
    texts = {french if language == "fr" else text for french, text in pairs}
    gapped = {text for text in texts if GAP.search(text)}
    patterns = tuple(_pattern(text) for text in gapped if WORDS.search(GAP.sub("", text)))
    return frozenset(texts - gapped), patterns
