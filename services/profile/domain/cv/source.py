"""What a file holds, read piece by piece, so that what nobody asked for can be told afterwards."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from services.profile.domain.typed import writable

Path = tuple[str | int, ...]

TEXT: Final = "#"
"""The key of an XML element's text, as attributes have an @ before theirs."""

MOST_LEFT: Final = 200
"""Characters of such a piece that are told."""

_MOST_OF_A_NAME: Final = 40
"""Characters that are told of each name on the way to it."""

MOST_OF_ONE_KIND: Final = 300
"""Items of a list that are read; the others are told."""

MOST_LOOKED_UP: Final = 150
"""Names in a file that are looked for in our lists, which takes milliseconds for each that is in none."""

_BREAK: Final = re.compile(r"<(?:br|/p|/li|/div|/h\d)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\n{3,}")


class Left(NamedTuple):
    """A piece of a file that is not taken over: where it stands there, and its words. Made by `told`."""

    where: str
    words: str


def told(where: str, words: Any) -> Left:
    """Such a piece, cut, and with what can be written alone."""
    return Left(writable(where[:MOST_LEFT]), writable(str(words)[:MOST_LEFT]))


@dataclass
class _Ledger:
    """What was understood of a file so far, and how many names were looked up."""

    used: set[Path] = field(default_factory=set)
    looked_up: int = 0


class Node:
    """A place in the file. What is not there is an empty place, so that nobody has to ask first."""

    def __init__(self, value: Any, path: Path = (), ledger: _Ledger | None = None) -> None:
        self.value, self.path = value, path
        self._ledger = ledger or _Ledger()

    def __getitem__(self, name: str) -> "Node":
        """The place of this name; of a list, in its first item."""
        here = self._first()
        value = here.value.get(name) if isinstance(here.value, dict) else None
        return Node(value, (*here.path, name), self._ledger)

    def __iter__(self) -> Iterator["Node"]:
        """Each item of a list; what is no list is its own only one, unless nothing is there."""
        if isinstance(self.value, list):
            items = enumerate(islice(self.value, MOST_OF_ONE_KIND))
            yield from (Node(value, (*self.path, number), self._ledger) for number, value in items)
        elif self.value is not None:
            yield self

    def _first(self) -> "Node":
        return next(iter(self), self) if isinstance(self.value, list) else self

    def _leaf(self) -> "Node":
        here = self._first()
        return here[TEXT] if isinstance(here.value, dict) else here

    @property
    def peeked(self) -> str:
        """The text here, which counts as not understood until it is `used`."""
        value = self._leaf().value
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value).strip() if isinstance(value, str | int | float) else ""

    @property
    def text(self) -> str:
        """The text here, which is understood."""
        self.use()
        return self.peeked

    @property
    def plain(self) -> str:
        """The text here without the marks of HTML, which some programs put into it."""
        return without_marks(self.text)

    def use(self) -> None:
        """Its text is understood."""
        self._ledger.used.add(self._leaf().path)

    def part(self, text: str) -> "Node":
        """The same place, of whose text this is a part."""
        return Node(text, self._leaf().path, self._ledger)

    def may_look_up(self) -> bool:
        """Whether one more name may be looked for."""
        self._ledger.looked_up += 1
        return self._ledger.looked_up <= MOST_LOOKED_UP

    def pass_over(self) -> None:
        """All that is here says nothing about the person."""
        self._ledger.used |= {path for path, _ in _leaves(self.value, self.path)}

    def left(self) -> list[Left]:
        """What was not understood of all that is here."""
        return [
            told(_where(path), without_marks(words))
            for path, words in _leaves(self.value, self.path)
            if path not in self._ledger.used
        ]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts that are not empty; attributes say how to read a text, not what it says."""
    if isinstance(value, dict):
        for name, part in value.items():
            if not name.startswith("@"):
                yield from _leaves(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, (*path, number))
    elif value is not None and (words := str(value).strip()):
        yield path, words


def _where(path: Path) -> str:
    """As `work 2 › position`; the only one of a list needs no number. Cut, as the way is told for every piece."""
    named = (part[:_MOST_OF_A_NAME] if isinstance(part, str) else part for part in path if part not in (0, TEXT))
    way = "".join(f" {part + 1}" if isinstance(part, int) else f" › {part}" for part in named)
    return way.removeprefix(" › ")


def without_marks(text: str) -> str:
    """The text that HTML shows, as lines."""
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    lines = (line.strip() for line in _BLANKS.sub(" ", html.unescape(text)).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()
