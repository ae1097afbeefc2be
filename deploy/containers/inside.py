"""Run within the image: what it was made smaller by is not missed, and nothing that installs or builds is left."""

import asyncio
import importlib.util
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from PIL import Image
from rich.console import Console
from rich.traceback import Traceback

from shared.files.pdf import typeset
from shared.vocabulary.fields.checks import wrong
from shared.vocabulary.fields.countries import COUNTRIES
from shared.vocabulary.fields.declared import Field
from shared.vocabulary.fields.display import day_in_words
from shared.vocabulary.fields.languages import LANGUAGES

DAY: Final = date(2026, 11, 28)
TEXT: Final = "Zoé, Дмитрий, 你好, مرحبا, नमस्ते"
TEMPLATE: Final = (
    '#set document(title: "x")\n#set text(font: json(bytes(sys.inputs.fonts)))\n#json(bytes(sys.inputs.data)).text'
)
PHONE: Final = Field("phone", "Phone", kind="tel")
MODULES: Final = ("pip", "setuptools", "ensurepip")
PROGRAMS: Final = ("pip", "apt-get", "dpkg", "perl", "cc", "gcc", "ld", "as")


def broken() -> Iterator[str]:
    """What is not as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "page.typ")
        template.write_text(TEMPLATE)
        pdf = asyncio.run(typeset(template, {"text": TEXT}, datetime(2026, 11, 28, tzinfo=UTC)))
    if not pdf.startswith(b"%PDF") or b"CJK" not in pdf or b"NotoSansArabic" not in pdf:
        yield f"a PDF of {len(pdf)} bytes, or its fonts"
    if wrong([PHONE], {"phone": "+33 1 23 45 67 89"}) or not wrong([PHONE], {"phone": "+33 1"}):
        yield "phone numbers"
    if (day_in_words(DAY, "fr"), day_in_words(DAY, "en")) != ("28 novembre 2026", "28 November 2026"):
        yield f"dates: {day_in_words(DAY, 'fr')}, {day_in_words(DAY, 'en')}"
    if (COUNTRIES.label("DE", "fr"), COUNTRIES.label("DE", "en")) != ("Allemagne", "Germany") or len(LANGUAGES) < 100:
        yield "names of countries and languages"
    for kind in ("PNG", "JPEG"):
        Image.new("RGB", (2, 2)).save(picture := io.BytesIO(), kind)
        with Image.open(picture, formats=("PNG", "JPEG")) as image:
            image.load()
    Console(file=io.StringIO()).print(Traceback.from_exception(ValueError, ValueError("x"), None))
    yield from (f"{name} is there" for name in MODULES if importlib.util.find_spec(name))
    yield from (f"{name} is there" for name in PROGRAMS if shutil.which(name))


if __name__ == "__main__":
    sys.exit("\n".join(broken()) or 0)
