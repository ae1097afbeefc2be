"""Every sentence for people is in every catalogue, with the same gaps; none is dead, or in English still."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from jinja2 import Environment

from shared.vocabulary.official import OFFICIAL

ROOT = Path(__file__).parents[3]
SHARED = ROOT / "shared"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "plural": (1, 2)}
SERVICES = sorted(path for path in (ROOT / "services").iterdir() if (path / "__init__.py").exists())
GAP = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
LOOSE = re.compile(r"(?<![\u00a0\u202f])[:;?!»]|«(?![\u00a0\u202f])")
NOT_PROSE = re.compile(r"\d:\d|Content-Type:")

PROPER: Final = frozenset({"Postulo", "Atom", "RSS"})
NO_WORDS: Final = re.compile(r"<style>.*?</style>|&\w+;|(?<![<\w])/[\w/?=&-]*", re.DOTALL)
MARKUP: Final = re.compile(r"""<[^>]*>|[\w-]+=(?:"[^"]*"|'[^']*')""")
SPOKEN: Final = re.compile(r'\b(?:alt|title|placeholder|aria-label)="([^"]*)"')
WORD: Final = re.compile(r"[^\W\d_]{2,}")
TAG: Final = re.compile(r"</?\w+")
SENTENCE: Final = re.compile(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,}")

Key = str | tuple[str, ...]


