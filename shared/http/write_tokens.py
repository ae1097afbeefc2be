"""What a browser wrote last, as compact text for a cookie or header: `service:tx.pos:category.event,…~service:…`.

It leaves signed, so that no position comes back that no store ever gave out: every view would wait for it.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from shared.model.message import Position
from shared.ops.context import WriteToken, WrittenEvent
from shared.vocabulary import cookies

COOKIE, HEADER, PURPOSE = cookies.WROTE.name, "Postulo-Wrote", "wrote"
EVENTS, LENGTH = 4, 3_000
"""The last events of a service that are remembered; the characters that fit into a cookie beside others."""

_PART = re.compile(r"([a-z]{1,20}):(\d{1,19})\.(\d{1,19}):((?:[a-z_]{1,30}\.[0-9a-f]{32}(?:,(?=[a-z_]))?)*)")


def encoded(wrote: Mapping[str, WriteToken]) -> str:
    """The last events of each service, of the services that wrote last as many as fit."""
    parts: list[str] = []
    left = LENGTH + 1
    for service in reversed(list(wrote)):
        parts.append(_part(service, wrote[service]))
        left -= len(parts[-1]) + 1
        if left < 0:
            parts.pop()
            break
    return "~".join(reversed(parts))


def decoded(text: str) -> dict[str, WriteToken]:
    """Parts that cannot be read are left out: another version may have made them."""
    if len(text) > LENGTH:
        return {}
    matches = [_PART.fullmatch(part) for part in text.split("~")]
    return {match[1]: _wrote(match) for match in matches if match}


def _part(service: str, wrote: WriteToken) -> str:
    events = ",".join(f"{event.category}.{event.id.hex}" for event in wrote.events[-EVENTS:])
    return f"{service}:{wrote.position.transaction}.{wrote.position.position}:{events}"


def _wrote(match: re.Match[str]) -> WriteToken:
    pairs = [event.partition(".") for event in match[4].split(",") if event]
    events = tuple(WrittenEvent(category, UUID(hex=event)) for category, _, event in pairs)
    return WriteToken(Position(int(match[2]), int(match[3])), events[-EVENTS:])
