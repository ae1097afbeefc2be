"""Everything that an answer says but for the ids of its own request: what discreet doors are compared by."""

import re
from collections.abc import Mapping

import httpx

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OWN = {"x-correlation-id", "date"}


def told(answer: httpx.Response) -> tuple[int, Mapping[str, list[str]], str]:
    """Everything that an answer says but for its own ids: status, headers with cookies, body."""
    names = sorted(name for name in answer.headers if name not in OWN)
    headers = {name: [UUID.sub("ID", value) for value in answer.headers.get_list(name)] for name in names}
    return answer.status_code, headers, UUID.sub("ID", answer.text)
