"""Pages of a list: where the next one is, as a header that every client finds (RFC 8288)."""

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
    return {"link": f'<{request.url.path}?{urlencode([*asked, (name, place)])}>; rel="next"'}
