"""The HTTP doors: problem documents, the request's context, guards, idempotent requests, and routers for JSON."""

from shared.http.application import create, install
from shared.http.idempotency import KeyNeeded, RequestId, request_id
from shared.http.problems import ProblemDocument
from shared.http.routers import CREATED, api_router

__all__ = ["CREATED", "KeyNeeded", "ProblemDocument", "RequestId", "api_router", "create", "install", "request_id"]
