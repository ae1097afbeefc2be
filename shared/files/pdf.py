"""PDF documents from typst templates: tagged (PDF/UA-1), our own fonts, the same bytes for the same data."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, cast

import typst

from shared.vocabulary.printing import printable

FONTS: Final = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Armenian",
    "Noto Sans Georgian",
    "Noto Sans Ethiopic",
    "Noto Sans Tifinagh",
    "Noto Sans Thaana",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Gurmukhi",
    "Noto Sans Gujarati",
    "Noto Sans Oriya",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Kannada",
    "Noto Sans Malayalam",
    "Noto Sans Sinhala",
    "Noto Sans Thai",
    "Noto Sans Lao",
    "Noto Sans Khmer",
    "Noto Sans Myanmar",
    "Noto Serif Tibetan",
    "Noto Sans Mongolian",
    "Noto Sans CJK SC",
    "Noto Emoji",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
)
"""In the order in which they are asked for a sign."""

_PACKAGES: Final = ("fontpkg_noto_sans_arabic", "manimgx_fonts", "manimgx_fonts_cjk")
_NPM: Final = Path(__file__).parents[1] / "web" / "node_modules" / "@expo-google-fonts"
_NPM_PACKAGES: Final = (
    "noto-sans-mongolian",
    "noto-sans-symbols-2",
    "noto-sans-thaana",
    "noto-sans-tifinagh",
    "noto-serif-tibetan",
)
_ENDINGS: Final = (".ttf", ".otf", ".ttc")
PDFStandard = Literal["ua-1", "1.7"]
_ONE_AT_A_TIME: Final = Lock()


async def typeset(template: Path, data: Mapping[str, Any], at: datetime, standard: PDFStandard = "ua-1") -> bytes:
    """The template (a .typ file that reads `sys.inputs.data` as JSON) as PDF, dated `at`, made in a thread.

    standard: what is added to afterwards can no longer promise to be PDF/UA-1, and is a plain tagged PDF.
    It sets its text in the fonts of `sys.inputs.fonts`; what none of them has, stands in the data by a stand-in.
    """
    return await asyncio.to_thread(_compile, template, json.dumps(_printable(data), ensure_ascii=False), at, standard)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(inner) for key, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _compile(template: Path, data: str, at: datetime, standard: PDFStandard) -> bytes:
    """PDF/UA-1; should that ever be refused, a plain tagged PDF: nobody is left without a file."""
    with _ONE_AT_A_TIME:
        try:
            return _made(template, data, at, standard)
        except typst.TypstError:
            return _made(template, data, at, "1.7")


def _made(template: Path, data: str, at: datetime, standard: PDFStandard) -> bytes:
    made = _compiler().compile(
        input=template.read_bytes(),
        format="pdf",
        sys_inputs={"data": data, "fonts": json.dumps(FONTS)},
        pdf_standards=standard,
        timestamp=int(at.astimezone(UTC).timestamp()),
    )
    return cast(bytes, made)


@cache
def _compiler() -> typst.Compiler:
    """Kept: it remembers fonts and what it has laid out."""
    ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(font_folders()))
    return typst.Compiler(font_paths=ours, ignore_system_fonts=True)


def font_folders() -> list[Path]:
    """The folders that hold our font files; of the npm packages, those of the regular weight."""
    packages = [Path(str(files(package))) for package in _PACKAGES]
    packages += [_NPM / package / "400Regular" for package in _NPM_PACKAGES]
    return sorted({path.parent for folder in packages for path in folder.rglob("*") if path.suffix in _ENDINGS})
