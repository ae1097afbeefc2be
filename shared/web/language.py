"""The catalogues of a service, sentences with gaps, and which language a reader wants."""

import gettext
import io
import itertools
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from shared.model.errors import Problem, Verbatim
from shared.vocabulary.fields import ISO_DATE, Nearest, day_in_words
from shared.vocabulary.official import DEFAULT, ENDONYMS, OFFICIAL, RIGHT_TO_LEFT
from shared.vocabulary.words import isolated

LANGUAGES: Final = OFFICIAL
NAMES: Final = ENDONYMS
LONGEST_HEADER: Final = 500


class Texts:
    """One language: calling it translates a catalogue key and fills its gaps; unknown keys stay English."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations | None = None) -> None:
        self.language = language
        self.is_leftward = language in RIGHT_TO_LEFT
        """Whether it runs from right to left."""
        self._catalogue = catalogue or gettext.NullTranslations()

    def __call__(self, message: str, /, **params: Any) -> str:
        known = message if isinstance(message, Verbatim) else self._catalogue.gettext(message)
        return self._filled(known, params) if message else ""

    def plural(self, one: str, many: str, number: int, /, **params: Any) -> str:
        """The sentence for this number, which is also its gap %(number)s."""
        return self._filled(self._catalogue.ngettext(one, many, number), {"number": number, **params})

    def problem(self, problem: Problem) -> str:
        """A problem as a sentence; among its values a field's label is a catalogue key, and a list's have labels."""
        return self(problem.message, **{name: self._value(name, value) for name, value in problem.params.items()})

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Nearest):
            return value.in_words(self.language, self)
        if name == "value" and (day := _day(value)):
            return day_in_words(day, self.language)
        return self(value) if name.endswith("label") else value

    def _filled(self, text: str, params: Mapping[str, Any]) -> str:
        """Values that are HTML make the whole sentence HTML, everything else in it escaped."""
        if not params:
            return text
        params = {name: self._shown(value) for name, value in params.items()}
        if any(hasattr(value, "__html__") for value in params.values()):
            return Markup(escape(text)) % params  # noqa: S704 - escaped right here
        return text % params

    def _shown(self, value: Any) -> Any:
        """A number as the language groups its digits, a text apart; what is HTML stands by itself already."""
        if type(value) is int:
            return format_decimal(value, locale=self.language)
        return isolated(value, among_leftward=self.is_leftward) if type(value) is str else value


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value if isinstance(value, str) and ISO_DATE.fullmatch(value) else "")
    except ValueError:
        return None


class Catalogues:
    """The texts of a service by language, each read when somebody reads it for the first time.

    They are in `<language>.po` in each folder; the first folder that knows a key has its say.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders, self._read = tuple(folders), dict[str, Texts]()

    def __getitem__(self, language: str) -> Texts:
        """Those of the usual language for one that is none of ours."""
        known = language if language in LANGUAGES else DEFAULT
        if known not in self._read:
            self._read[known] = Texts(known, self._catalogue(known))
        return self._read[known]

    def _catalogue(self, language: str) -> gettext.NullTranslations | None:
        paths = (folder / f"{language}.po" for folder in self._folders)
        found = [translations(path) for path in paths if path.is_file()]
        for first, second in itertools.pairwise(found):
            first.add_fallback(second)
        return found[0] if found else None


def translations(path: Path) -> gettext.GNUTranslations:
    """A .po file, compiled in memory. Raises ValueError when it is damaged."""
    return gettext.GNUTranslations(io.BytesIO(_compiled(path)))


@cache
def _compiled(path: Path) -> bytes:
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.stem, abort_invalid=True))
    return compiled.getvalue()


def accepted(header: str) -> str:
    """The language of ours that an Accept-Language header likes best (RFC 9110 §12.5.4)."""
    best, language = 0.0, DEFAULT
    for item in header[:LONGEST_HEADER].split(","):
        tag, _, quality = item.partition(";q=")
        code = tag.strip().lower().partition("-")[0]
        if code in LANGUAGES and (weight := _weight(quality)) > best:
            best, language = weight, code
    return language


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
