"""What keeps a file that somebody sent from being taken, and what they can do about it."""

from typing import Final

from shared.model.errors import N_, Problem
from shared.model.message import Message

MOST_PIXELS: Final = 25_000_000
MEGAPIXEL: Final = 1_000_000


class Flaw(Message):
    """`says`: a catalogue key. `of_pdf`: it is a PDF, if a flawed one."""

    says: str
    params: tuple[tuple[str, int | str], ...] = ()
    of_pdf: bool = False

    def of(self, name: str, field: str) -> Problem:
        """The problem of the file with this name."""
        return Problem(field, self.says, {"name": name[:80], **dict(self.params)})


EMPTY: Final = Flaw(
    says=N_("“%(name)s” is empty. If it is kept in a cloud, download it to your device first, then choose it again")
)
HEIC: Final = Flaw(
    says=N_(
        "“%(name)s” is a HEIC picture, which many programs cannot open. Export it as JPEG, or set your phone’s camera"
        " to “Most compatible”, then choose the new file"
    )
)
LOCKED: Final = Flaw(
    says=N_(
        "“%(name)s” is locked with a password, so that its readers could not open it. Save it without a password, or"
        " print it to a new PDF"
    ),
    of_pdf=True,
)
PRECEDED: Final = Flaw(
    says=N_(
        "“%(name)s” holds something else before the PDF begins, so that some programs cannot open it. Open it, then"
        " save or print it as a new PDF"
    ),
    of_pdf=True,
)
DAMAGED_PDF: Final = Flaw(
    says=N_("“%(name)s” is a PDF that is damaged or not complete. Open it, then save or print it as a new PDF"),
    of_pdf=True,
)
DAMAGED_PICTURE: Final = Flaw(
    says=N_(
        "“%(name)s” is a picture that is damaged or not complete. Open it and save it again as PNG or JPEG, or take"
        " a new one"
    )
)

DAMAGED_JSON: Final = Flaw(
    says=N_("“%(name)s” begins like JSON and is damaged or not complete. Save it again in the program that made it")
)
DAMAGED_XML: Final = Flaw(
    says=N_("“%(name)s” begins like XML and is damaged or not complete. Save it again in the program that made it")
)
DOCUMENT_TYPE: Final = Flaw(
    says=N_(
        "“%(name)s” declares a document type, which can hide what a file holds. Save it again without one: no CV needs"
        " it"
    )
)
TOO_MUCH_DATA: Final = Flaw(
    says=N_("“%(name)s” holds more than a CV does, or is nested too deep. Save a copy with less in it")
)
PDF_WITHOUT_DATA: Final = Flaw(
    says=N_(
        "“%(name)s” is a PDF without data that can be read: neither our form nor a PDF that Europass made. If you"
        " printed the form to a new PDF, choose the one that you filled in instead"
    )
)
NO_DATA: Final = Flaw(
    says=N_("“%(name)s” is none of the files that can be read here. Choose one of those that are named")
)


def other_picture(kind: str) -> Flaw:
    """A picture in a format that is not taken."""
    says = N_("“%(name)s” is a %(format)s picture. Open it and save it as PNG or JPEG")
    return Flaw(says=says, params=(("format", kind),))


def too_many_pixels(pixels: int) -> Flaw:
    """A picture that would cost whoever opens it too much."""
    says = N_(
        "“%(name)s” has %(megapixels)s megapixels; at most %(most)s are taken. Scan it at 300 dpi, or save it in a"
        " lower resolution"
    )
    return Flaw(says=says, params=(("megapixels", -(-pixels // MEGAPIXEL)), ("most", MOST_PIXELS // MEGAPIXEL)))
