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


def next_link(request: Request, after: str) -> dict[str, str]:
    """The header Link to the same list after this place; none where there is no more."""
    if not after:
        return {}
    asked = [(name, value) for name, value in request.query_params.multi_items() if name not in ("after", "page")]
    return {"link": f'<{request.url.path}?{urlencode([*asked, ("after", after)])}>; rel="next"'}
