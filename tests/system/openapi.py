"""What test_openapi.py asks with: Schemathesis draws calls from a document, a visitor of the platform makes them."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeVar, cast

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.platform import ORIGIN, Kit, Visitor
from tests.pointing import astray, unexplained

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATIENCE, LONGEST = 60.0, 2.5
"""Seconds for one call, and after which no more of an operation are begun."""
LONGEST_ADDRESS: Final = 60_000
"""No server reads a longer one."""

A_QUARTER: Final = 5
"""Of twenty calls, so many keep the path that was drawn."""

OURS: Final = {"authorization", "cookie", "host", "content-length"}
"""Headers that say who asks: they stay the visitor's."""

V = TypeVar("V", bound=Visitor)
Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]
_NETWORKS = count(1)

load_all_checks()


@dataclass
class Asker:
    """Somebody who calls operations: who it is, and what exists for them by the name of a path's parameter."""

    visitor: Visitor
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)


def operations(document: dict[str, Any]) -> list[Operation]:
    """All operations of a document: those that take something away come last."""
    results = list(schemathesis.openapi.from_dict(document).get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results), f"the document cannot be read: {results}"
    return sorted(found, key=lambda each: (each.method.upper() == "DELETE", each.path.endswith(("logout", "closure"))))


def explore(
    operation: Operation, asker: Asker, loop: asyncio.AbstractEventLoop, calls: int, longest: float = LONGEST
) -> list[str]:
    """Makes this many calls, half of what the document allows, half of what it forbids; returns what went wrong.

    Twice as many where a body is sent, fewer where each takes long, as wrong passwords do. Runs in a thread of its own,
    since Hypothesis waits for each answer. What went wrong is noted rather than raised: the platform remembers what was
    done to it, so the same call need not fail twice.
    """
    end = time.monotonic() + longest
    wrong: dict[str, str] = {}

    @settings(
        max_examples=calls * (2 if operation.body else 1),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=st.one_of(*_cases(operation)), real=st.integers(0, 19))
    def calling(case: AnyCase, real: int) -> None:
        if time.monotonic() > end:
            return
        for name in asker.known.keys() & case.path_parameters.keys() if real >= A_QUARTER else ():
            case.path_parameters[name] = asker.known[name][real % len(asker.known[name])]
        request = requests.Request(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
        if len(str(request.url)) > LONGEST_ADDRESS:
            return
        answer = asyncio.run_coroutine_threadsafe(_answer(request, asker.visitor), loop).result(PATIENCE)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            wrong.setdefault(f"{answer.status_code} {failures.exceptions[0].title}", str(failures))
        if answer.headers.get("content-type") == "application/problem+json":
            misled = [*astray(answer.json(), answer.request.content), *unexplained(answer.json())]
            wrong.update({f"{answer.status_code} a problem document": f"{misled}\n{answer.text}"} if misled else {})

    calling()
    return [f"{operation.label}: {title}\n{details}" for title, details in wrong.items()]


def _cases(operation: Operation) -> Iterator[st.SearchStrategy[AnyCase]]:
    yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or list(operation.iter_parameters()):
        yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


async def _answer(request: requests.PreparedRequest, visitor: Visitor) -> httpx.Response:
    headers = [(_bytes(name), _bytes(value)) for name, value in request.headers.items() if name.lower() not in OURS]
    body = cast("bytes | str | None", request.body)
    return await visitor.client.request(
        str(request.method), str(request.url), content=body, headers=headers, follow_redirects=False
    )


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


class Elsewhere(httpx.ASGITransport):
    """Each call comes from a network of its own: what is guessed here slows down nobody who logs in elsewhere."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.client = (f"2001:db8:{next(_NETWORKS):x}::1", 443)
        return await super().handle_async_request(request)


def from_elsewhere(platform: Kit, visitor: V) -> V:
    visitor.client._transport = Elsewhere(app=platform.host)
    return visitor
