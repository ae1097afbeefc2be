"""Loading a CV: a file is read in a process that may be killed, shown beside what is kept, and taken as it is typed.

Nothing of the file is kept in between: what was read goes to whoever sent it, and comes back with what is to be taken.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from starlette.datastructures import UploadFile

from services.profile.domain import PROFILE, SAVES, SECTION
from services.profile.domain.cv import BOUNDS, Proposal, Reading, proposals, read, taken
from shared.auth import Who
from shared.files.uploads import received
from shared.model.errors import N_, Invalid, refuse_if
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import misshapen
from shared.vocabulary.flaws import NO_DATA

MOST_BYTES: Final = 2_000_000
FIELD: Final = "file"

TOO_LARGE: Final = N_(
    "“%(name)s” is larger than %(most)s bytes. Save it without photos and attachments, then choose it again"
)


class Compared(NamedTuple):
    """What was read, what of it can be taken, and the version of each section with which it was compared, by key."""

    reading: Reading
    found: list[Proposal]
    seen: Mapping[str, int]


async def read_file(kernel: Kernel, upload: UploadFile) -> Reading:
    """What the file says. Closes it. Raises Invalid with what is wrong with it and what to do, or Unavailable."""
    whole_name, content = await received(upload, MOST_BYTES)
    name = whole_name[:80]
    if len(content) > MOST_BYTES:
        raise Invalid.because(TOO_LARGE, FIELD, name=name, most=MOST_BYTES)
    held = await kernel.inspector.unpack(name, content, FIELD)
    if held.format is None:
        raise Invalid((held.flaw or NO_DATA).of(name, FIELD))
    return await asyncio.to_thread(read, held.format, held.content)


async def compare(kernel: Kernel, who: Who, reading: Reading) -> Compared:
    """The same beside the profile as it is now."""
    state = await kernel.state(PROFILE, who.account_id)
    return Compared(reading, proposals(reading, state.values), state.versions)


async def take(
    kernel: Kernel, who: Who, reading: Reading, ids: Collection[str], seen: Mapping[str, int]
) -> list[Proposal]:
    """Takes these proposals, all or none; returns what was taken. What is there already is taken by doing nothing.

    seen: the sections' versions when this was shown. Raises ChangedElsewhere if one of them was saved since, Invalid if
    there would be more of something than is kept.
    """
    state = await kernel.state(PROFILE, who.account_id)
    found = proposals(reading, state.values)
    changed = taken(found, ids, state.values)
    for key, values in changed.items():
        refuse_if(misshapen(SECTION[key].fields, values, BOUNDS))
    commands = (
        SAVES[key](candidate_id=who.account_id, values=values, seen=seen.get(key, 0)) for key, values in changed.items()
    )
    steps = [Do(PROFILE, who.account_id, command) for command in commands]
    if steps:
        await kernel.execute_all(*steps)
    return [each for each in found if each.id in ids]
