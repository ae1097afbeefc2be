"""An answer in the form that fits who asked: a problem document under /<service>/api/, else one of our pages."""

import re

from starlette.requests import Request
from starlette.responses import Response

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
    body = document(answer, texts.problem, str(current().correlation)).model_dump_json()
    return Response(body, answer.status, {**answer.headers}, "application/problem+json")
