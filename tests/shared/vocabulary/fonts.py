"""Which signs the installed fonts have: `python -m tests.shared.vocabulary.fonts` writes printing.txt anew."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTCollection, TTFont

from shared.files.pdf import FONTS, font_folders


def _fonts() -> Iterator[Any]:
    for path in sorted(path for folder in font_folders() for path in folder.iterdir()):
        if path.suffix == ".ttc":
            with TTCollection(path, lazy=True) as collection:
                yield from collection.fonts
        elif path.suffix in {".ttf", ".otf"}:
            with TTFont(path, lazy=True) as font:
                yield font


def _family(font: Any) -> str:
    return str(font["name"].getDebugName(16) or font["name"].getDebugName(1))


def covered() -> dict[str, set[int]]:
    """The code points of each family that documents are set in; of two fonts of one family, all that either has."""
    signs: dict[str, set[int]] = {}
    for font in _fonts():
        if (family := _family(font)) in FONTS:
            signs.setdefault(family, set()).update(font.getBestCmap())
    return signs


def as_ranges(signs: Iterable[int]) -> list[tuple[int, int]]:
    """Sorted runs, first and last included; what is no sign at all is left out."""
    runs: list[tuple[int, int]] = []
    for sign in sorted(sign for sign in set(signs) if sign >= 0x20 and not 0x7F <= sign <= 0x9F and sign != 0xFEFF):
        if runs and runs[-1][1] == sign - 1:
            runs[-1] = (runs[-1][0], sign)
        else:
            runs.append((sign, sign))
    return runs


def written(runs: Iterable[tuple[int, int]]) -> str:
    """One run a line, in hexadecimal."""
    return "".join(f"{first:x}-{last:x}\n" if last > first else f"{first:x}\n" for first, last in runs)


def main() -> None:
    """Writes the table."""
    text = written(as_ranges(set().union(*covered().values())))
    Path(str(files("shared.vocabulary") / "printing.txt")).write_text(text, "ascii")


if __name__ == "__main__":
    main()
