"""What a file is, found by parsing all of it. Only for a process that may be killed: strangers choose what it reads."""

import io
from typing import Final

from PIL import Image
from pypdf import PdfReader

from shared.files.answers import Found, Kind
from shared.vocabulary import flaws
from shared.vocabulary.flaws import MOST_PIXELS, Flaw

Image.MAX_IMAGE_PIXELS = None  # Ours is smaller, and says how many there are; nothing is decoded before it is asked.

_IMAGES: Final[dict[str, Kind]] = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg"}
"""Phones put a second picture behind the first (MPO): whoever knows nothing of it opens a JPEG."""

_PDF: Final = b"%PDF-"
_LOOKED_AT: Final = 4096
"""Where a PDF may begin that something else stands before."""

_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_OTHER_PICTURES: Final = ((b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF: Final = frozenset({b"avif", b"avis"})


def look(content: bytes) -> Found:
    """Parses all of it: a header in front of something else does not pass."""
    if not content.strip(b"\0"):
        return Found(flaw=flaws.EMPTY)
    if content.startswith(_PDF):
        return _pdf(content)
    if content.startswith(_PICTURES):
        return _image(content)
    return Found(flaw=_other(content))


def _pdf(content: bytes) -> Found:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return Found(flaw=flaws.LOCKED)
        return Found("application/pdf") if len(reader.pages) > 0 else Found(flaw=flaws.DAMAGED_PDF)
    except Exception:  # noqa: BLE001 - whatever a parser says of a damaged file, it is not a PDF
        return Found(flaw=flaws.DAMAGED_PDF)


def _image(content: bytes) -> Found:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if (pixels := image.width * image.height) > MOST_PIXELS:
                return Found(flaw=flaws.too_many_pixels(pixels))
            image.draft(None, (1, 1))  # A JPEG is read whole, and decoded as small as can be: nobody looks at it.
            image.load()
            return Found(_IMAGES[str(image.format)])
    except Exception:  # noqa: BLE001 - whatever a parser says of a damaged file, it is not an image
        return Found(flaw=flaws.DAMAGED_PICTURE)


def _other(content: bytes) -> Flaw | None:
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in _HEIC:
        return flaws.HEIC
    if brand in _AVIF:
        return flaws.other_picture("AVIF")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return flaws.other_picture("WebP")
    named = next((name for magic, name in _OTHER_PICTURES if content.startswith(magic)), None)
    if named:
        return flaws.other_picture(named)
    return flaws.PRECEDED if _PDF in content[:_LOOKED_AT] else None
