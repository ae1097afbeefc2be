"""Files as people really send them: from phones, scanners, browsers and clouds."""

import io
from functools import cache
from typing import Final, NamedTuple

from PIL import Image
from pypdf import PdfWriter

from tests.shared.files.test_parsing import pdf, png_of


@cache
def phone_picture() -> bytes:
    """A JPEG with a second, smaller picture behind it (MPO), as phones take them."""
    whole, small = Image.effect_noise((64, 48), 90), Image.effect_noise((16, 12), 90)
    content = io.BytesIO()
    whole.save(content, "MPO", save_all=True, append_images=[small])
    return content.getvalue()


def edited_phone_picture() -> bytes:
    """The same after a program that knows nothing of the second picture has cut it off."""
    content = phone_picture()
    return content[: content.rindex(b"\xff\xd8\xff") + 20]


def heic(brand: bytes = b"heic") -> bytes:
    """The beginning of what an iPhone stores: a box that names the format, then others."""
    box = b"ftyp" + brand + b"\0\0\0\0mif1" + brand
    return (len(box) + 4).to_bytes(4, "big") + box + b"\0\0\1\0meta" + b"\0" * 400


def locked() -> bytes:
    content, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(content)
    return content.getvalue()


def saved_as(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "navy").save(content, kind)
    return content.getvalue()


SCAN: Final = png_of(4960, 7016)
"""A page of A4 at 600 dpi."""


class Awkward(NamedTuple):
    """A file that is not taken, and what is said of it, after its name. `document`: no picture, however flawed."""

    name: str
    content: bytes
    said: str
    document: bool = False


HEIC_SAID: Final = (
    "is a HEIC picture, which many programs cannot open. Export it as JPEG, or set your phone’s camera to “Most"
    " compatible”, then choose the new file"
)
EMPTY_SAID: Final = "is empty. If it is kept in a cloud, download it to your device first, then choose it again"
PRECEDED_SAID: Final = (
    "holds something else before the PDF begins, so that some programs cannot open it. Open it, then save or print it"
    " as a new PDF"
)
LOCKED_SAID: Final = (
    "is locked with a password, so that its readers could not open it. Save it without a password, or print it to a new"
    " PDF"
)
SCAN_SAID: Final = "has 35 megapixels; at most 25 are taken. Scan it at 300 dpi, or save it in a lower resolution"
CUT_PDF_SAID: Final = "is a PDF that is damaged or not complete. Open it, then save or print it as a new PDF"
CUT_PICTURE_SAID: Final = (
    "is a picture that is damaged or not complete. Open it and save it again as PNG or JPEG, or take a new one"
)


def other(kind: str) -> str:
    return f"is a {kind} picture. Open it and save it as PNG or JPEG"


AWKWARD: Final = (
    Awkward("IMG_1.HEIC", heic(), HEIC_SAID),
    Awkward("IMG_2.jpg", heic(b"mif1"), HEIC_SAID),
    Awkward("photo.avif", heic(b"avif"), other("AVIF")),
    Awkward("photo.webp", saved_as("WEBP"), other("WebP")),
    Awkward("photo.gif", saved_as("GIF"), other("GIF")),
    Awkward("photo.bmp", saved_as("BMP"), other("BMP")),
    Awkward("scan.tif", saved_as("TIFF"), other("TIFF")),
    Awkward("nothing.pdf", b"", EMPTY_SAID),
    Awkward("cloud.png", b"\0" * 2000, EMPTY_SAID),
    Awkward("scan.png", SCAN, SCAN_SAID),
    Awkward("cut.png", saved_as("PNG")[:60], CUT_PICTURE_SAID),
    Awkward("cut.jpg", saved_as("JPEG")[:300], CUT_PICTURE_SAID),
    Awkward("locked.pdf", locked(), LOCKED_SAID, document=True),
    Awkward("mailed.pdf", b"Content-Type: application/pdf\r\n\r\n" + pdf(), PRECEDED_SAID, document=True),
    Awkward("marked.pdf", b"\xef\xbb\xbf" + pdf(), PRECEDED_SAID, document=True),
    Awkward("half.pdf", pdf()[:60], CUT_PDF_SAID, document=True),
)
