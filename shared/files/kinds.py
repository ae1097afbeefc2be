"""What a file is, found by parsing all of it. Only for a process that may be killed: strangers choose what it reads."""

import io
from typing import Final, Literal

from PIL import Image
from pypdf import PdfReader

Kind = Literal["application/pdf", "image/png", "image/jpeg"]

MOST_PIXELS: Final = 25_000_000
_IMAGES: Final[dict[str, Kind]] = {"PNG": "image/png", "JPEG": "image/jpeg"}


def kind_of(content: bytes) -> Kind | None:
    """What the content is, found by parsing all of it: a header in front of something else does not pass."""
    if content.startswith(b"%PDF-"):
        return "application/pdf" if _is_pdf(content) else None
    return _image(content)


def _is_pdf(content: bytes) -> bool:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return False  # Whoever receives it has no password.
        return len(reader.pages) > 0
    except Exception:  # noqa: BLE001 - whatever a parser says of a damaged file, it is not a PDF
        return False


def _image(content: bytes) -> Kind | None:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_IMAGES)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.load()
            return _IMAGES.get(image.format or "")
    except Exception:  # noqa: BLE001 - whatever a parser says of a damaged file, it is not an image
        return None
