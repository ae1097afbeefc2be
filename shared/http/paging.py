"""Pages of a list: where the next one is, as a header that every client finds (RFC 8288)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

NEXT: Final[dict[str, Any]] = {
    "Link": {
        "description": 'Where the next page is: `<address>; rel="next"` (RFC 8288). None on the last one.',
        "schema": {"type": "string"},
    }
}
"""How the header is documented."""


def next_link(request: Request, place: object, name: str = "after") -> dict[str, str]:
    """The header Link to the same list from this place on; none where there is no more. name: of its parameter."""
    if not place:
        return {}
    asked = [(each, value) for each, value in request.query_params.multi_items() if each not in (name, "page")]
    return _next(request, [*asked, (name, place)])


def here(request: Request) -> dict[str, str]:
    """The header Link of a list that has nothing yet and may have something at the same address later."""
    return _next(request, request.query_params.multi_items())


def _next(request: Request, query: Sequence[tuple[str, object]]) -> dict[str, str]:
    asked = f"?{urlencode(query)}" if query else ""
    return {"link": f'<{request.url.path}{asked}>; rel="next"'}
