"""What an address takes: `Allow` lists exactly the methods that work there, for every route of every service."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest
from fastapi.routing import iter_route_contexts

from services.site import NAMES
from tests.platform import Kit

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def addresses(platform: Kit, service: str) -> Iterator[str]:
    """One for each path of the service."""
    app = platform.service(service).app
    for path in sorted({str(route.path) for route in iter_route_contexts(app.routes)}):
        yield re.sub(r"{(\w+)(:\w+)?}", lambda found: "0" if found[2] == ":int" else str(uuid4()), path)


@pytest.mark.parametrize("service", NAMES)
async def test_allow_lists_exactly_what_works(platform: Kit, service: str) -> None:
    client, seen = platform.visitor().client, 0
    for path in addresses(platform, service):
        answers = {method: await client.request(method, path, follow_redirects=False) for method in METHODS}
        works = sorted({"OPTIONS", *(method for method, answer in answers.items() if answer.status_code != 405)})
        asked = await client.request("OPTIONS", path)
        assert (asked.status_code, asked.content, asked.headers["allow"].split(", ")) == (204, b"", works), path
        told = {answer.headers["allow"] for answer in answers.values() if answer.status_code == 405}
        assert told <= {", ".join(works)}, path
        assert ("GET" in works) == ("HEAD" in works), path
        seen += len(works) > 1
    assert seen > 3
