"""A CV in and out: what a file of another program says, beside what is kept, and the profile in their formats."""

from services.profile.domain.cv import (
    europass_passport,
    europass_profile,
    europass_writing,
    form,
    json_resume,
    json_resume_writing,
    own,
)
from services.profile.domain.cv.comparing import Proposal, harmless, proposals, taken
from services.profile.domain.cv.reading import BOUNDS, Reading, made
from services.profile.domain.cv.source import Left, told
from shared.model.errors import N_, Invalid

READERS = {
    "json": (own, json_resume),
    "xml": (europass_profile, europass_passport),
    "form": (form,),
}
"""By how a file is written."""

ANOTHER_KIND = N_(
    "This file can be read, but it is no CV that is known here: neither JSON Resume nor Europass, our form nor our own"
    " format"
)
NOTHING_IN_IT = N_("Nothing is filled in in this file")


def read(written: str, content: object) -> Reading:
    """What a file says, given how it is written (json, xml, form) and what is in it. Raises Invalid for no CV."""
    reader = next((each for each in READERS.get(written, ()) if each.is_one(content)), None)
    if reader is None:
        raise Invalid.because(ANOTHER_KIND, "file")
    reading: Reading = reader.read(content)
    if reading.is_empty:
        raise Invalid.because(NOTHING_IN_IT, "file")
    return reading


__all__ = [
    "BOUNDS",
    "Left",
    "Proposal",
    "Reading",
    "europass_writing",
    "form",
    "harmless",
    "json_resume_writing",
    "made",
    "own",
    "proposals",
    "read",
    "taken",
    "told",
]