def sources(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file() and not {"node_modules", "__pycache__"} & set(path.parts):
            if path.suffix == ".py":
                yield path, "python"
            elif path.suffix in (".html", ".txt", ".xml", ".typ") and "templates" in path.parts:
                yield path, "jinja2"


@cache
def used(folder: Path) -> frozenset[Key]:
    """The catalogue keys in a folder's code and templates."""
    found: set[Key] = set()
    for path, method in sources(folder):
        found |= keys_in(path, method)
    return frozenset(found - {""})


def _vocabulary(service: Path) -> set[Key]:
    """What other services may say too: the words of its events and their vocabularies."""
    paths = (path for path in (service / "events.py", *(service / "events").glob("*.py")) if path.exists())
    return {key for path in paths for key in keys_in(path, "python")}


def keys_in(path: Path, method: str) -> set[Key]:
    if not path.exists():
        return set()
    if method == "python":
        return said_in(path)
    found = extract_from_file(method, path, KEYWORDS, options={"silent": "false"})
    return {key if isinstance(key, str) else tuple(key) for _, key, _, _ in found}


def said_in(path: Path) -> set[Key]:
    """By its syntax: Babel does not look into f-strings before Python 3.12."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    found = (_key(call) for call in calls if _called(call.func) in KEYWORDS)
    return {key for key in found if key}


def _called(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))


def _key(call: ast.Call) -> Key | None:
    wanted = call.args[: len(KEYWORDS[_called(call.func)] or "1")]
    texts = tuple(each.value for each in wanted if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return None if not texts or len(texts) < len(wanted) else texts if len(texts) > 1 else texts[0]


@cache
def catalogue(folder: Path, language: str = "fr") -> Catalog:
    path = folder / f"{language}.po"
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translated(folder: Path, language: str = "fr") -> frozenset[Key]:
    entries = [message for message in catalogue(folder, language) if message.id and message.string]
    assert not [message.id for message in entries if message.fuzzy]
    return frozenset(tuple(m.id) if isinstance(m.id, tuple | list) else m.id for m in entries if filled(m.string))


def filled(string: str | Sequence[str] | None) -> bool:
    return bool(string) and all(string or ())


def gaps(text: str) -> set[str]:
    return {one or other for one, other in GAP.findall(text)}


def test_every_sentence_of_the_kernel_is_translated() -> None:
    assert used(SHARED) - translated(SHARED / "web/templates") == frozenset()


def test_no_sentence_of_the_kernels_catalogue_is_unused() -> None:
    assert translated(SHARED / "web/templates") - used(SHARED) == frozenset()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_sentence_of_a_service_is_translated(service: Path) -> None:
    known = translated(service / "templates") | translated(SHARED / "web/templates")
    assert used(service) - known == frozenset()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_no_sentence_of_a_services_catalogue_is_unused(service: Path) -> None:
    vocabularies = frozenset(key for each in SERVICES for key in _vocabulary(each))
    assert translated(service / "templates") - used(service) - vocabularies == frozenset()


SCRIPTS: Final = {"ar": "[\u0600-\u06ff]", "zh": "[\u4e00-\u9fff]", "ru": "[а-яё]"}
EACH: Final = pytest.mark.parametrize("language", [each for each in OFFICIAL if each != "en"])
FOLDERS: Final = pytest.mark.parametrize("folder", [SHARED / "web", *SERVICES], ids=lambda path: path.name)


@EACH
@FOLDERS
def test_every_catalogue_holds_what_the_french_one_holds(folder: Path, language: str) -> None:
    assert translated(folder / "templates", language) == translated(folder / "templates")


@EACH
@FOLDERS
def test_gaps_are_the_same_in_every_language(folder: Path, language: str) -> None:
    """A form of a plural for one, two or none may say its number in words."""
    said = [(m.id, text) for m in catalogue(folder / "templates", language) for text in forms(m.string) if m.id]
    wanted = [(gaps(forms(key)[-1]), spared(key), text) for key, text in said]
    assert [text for all_of, spare, text in wanted if not all_of - spare <= gaps(text) <= all_of] == []


@EACH
@FOLDERS
def test_tags_are_the_same_in_every_language(folder: Path, language: str) -> None:
    said = [(m.id, text) for m in catalogue(folder / "templates", language) for text in forms(m.string) if m.id]
    assert [text for key, text in said if sorted(TAG.findall(text)) != sorted(TAG.findall(forms(key)[-1]))] == []


@EACH
@FOLDERS
def test_a_plural_has_the_forms_of_its_language(folder: Path, language: str) -> None:
    known = catalogue(folder / "templates", language)
    counted = {len(forms(message.string)) for message in known if isinstance(message.id, tuple | list)}
    assert counted <= {known.num_plurals}
    assert known.num_plurals == get_plural(language).num_plurals


@EACH
@FOLDERS
def test_no_sentence_stays_in_english(folder: Path, language: str) -> None:
    """Words of a few letters may be the same, as names are; whole sentences are not."""
    said = [(m.id, text) for m in catalogue(folder / "templates", language) for text in forms(m.string) if m.id]
    assert [text for key, text in said if text in forms(key) and SENTENCE.search(GAP.sub("", text))] == []


@pytest.mark.parametrize(
    ("language", "script"), [("ar", "[\u0600-\u06ff]"), ("zh", "[\u4e00-\u9fff]"), ("ru", "[а-яё]")]
)
@FOLDERS
def test_sentences_are_in_the_script_of_their_language(folder: Path, language: str, script: str) -> None:
    said = [text for text in sentences(folder / "templates", language) if WORD.search(GAP.sub("", text))]
    strange = [text for text in said if not re.search(script, text)]
    assert [text for text in strange if SENTENCE.search(GAP.sub("", text))] == []


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def spared(key: Any) -> set[str]:
    return set() if isinstance(key, str) else {"number"}


def sentences(folder: Path, language: str = "fr") -> Iterator[str]:
    for message in catalogue(folder, language):
        if message.id:
            yield from forms(message.string)


@pytest.mark.parametrize("folder", [SHARED / "web", *SERVICES], ids=lambda path: path.name)
def test_no_french_sentence_breaks_before_its_marks(folder: Path) -> None:
    """French sets a space that no line may break at before : ; ? ! » and after «."""
    assert [text for text in sentences(folder / "templates") if LOOSE.search(NOT_PROSE.sub("", text))] == []


@pytest.mark.parametrize("folder", [SHARED, *SERVICES], ids=lambda path: path.name)
def test_no_template_sets_a_mark_after_a_sentence_by_itself(folder: Path) -> None:
    """What follows a word differs between the languages, so it belongs into the sentence."""
    templates = [path for path, method in sources(folder) if method == "jinja2"]
    assert [path for path in templates if re.search(r"_\([^{}]*\) *\}\} ?[:;?!]", path.read_text("utf-8"))] == []


@pytest.mark.parametrize("folder", [SHARED / "web", *SERVICES], ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(folder: Path) -> None:
    """Whatever is said is said through a catalogue; what the expressions say is counted above."""
    templates = [path for path, _ in sources(folder) if path.suffix in (".html", ".txt", ".xml")]
    assert {(path.name, word) for path in templates for word in words_of(path)} == set()


def words_of(template: Path) -> set[str]:
    tokens = Environment().lex(template.read_text("utf-8"))  # noqa: S701 - nothing is rendered
    plain = NO_WORDS.sub(" ", "".join(text for _, kind, text in tokens if kind == "data"))
    said = [*SPOKEN.findall(plain), MARKUP.sub(" ", plain)]
    return {word for text in said for word in WORD.findall(text)} - PROPER


def test_no_script_has_sentences_of_its_own() -> None:
    """They come with the page, as data attributes."""
    scripts = "".join(path.read_text("utf-8") for path in (SHARED / "web/static").glob("*.js"))
    literals = re.findall(r"""["'`]([^"'`\n]*)["'`]""", re.sub(r"/\*.*?\*/", "", scripts, flags=re.DOTALL))
    sentences = [text for text in literals if re.fullmatch(r"[^\W\d_]{2,}(?: [^\W\d_]{2,})+[.?!…]?", text)]
    assert set(sentences) == {"use strict"}
