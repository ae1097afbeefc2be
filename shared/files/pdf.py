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

_PACKAGES: Final = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "manimgx_fonts_cjk")
_ENDINGS: Final = (".ttf", ".otf", ".ttc")
PDFStandard = Literal["ua-1", "1.7"]
_ONE_AT_A_TIME: Final = Lock()


async def typeset(template: Path, data: Mapping[str, Any], at: datetime) -> bytes:
    """The template (a .typ file that reads `sys.inputs.data` as JSON) as PDF, dated `at`, made in a thread."""
    return await asyncio.to_thread(_compile, template, json.dumps(data, ensure_ascii=False), at)


def _compile(template: Path, data: str, at: datetime) -> bytes:
    """PDF/UA-1; a text with a character that no font of ours has cannot be, and becomes a plain tagged PDF."""
    with _ONE_AT_A_TIME:
        try:
            return _made(template, data, at, "ua-1")
        except typst.TypstError:
            return _made(template, data, at, "1.7")


def _made(template: Path, data: str, at: datetime, standard: PDFStandard) -> bytes:
    made = _compiler().compile(
        input=template.read_bytes(),
        format="pdf",
        sys_inputs={"data": data},
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
    """The folders of our font packages that hold font files."""
    packages = [Path(str(files(package))) for package in _PACKAGES]
    return sorted({path.parent for folder in packages for path in folder.rglob("*") if path.suffix in _ENDINGS})
