"""A service's web application: error answers, guards, the conversation, what pages need, and its OpenAPI page."""

from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from shared import web
from shared.http.guards import Guards
from shared.http.middleware import Conversation
from shared.http.problems import ProblemDocument, answer_to
from shared.http.responses import respond
from shared.model.errors import Refused
from shared.ops.signing import Signer

SERVERS: Final = [{"url": "/", "description": "The site that serves this document."}]


def create(service: str, templates: Path | None = None, *, signer: Signer | None = None, **options: Any) -> FastAPI:
    """An application with everything installed. FastAPI's documentation page is off: it loads from another host."""
    address = f"/{service}/api/openapi.json"
    app = FastAPI(
        title=f"Postulo: {service}", version="1", openapi_url=address, docs_url=None, redoc_url=None,
        generate_unique_id_function=lambda route: route.name, **options,
    )  # fmt: skip
    install(app, service, templates, signer or Signer.of_this_process())
    return app


def install(app: FastAPI, service: str, templates: Path | None, signer: Signer) -> None:
    """Adds what every service's application has; the last middleware added is the first to see a request."""
    for kind in (Refused, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.state.signer = signer
    web.install(app, service, templates)
    app.add_middleware(Guards)
    app.add_middleware(GZipMiddleware, minimum_size=1500, compresslevel=5)
    app.add_middleware(Conversation, service=service, signer=signer)
    app.openapi = lambda: _documented(app)  # type: ignore[method-assign]


async def _refused(request: Request, exc: Exception) -> Response:
    answer = answer_to(exc)
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = {"Allow": ", ".join(allowed(request))}
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=allow)
        answer = answer._replace(headers=allow)
    return await respond(request, answer)


def allowed(request: Request) -> list[str]:
    """The methods that this address takes, of all routes that it fits."""
    routes = iter_route_contexts(request.app.routes)
    fitting = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in fitting for method in route.methods or ()}
    return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))


def _documented(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problem document that every refusal refers to."""
    if not app.openapi_schema:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes, servers=SERVERS)
        for methods in document["paths"].values():
            for operation in methods.values():
                operation.setdefault("security", [])  # Said, for none is needed; else it looks forgotten.
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs"))
        schemas["ProblemDocument"] = problem
        app.openapi_schema = document
    return app.openapi_schema
