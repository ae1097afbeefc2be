"""An answer in the form that fits who asked: a problem document under /<service>/api/, else one of our pages."""

import json
import re

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared.http.pointers import Sent
from shared.http.problems import Answer, document
from shared.ops.context import current
from shared.web import errors, language, login_redirect
from shared.web.environment import web_of

_API = re.compile(r"^/[a-z]+/api(/|$)")


def is_api(path: str) -> bool:
    return _API.match(path) is not None


async def respond(request: Request, answer: Answer) -> Response:
    """Whoever is not logged in is sent to the login page and comes back to where they were."""
    if is_api(request.url.path):
        return problem_response(request, answer)
    if answer.status == 401:
        return await login_redirect.to_login(request)
    return await errors.page(request, answer.status, answer.title, answer.problems, answer.headers)


def problem_response(request: Request, answer: Answer) -> Response:
    """The problem document in the language that the caller accepts."""
    texts = web_of(request).texts(language.accepted(request.headers.get("accept-language", "")))
    told = document(answer, _sent(request), texts.problem, str(current().correlation))
    return Response(told.model_dump_json(), answer.status, {**answer.headers}, "application/problem+json")


def _sent(request: Request) -> Sent | None:
    """None for a form, and where nothing was read yet."""
    if (body := getattr(request.state, "body", None)) is None:
        return None
    taken = getattr(request.scope.get("route"), "body_field", None)
    kind = taken.field_info.annotation if taken else None
    fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else ()
    try:
        return Sent(json.loads(body), fields)
    except (ValueError, RecursionError):
        return Sent(fields=fields)
