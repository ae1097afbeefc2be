"""Which of a list's values is meant by what somebody types: one folding, the usual names, and an order of preference.

`static/lookup.js` does the same while somebody types; tests/shared/web/test_lookup_script.py holds both to one table.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from shared.vocabulary.words import fold

CONNECTING: Final = ("and", "et")
"""Words that a name is found with and without, as "&" is."""
SAINTS: Final = ("saint", "sainte", "st", "ste")
_SAINTS: Final = frozenset(SAINTS)
NEAR: Final = 5
"""How many values are offered for one that is not in the list."""
ALIKE: Final = 0.72
LEAST: Final = 4
"""Letters without which a part of a name names nothing."""

_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)


def key(text: str) -> str:
    """A name's words, folded: what stands between them, dashes, quotes, brackets or "&", does not count."""
    words = _WORD.findall(fold(text))
    return " ".join([word for word in words if word not in CONNECTING] or words)


def joined(words: str) -> str:
    """The letters of a key, however its words are written: "N’Ko" is Nko."""
    return words.replace(" ", "")


def keys(name: str) -> tuple[str, ...]:
    """The name's key, and those under which it is written otherwise: "St. Lucia" is Saint Lucia."""
    first = key(name)
    words = first.split()
    if _SAINTS.isdisjoint(words):
        return (first,) if first else ()
    ways = (" ".join(saint if word in _SAINTS else word for word in words) for saint in SAINTS)
    return tuple(dict.fromkeys([first, *ways]))


def same(typed: str, name: str) -> bool:
    """Whether two keys are one name, however its words are joined and in whichever order they stand."""
    return joined(typed) == joined(name) or sorted(typed.split()) == sorted(name.split())


def rank(typed: str, names: Sequence[str]) -> int | None:
    """How well these keys of a value answer to the key typed, 0 best; None if they do not.

    What is called so stands before what begins so, then words that begin so, then what has it in it; and what the
    list shows, the first of the names, before its other names.
    """
    ranks = (_rank(typed, name) for name in names)
    found = [2 * each + (number > 0) for number, each in enumerate(ranks) if each is not None]
    return min(found, default=None)


def _rank(typed: str, name: str) -> int | None:
    if same(typed, name):
        return 0
    words = _begun(typed)
    begun, whole = "".join(words), joined(name)
    if whole.startswith(begun):
        return 1
    if all(any(known.startswith(word) for known in name.split()) for word in words):
        return 2
    return 3 if begun in whole else None


def _begun(typed: str) -> list[str]:
    """The words, without a last one that may become "and"."""
    words = typed.split()
    return words[:-1] if len(words) > 1 and any(word.startswith(words[-1]) for word in CONNECTING) else words


def found(typed: str, values: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """The values, given with their keys, that answer to what was typed, the best first and otherwise in order."""
    asked = key(typed)
    if not asked:
        return [value for value, _ in values]
    ranked = ((rank(asked, names), value) for value, names in values)
    return [value for place, value in sorted(((p, v) for p, v in ranked if p is not None), key=lambda each: each[0])]


class Names:
    """The names of a list's values: those that it shows, and others under which somebody may look for them."""

    def __init__(self, shown: Mapping[str, Iterable[str]], others: Mapping[str, Iterable[str]]) -> None:
        self.keys: dict[str, tuple[str, ...]] = {}
        self._shown, self._others = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        for value, names in shown.items():
            first = [each for name in names for each in keys(name)]
            more = [each for name in others.get(value, ()) for each in keys(name)]
            self.keys[value] = tuple(dict.fromkeys([*first, *more]))
            _index(self._shown, value, first)
            _index(self._others, value, more)

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {fold(value): value for value in self.keys}

    def coded(self, text: str) -> str:
        """The value that this is the code of, whatever its case; "" if it is none's."""
        return self._codes.get(fold(text).strip(), "")

    def named(self, text: str) -> str:
        """The only value that is called so; "" if none is, or several are."""
        asked = key(text)
        if not asked:
            return ""
        for index in (self._shown, self._others):
            values = {value for form in _forms(asked) for value in index.get(form, ())}
            if values:
                return values.pop() if len(values) == 1 else ""
        return ""

    def meant(self, text: str) -> str:
        """The only value that this fits: a name of it, or else whole words that stand in no other's names."""
        return self.named(text) or self._only(key(text))

    def _only(self, asked: str) -> str:
        words, filed = frozenset(asked.split()), (self._shown, self._others)
        if len(joined(asked)) < LEAST or any(form in index for form in _forms(asked) for index in filed):
            return ""
        values = [value for value, names in self.keys.items() if any(words.issubset(name.split()) for name in names)]
        return values[0] if len(values) == 1 else ""

    def near(self, text: str) -> tuple[str, ...]:
        """The values that answer to it best; if none does, those whose names are spelled alike."""
        asked = key(text)
        if not asked:
            return ()
        start = asked.partition(" ")[0]
        likely = (each for each in self.keys.items() if any(start in joined(name) for name in each[1]))
        return tuple(found(asked, likely) or dict.fromkeys(self._alike(asked)))[:NEAR]

    def _alike(self, asked: str) -> Iterator[str]:
        """Whoever mistypes a name still begins and ends it about where it does."""
        spelled = ((value, name) for value, names in self.keys.items() for name in names)
        likely = ((value, name) for value, name in spelled if name[0] == asked[0])
        values = {name: value for value, name in likely if abs(len(name) - len(asked)) <= len(asked) // 2}
        for name in difflib.get_close_matches(asked, values, NEAR, ALIKE):
            yield values[name]


def _forms(asked: str) -> tuple[str, str]:
    """Under which a key is filed: its letters as they follow each other, and its words in order of the alphabet."""
    return joined(asked), " ".join(sorted(asked.split()))


def _index(index: defaultdict[str, set[str]], value: str, names: Iterable[str]) -> None:
    for name in names:
        for form in _forms(name):
            index[form].add(value)
