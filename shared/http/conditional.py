"""Entity tags (RFC 9110 §8.8, §13): what a reader knows already is not sent again, what changed is not overwritten.

A tag is `"<version>.<hash>"`: the version of the stream behind the answer, where there is one, and the hash of its
content. If-None-Match asks for the same content; If-Match asks for the same version, which the append guarantees.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from shared.model.decider import AnyDecider
from shared.model.errors import CHANGED_SINCE, NoLongerSo
from shared.ops.context import current

Resources = Mapping[str, AnyDecider | None]
"""By the name of a path's parameter: whose streams these resources are; None for what never changes.

Under "": of what has no such parameter, because it is whoever's asks.
"""

HASH: Final = 32
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_VERSION: Final = re.compile(r'"(\d{1,18})\.[0-9a-f]+"')

ETAG: Final[dict[str, Any]] = {
    "ETag": {
        "description": "The version of what is answered. Send it as If-None-Match to learn whether it changed, and, "
        "where an operation takes it, as If-Match to change it only as you know it.",
        "schema": {"type": "string"},
    }
}
IF_NONE_MATCH: Final[dict[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "Entity tags that you have: 304 without a body if one of them still holds.",
    "schema": {"type": "string"},
}
IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the resource as you read it: 412, and nothing is done, if it has changed since.",
    "schema": {"type": "string"},
}
IfMatch = Annotated[str, Header(max_length=16_000, description=IF_MATCH["description"])]
"""Of what no stream stands behind: the door compares it itself."""


def resource_of(resources: Resources, parameters: Sequence[str]) -> AnyDecider | None:
    """Whose stream stands behind this address: that of the last parameter that is a resource's, else of who asks."""
    return next((resources[name] for name in reversed(parameters) if name in resources), resources.get(""))


def expect(request: Request, decider: AnyDecider | None) -> None:
    """What is executed in this request holds only at the versions that If-Match names; `*` is any."""
    header = ",".join(request.headers.getlist("if-match"))
    if decider is not None and header.strip() not in ("", "*"):
        found = (_VERSION.fullmatch(tag) for tag in _TAG.findall(header))
        current().expected[decider.category] = frozenset(int(match[1]) for match in found if match)


def expect_unchanging(header: str, digest: str) -> None:
    """Raises NoLongerSo where If-Match names another content than this, which never changes. digest: SHA-256, hex."""
    if header.strip() not in ("", "*") and f'"{digest[:HASH]}"' not in _TAG.findall(header):
        raise NoLongerSo.because(CHANGED_SINCE)


def tagged(request: Request, response: Response, decider: AnyDecider | None) -> Response:
    """The answer to a GET with its tag; 304 in its place for who has it already."""
    body = getattr(response, "body", None)
    if response.status_code != 200 or not isinstance(body, bytes):
        return response
    version = current().versions.get(decider.category) if decider else None
    digest = sha256(body).hexdigest()[:HASH]
    response.headers["etag"] = tag = f'"{version}.{digest}"' if version is not None else f'"{digest}"'
    if not _has(request, tag):
        return response
    known = Response(None, 304)
    known.raw_headers = [(name, value) for name, value in response.raw_headers if not name.startswith(b"content-")]
    return known


def _has(request: Request, tag: str) -> bool:
    """Whether the caller names this tag, be it as a weak one."""
    header = ",".join(request.headers.getlist("if-none-match"))
    return header.strip() == "*" or tag in (each.removeprefix("W/") for each in _TAG.findall(header))
