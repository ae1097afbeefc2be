"""Our own format, version 1: each section as it is kept. "My data" holds the profile in it too, as profile.json.

    {"format": "postulo-profile", "version": 1, "sections": {"contact": {"values": {"title": "ms", …}}, …}}

Sections and fields are those of the JSON door, lists hold their codes. A later version that renames or retypes
something has another number, and a reader of its own beside this one.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.profile.domain.cv.reading import Reading, made, refuse_other_version
from services.profile.domain.cv.source import told

FORMAT: Final = "postulo-profile"
VERSION: Final = 1


def is_one(content: Any) -> bool:
    """Whether the content of a JSON file is such a one."""
    return isinstance(content, dict) and content.get("format") == FORMAT


def read(content: Mapping[str, Any]) -> Reading:
    """What it says. Raises Invalid for a version that is not known."""
    refuse_other_version(content.get("version"), VERSION)
    sections = content.get("sections")
    named = {str(key): _values(part) for key, part in sections.items()} if isinstance(sections, Mapping) else {}
    reading = made(named)
    unknown = [told(key, values) for key, values in named.items() if key not in reading.sections and values]
    return Reading(reading.sections, left=(*reading.left, *unknown), more=reading.more)


def _values(part: Any) -> Mapping[str, Any]:
    values = part.get("values") if isinstance(part, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def write(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The profile in this format."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "sections": {key: {"values": values} for key, values in sections.items()},
    }
