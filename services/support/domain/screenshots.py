"""What may be attached to a ticket: pictures and nothing else, so that no CV gets in (R66, R67)."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from shared.model.errors import N_, Problem
from shared.model.message import Message, derived_id
from shared.vocabulary.flaws import Flaw

MOST: Final = 5
LARGEST: Final = 5_000_000
TOGETHER: Final = 10_000_000
EXTENSIONS: Final = {"image/png": "png", "image/jpeg": "jpg"}
MEGABYTE: Final = 1_000_000

NO_PICTURE = N_("“%(name)s” is not a PNG or JPEG picture. Attach screenshots only, never your CV or another document")
TOO_LARGE = N_("“%(name)s” is larger than %(megabytes)s MB. Crop it or save it in a lower resolution")
TOO_MANY = N_("At most %(most)s screenshots, together at most %(megabytes)s MB")


class Screenshot(Message):
    """A file that came with a ticket. `kind`: what parsing found it to be; `size` in bytes; `sha256` in hexadecimal.

    flaw: what is wrong with one of no kind, if that can be told.
    """

    id: UUID
    name: str
    kind: str | None
    size: int
    sha256: str
    flaw: Flaw | None = None

    @classmethod
    def of(  # noqa: PLR0917 - a file as it came
        cls, request: UUID, name: str, kind: str | None, size: int, sha256: str, flaw: Flaw | None = None
    ) -> "Screenshot":
        """The picture with an id that a retry of the same request gives it again."""
        return cls(id=derived_id(request, sha256), name=name[:100], kind=kind, size=size, sha256=sha256, flaw=flaw)


def screenshot_problems(screenshots: Sequence[Screenshot]) -> Iterable[Problem]:
    """Why these cannot be taken; nothing if they can."""
    if len(screenshots) > MOST or sum(screenshot.size for screenshot in screenshots) > TOGETHER:
        yield Problem("screenshots", TOO_MANY, {"most": MOST, "megabytes": TOGETHER // MEGABYTE})
    for screenshot in screenshots:
        if screenshot.size > LARGEST:
            params = {"name": screenshot.name, "megabytes": LARGEST // MEGABYTE}
            yield Problem("screenshots", TOO_LARGE, params)
        elif screenshot.flaw and not screenshot.flaw.of_pdf:
            yield screenshot.flaw.of(screenshot.name, "screenshots")
        elif screenshot.kind not in EXTENSIONS:
            yield Problem("screenshots", NO_PICTURE, {"name": screenshot.name})
