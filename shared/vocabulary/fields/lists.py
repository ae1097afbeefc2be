"""What a field may hold when it is picked: options of its own, or one of the lists that all services share (R23)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from shared.vocabulary.naming import Names, keys
from shared.vocabulary.official import NAMES, OFFICIAL
from shared.vocabulary.words import in_order_of

WIDELY_KNOWN: Final = ("en", "fr")
"""The languages by whose names people look for values whatever they read."""

LANGUAGES_SHOWN: Final = tuple(dict.fromkeys((*WIDELY_KNOWN, *OFFICIAL)))
"""Those that have names for values, in the order in which a typed name is looked for."""

SELECTABLE: Final = 500
"""A longer list is typed into rather than put whole into a page."""

Labels = Mapping[str, str]
Strings = Mapping[str, Sequence[str]]
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Option(NamedTuple):
    """One of the values of a field. `label`, `hint`: catalogue keys; the hint says what choosing it means.

    offered: whether it can be chosen now; if not, the hint says why.
    """

    value: str
    label: str
    hint: str = ""
    offered: bool = True


OFFICIAL_LANGUAGES: Final = tuple(Option(code, label) for code, label in NAMES.items())
"""As a field lets one of them be chosen."""


def _nothing(*_: str) -> Mapping[str, Any]:
    return _NONE


@dataclass(frozen=True)
class PromptList:
    """A list of values to pick from (R23), with a label in each language.

    former: values that are offered no longer; what holds them already keeps them, with their labels.
    others: further names under which values are looked for, in any language.
    """

    name: str
    labels: Callable[[str], Labels]
    former: Callable[[str], Labels] = _nothing
    others: Callable[[], Strings] = _nothing

    def __len__(self) -> int:
        return len(self.labels("en"))

    def __contains__(self, value: object) -> bool:
        return value in self.labels("en") or value in self.former("en")

    def label(self, value: str, language: str) -> str:
        """The value's name in this language; the value itself if it is not in the list."""
        return self.labels(language).get(value) or self.former(language).get(value, value)

    @property
    def is_typed(self) -> bool:
        """Whether it is too long to be put into a page: then a form sends a label, never a code."""
        return len(self) > SELECTABLE

    @property
    def names(self) -> Names:
        """What its values are called."""
        return _names(self)

    def searched(self, language: str) -> list[tuple[str, str, list[str]]]:
        """Value, label in this language, and the keys under which it is found besides the label's own.

        Who reads neither English nor French finds them by their English names too; the door knows all.
        """
        others, listed = self.others(), []
        english, french = (self.labels(each) for each in WIDELY_KNOWN)
        knows_both = language in WIDELY_KNOWN
        for value, label in self.labels(language).items():
            own = dict.fromkeys(_keys_of([label, english[value], *([french[value]] if knows_both else [])]))
            spared = () if knows_both else _listed_keys(french[value])
            more = [each for each in _keys_of(others.get(value, ())) if each not in spared]
            found = dict.fromkeys([*own, *more])
            found.pop(listed_key(label), None)
            listed.append((value, label, [*found]))
        return listed


def _keys_of(names: Iterable[str]) -> Iterator[str]:
    return (each for name in names for each in _listed_keys(name))


def listed_key(name: str) -> str:
    """The key of a name in a list."""
    return next(iter(_listed_keys(name)), "")


@cache
def _listed_keys(name: str) -> tuple[str, ...]:
    """Most values are called alike in several languages. Of names in lists alone: what is typed is not kept."""
    return tuple(keys(name))


@cache
def _names(prompts: PromptList) -> Names:
    labels = [prompts.labels(language) for language in LANGUAGES_SHOWN]
    return Names({value: [*dict.fromkeys(each[value] for each in labels)] for value in labels[0]}, prompts.others())


Options = PromptList | tuple[Option, ...]


def is_in(options: Options, value: str) -> bool:
    """Whether it is one of these values."""
    return value in options if isinstance(options, PromptList) else any(value == each.value for each in options)


def meant(options: Options, text: str) -> str:
    """The value that a form means by this: one of the list, what its words fit, or else the text as it was typed."""
    return text if is_in(options, text) else _names_of(options).meant(text) or text


@dataclass(frozen=True)
class Nearest:
    """The values of a list that come closest to what was typed, as a sentence names them."""

    options: Options
    values: tuple[str, ...]

    def __str__(self) -> str:
        return self.in_words("en", str)

    def in_words(self, language: str, translate: Callable[[str], str]) -> str:
        """Their labels in this language, one after the other."""
        if isinstance(self.options, PromptList):
            return "; ".join(self.options.label(value, language) for value in self.values)
        labels = {option.value: option.label for option in self.options}
        return "; ".join(translate(labels[value]) for value in self.values)


@lru_cache(maxsize=1_000)
def nearest(options: Options, text: str) -> Nearest:
    """What comes closest to a text that means no value."""
    return Nearest(options, _names_of(options).near(text))


def _names_of(options: Options) -> Names:
    return (
        options.names if isinstance(options, PromptList) else Names({each.value: [each.label] for each in options}, {})
    )


def in_order(labels: Labels, language: str) -> Labels:
    """By their labels, as a dictionary of the language has them."""
    place = in_order_of(language)
    return MappingProxyType(dict(sorted(labels.items(), key=lambda item: place(item[1]))))


def first(labels: Labels, rest: Iterable[tuple[str, str]]) -> Labels:
    """The labels, then the others."""
    return MappingProxyType({**labels, **dict(rest)})
