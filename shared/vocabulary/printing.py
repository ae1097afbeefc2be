"""Which signs our documents can show, and what they show in place of the others. Pure.

`printing.txt` lists the signs of our fonts as ranges of code points; a test compares it with the fonts.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import AnyField, Entries, Field, Values, applies

UNPRINTABLE: Final = N_(
    "%(label)s contains characters that cannot be printed: %(signs)s. They are saved as you typed them; "
    "the PDF shows stand-ins in their place"
)
STAND_IN: Final = "▯"
SHAPING: Final = (
    "\t\n\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\uffa0\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
"""They need no picture of their own: they break lines, join, direct or vary what stands beside them."""
UNSEEN: Final = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff"
"""Left behind by other programs: nothing to be seen, nothing to be missed."""
_LINE_ENDS: Final = re.compile("\r\n?|[\x0b\x0c\x85]")
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")
_WORD: Final = {
    "\uf0b7": "•",
    "\uf0a7": "▪",
    "\uf0a8": "□",
    "\uf0d8": "➢",
    "\uf076": "❖",
    "\uf0fc": "✓",
    "\uf0e0": "→",
    "\uf02d": "–",
    "\uf06f": "○",
}
"""The bullets of Word's lists, which only its own symbol fonts can draw."""
_SHOWN: Final = 5
_CODES: Final = 3


@cache
def ranges() -> tuple[tuple[int, int], ...]:
    """The first and last code points of the runs of signs that our fonts have."""
    rows = (files("shared.vocabulary") / "printing.txt").read_text("ascii").split()
    return tuple((int(first, 16), int(last or first, 16)) for first, _, last in (row.partition("-") for row in rows))


@cache
def _missing() -> re.Pattern[str]:
    """What cannot be shown, in runs."""
    known = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges())
    return re.compile(f"[^{known}{SHAPING}]+")


def unprintable(text: str) -> list[str]:
    """The signs of a text that no font of ours has, each once."""
    if text.isascii():
        return []
    return list(dict.fromkeys("".join(_missing().findall(_cleaned(text)))))


def printable(text: str) -> str:
    """The text as a document shows it: ▯ and its code for a sign that no font has, or a plain sign that means the same.

    "x\\ue000" becomes "x▯[U+E000]".
    """
    return _missing().sub(_stand_ins, _cleaned(text))


def _cleaned(text: str) -> str:
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def _stand_ins(run: re.Match[str]) -> str:
    known = "".join(_same(sign) for sign in run[0])
    unknown = [sign for sign in dict.fromkeys(run[0]) if _same(sign) == STAND_IN]
    if not unknown:
        return known
    codes = " ".join(_code(sign) for sign in unknown[:_CODES])
    return f"{known}[{codes}{' …' if len(unknown) > _CODES else ''}]"


@cache
def _same(sign: str) -> str:
    """What means the same and can be shown, such as A for a mathematical bold A."""
    plain = _WORD.get(sign) or unicodedata.normalize("NFKC", sign)
    return STAND_IN if _missing().search(plain) else plain


def _code(sign: str) -> str:
    return f"U+{ord(sign):04X}"


def unprintable_in(fields: Sequence[AnyField], values: Values) -> list[Problem]:
    """The fields whose values hold signs that no font of ours has; nothing that stands in the way of anything."""
    return list(_problems(fields, values, ""))


def _problems(fields: Sequence[AnyField], values: Values, path: str) -> Iterator[Problem]:
    for field in fields:
        if not applies(field, values):
            continue
        value = values.get(field.name)
        if isinstance(field, Entries):
            for number, entry in enumerate(value if isinstance(value, list) else []):
                if isinstance(entry, Mapping):
                    yield from _problems(field.fields, entry, f"{path}{field.name}.{number}.")
        elif isinstance(value, str) and (signs := unprintable(value)):
            yield Problem(path + field.name, UNPRINTABLE, _params(field, signs))


def _params(field: Field, signs: Sequence[str]) -> Mapping[str, Any]:
    named = ", ".join(f"{sign} ({_code(sign)})" for sign in signs[:_SHOWN])
    return {"label": field.label_read, "signs": named + (" …" if len(signs) > _SHOWN else "")}
