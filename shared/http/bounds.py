"""How long an address and headers may be: what is longer is refused before anything of ours reads it."""

from typing import Final

from starlette.types import Scope

from shared.model.errors import N_

LONGEST_QUERY: Final = 30_000
LONGEST_PATH: Final = 4_000
MOST_PARAMETERS: Final = 1_000
LONGEST_HEADER: Final = 16_000
LARGEST_HEADERS: Final = 60_000
"""Bytes of one header's name and value, and of all: as many as the gateway lets through."""
MOST_HEADERS: Final = 100

ADDRESS_TOO_LONG: Final = N_("The address is too long, or asks for too many things at once")
HEADERS_TOO_LARGE: Final = N_(
    "Your browser sends too much with each request. Delete the cookies of this site and try again"
)


def excess(scope: Scope) -> tuple[int, str] | None:
    """Why the request is not read, as a status and a sentence (RFC 9110 §15.5.15, RFC 6585 §5); None if it is."""
    query: bytes = scope.get("query_string", b"")
    if len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_PARAMETERS or len(scope["path"]) > LONGEST_PATH:
        return 414, ADDRESS_TOO_LONG
    sizes = [len(name) + len(value) for name, value in scope["headers"]]
    if len(sizes) > MOST_HEADERS or max(sizes, default=0) > LONGEST_HEADER or sum(sizes) > LARGEST_HEADERS:
        return 431, HEADERS_TOO_LARGE
    return None


def bare(scope: Scope) -> Scope:
    """What is left of such a request to answer it: the beginning of its path, and the language."""
    headers = [pair for pair in scope["headers"] if pair[0] == b"accept-language" and len(pair[1]) <= LONGEST_HEADER]
    return {**scope, "path": scope["path"][:LONGEST_PATH], "raw_path": b"", "query_string": b"", "headers": headers[:1]}
