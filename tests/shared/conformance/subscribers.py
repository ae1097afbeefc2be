"""A small subscriber that is right, and others that are each wrong in one way, behind a real HTTP server."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from services.applications.events import PUBLISHED as APPLICATIONS
from services.identity.events import PUBLISHED as IDENTITY
from services.vacancies.events import PUBLISHED as VACANCIES
from shared.model.schemas import schema_of

EVENTS = {event.__name__: event for published in (APPLICATIONS, IDENTITY, VACANCIES) for event in published.events}

Headers = Mapping[str, str]
Data = dict[str, Any]


class Right:
    """Keeps by subject the ids that it applied and the newest value of each field."""

    def __init__(self) -> None:
        self.known: Any = set()
        self.applied: dict[str, list[str]] = {}
        self.fields: dict[str, Data] = {}

    def take(self, headers: Headers, data: Data) -> int:
        if headers["ce-type"] in EVENTS and not self.is_known(headers):
            self.apply(headers, data)
        return 204

    def is_known(self, headers: Headers) -> bool:
        return headers["ce-id"] in self.known

    def apply(self, headers: Headers, data: Data) -> None:
        subject = headers["ce-subject"]
        self.keep_id(headers)
        self.applied.setdefault(subject, []).append(headers["ce-id"])
        self.fields.setdefault(subject, {}).update(data)
        if headers["ce-type"] == "AccountClosed":
            self.forget(subject)

    def keep_id(self, headers: Headers) -> None:
        self.known.add(headers["ce-id"])

    def forget(self, subject: str) -> None:
        self.fields[subject] = {}

    def held(self, subject: str) -> tuple[int, Any]:
        if subject not in self.applied:
            return 404, None
        return 200, {"applied": self.applied[subject], "fields": self.fields[subject]}


class SaysMore(Right):
    """Its answers hold words in which a form of address stands."""

    def held(self, subject: str) -> tuple[int, Any]:
        status, held = super().held(subject)
        return status, held and {**held, "items": ["terms", "forms"]}


class Broken(Right):
    def take(self, headers: Headers, data: Data) -> int:
        del headers, data
        return 500


class AppliesAgain(Right):
    def is_known(self, headers: Headers) -> bool:
        return "ce-id" not in headers


class RemembersTheLastIds(Right):
    def __init__(self) -> None:
        super().__init__()
        self.known = deque(maxlen=9)

    def keep_id(self, headers: Headers) -> None:
        self.known.append(headers["ce-id"])


class WantsTheFieldsItKnows(Right):
    def take(self, headers: Headers, data: Data) -> int:
        known = schema_of(EVENTS[headers["ce-type"]])["properties"] if headers["ce-type"] in EVENTS else data
        return super().take(headers, data) if data.keys() <= known.keys() else 422


class WantsTheTypesItKnows(Right):
    def take(self, headers: Headers, data: Data) -> int:
        return super().take(headers, data) if headers["ce-type"] in EVENTS else 400


class WaitsForTheNextNumber(Right):
    """It counts what it passes over, too."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, int] = {}

    def take(self, headers: Headers, data: Data) -> int:
        subject, sequence = headers["ce-subject"], int(headers["ce-sequence"])
        if sequence > self.last.get(subject, 0) + 1:
            return 204
        self.last[subject] = max(self.last.get(subject, 0), sequence)
        return super().take(headers, data)


class ForgetsNobody(Right):
    def forget(self, subject: str) -> None:
        pass


class KeepsWhatWasEncrypted(Right):
    """It thinks that what it cannot read is not there."""

    def forget(self, subject: str) -> None:
        held = self.fields[subject]
        self.fields[subject] = {name: value for name, value in held.items() if name == "personal"}


class WantsTheVacancyFirst(Right):
    def take(self, headers: Headers, data: Data) -> int:
        vacancy = f"vacancy-{data['vacancy_id']}" if "vacancy_id" in data else None
        return 204 if vacancy and vacancy not in self.applied else super().take(headers, data)


class NewestFirst(Right):
    def held(self, subject: str) -> tuple[int, Any]:
        status, body = super().held(subject)
        return status, body and {**body, "applied": body["applied"][::-1]}


class AnswersWithAList(Right):
    def held(self, subject: str) -> tuple[int, Any]:
        return 200, [subject]


@contextmanager
def served(subscriber: Right) -> Iterator[str]:
    """Its address while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # An answer leaves in one piece, or each waits for the other side.

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.answer(subscriber.take(headers, json.loads(content)))

        def do_GET(self) -> None:
            (subject,) = parse_qs(urlsplit(self.path).query)["subject"]
            self.answer(*subscriber.held(subject))

        def answer(self, status: int, body: Any = None) -> None:
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/events"
        server.shutdown()
        thread.join()
