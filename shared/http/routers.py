"""Routers for JSON doors, with their refusals documented and their bodies checked before anything looks inside."""

import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar, Final

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message

from shared.http.conditional import ETAG, IF_MATCH, IF_NONE_MATCH, Resources, expect, resource_of, tagged
from shared.http.pointers import BODY, named
from shared.http.problems import NO_JSON, TITLES, UNREADABLE
from shared.model.errors import N_, Invalid, Problem
from shared.model.reasons import Reason
from shared.web.forms import KINDS, is_form, kind_of

REFUSALS = (400, 401, 403, 404, 409, 413, 414, 415, 422, 429, 431, 500, 503)
SCHEMA = "#/components/schemas/ProblemDocument"
READ = ("application/json", *KINDS)

DEEPEST: Final = 20
MOST_VALUES: Final = 30_000
"""Values of all lists and objects of a body: a notice with all questions and options that it may have holds fewer."""
MOST_TOGETHER: Final = 1_000
"""Values of one list or object, each of which would be a problem to tell of."""
MOST_BRACKETS, MOST_COMMAS = 60_000, 300_000
"""In texts too: with more brackets that open, or more commas, a body is not even parsed."""

TOO_MANY: Final = N_("The body holds more than %(most)s values, or a list or an object in it more than %(together)s")
TOO_DEEP: Final = N_("Lists and objects stand in one another more than %(most)s deep")

_LINE_END: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\(?:r|u000[dD])(?=\\(?:n|u000[aA]))")
"""In JSON text, the escaped carriage return of a line end of Windows; a backslash before it may be escaped itself."""

_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


CREATED: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "headers": {
            "Location": {"description": "Where it can be read at once.", "schema": {"type": "string"}},
        }
    }
}
"""How the answer to what creates something is documented."""


def refusal(status: int) -> dict[str, Any]:
    """How a refusal is documented."""
    return {"description": TITLES[status], "content": {"application/problem+json": {"schema": {"$ref": SCHEMA}}}}


Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class DoorRoute(APIRoute):
    """FastAPI parses a body before any dependency sees it: what is surely too much is refused before that.

    Around that, what entity tags mean. resources: of the router that makes it.
    """

    resources: ClassVar[Resources] = {}

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        names = re.findall(r"{(\w+)", path)
        self._decider = resource_of(self.resources, names)
        is_reading = "GET" in (options.get("methods") or ("GET",))
        if is_reading or self._decider is not None:
            options = documented(options, reading=is_reading)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handle:
        handle, decider = self._bounded(super().get_route_handler()), self._decider

        async def conditional(request: Request) -> Response:
            if request.method == "GET":
                return tagged(request, await handle(request), decider)
            expect(request, decider)
            return await handle(request)

        return conditional

    @staticmethod
    def _bounded(handle: Handle) -> Handle:
        async def bounded(request: Request) -> Response:
            if not is_form(request):
                body = request.state.body = await request.body()
                if body.count(b"[") + body.count(b"{") > MOST_BRACKETS or body.count(b",") > MOST_COMMAS:
                    raise Invalid.because(TOO_MANY, BODY, most=MOST_VALUES, together=MOST_TOGETHER)
                return await handle(_with_plain_line_ends(request, body))
            return await handle(request)

        return bounded


def _with_plain_line_ends(request: Request, body: bytes) -> Request:
    """A line end is one sign, as in what pages send: so a text is as long at this door as at the other."""
    plain = _LINE_END.sub(rb"\1", body)

    async def receive() -> Message:
        return {"type": "http.request", "body": plain, "more_body": False}

    return request if plain == body else Request(request.scope, receive)


def documented(options: Mapping[str, Any], *, reading: bool) -> dict[str, Any]:
    """The options of a route with what entity tags add to its documentation."""
    responses = {**(options.get("responses") or {})}
    if reading:
        well = responses.get(200, {})
        responses[200] = {**well, "headers": {**well.get("headers", {}), **ETAG}}
        responses[304] = {"description": TITLES[304], "headers": ETAG}
    else:
        responses[412] = refusal(412)
    extra = {"parameters": [IF_NONE_MATCH if reading else IF_MATCH]}
    return {**options, "responses": responses, "openapi_extra": extra}


def api_router(service: str, resources: Resources | None = None, **options: Any) -> APIRouter:
    """Routes under /<service>/api; every problem document that they may answer with is documented.

    resources: whose streams stand behind the parameters of their paths, so that If-Match is compared with them.
    """
    return APIRouter(
        prefix=f"/{service}/api",
        tags=[service],
        responses={status: refusal(status) for status in REFUSALS},
        dependencies=[Depends(readable)],
        route_class=type("Route", (DoorRoute,), {"resources": resources or {}}),
        **options,
    )


async def readable(request: Request) -> None:
    """Refuses bodies of a kind that no door reads (415), and JSON text with what PostgreSQL cannot store (422)."""
    if is_form(request):
        return
    body, kind = await request.body(), kind_of(request)
    if body and kind not in READ and not kind.endswith("+json"):
        raise HTTPException(415, N_("Send JSON, with the header Content-Type: application/json"))
    if body.count(b"[") + body.count(b"{") > DEEPEST or body.count(b",") >= MOST_TOGETHER:
        _refuse_shape(await _parsed(request))
    if _ESCAPED.search(body) and (path := _unstorable(await _parsed(request))) is not None:
        raise Invalid(Problem(named(path) or BODY, UNREADABLE, path=path), reason=Reason.UNSTORABLE)


async def _parsed(request: Request) -> Any:
    """The body as JSON. Raises Invalid where it is none: nothing has parsed it before."""
    try:
        return await request.json()
    except RecursionError:
        raise Invalid.because(TOO_DEEP, BODY, most=DEEPEST) from None
    except ValueError:
        raise Invalid.because(NO_JSON, BODY) from None


def _refuse_shape(value: Any) -> None:
    """Raises Invalid where lists and objects are nested too deep or hold too much.

    It goes level by level, so that no depth is too much, and counts before it looks.
    """
    level, held = [value], 0
    for _ in range(DEEPEST):
        sizes = [len(each) for each in level if isinstance(each, dict | list)]
        held += sum(sizes)
        if held > MOST_VALUES or any(size > MOST_TOGETHER for size in sizes):
            raise Invalid.because(TOO_MANY, BODY, most=MOST_VALUES, together=MOST_TOGETHER)
        level = [part for each in level for part in _parts(each)]
        if not level:
            return
    if any(isinstance(each, dict | list) for each in level):
        raise Invalid.because(TOO_DEEP, BODY, most=DEEPEST)


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _unstorable(value: Any, path: tuple[str | int, ...] = ()) -> tuple[str | int, ...] | None:
    """Where the first text with NUL or half of a surrogate pair is; in a field's own name, the object around it."""
    if isinstance(value, str):
        return path if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value) else None
    if isinstance(value, dict) and any(_unstorable(key) is not None for key in value):
        return path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_unstorable(part, (*path, name)) for name, part in parts)
    return next((where for where in found if where is not None), None)
