"""Every operation with hostile text in every field: the kinds of text, and the requests that carry them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from itertools import product
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
import orjson
from fastapi.routing import APIRoute

from services.applications.events.sections import SECTIONS as OF_APPLICATIONS
from services.identity.pages.mailed import MAILED
from services.profile.domain.sections import SECTIONS as OF_PROFILE
from services.site import NAMES, chosen
from shared.auth import COOKIE
from shared.http import write_tokens
from shared.http.bounds import LONGEST_HEADER, LONGEST_QUERY, MOST_PARAMETERS
from shared.http.responses import is_api
from shared.http.routers import MOST_TOGETHER
from shared.runtime.feed import feed_router
from shared.vocabulary.fields import Entries
from shared.vocabulary.search import CRITERIA
from shared.web.dates import ZONE
from shared.web.expired_forms import BROWSER
from shared.web.page import FLASH, LANG, TOKEN
from tests.platform import ORIGIN, Kit, Visitor, hidden_fields
from tests.system.access import ACCESS, SCOPE_OF, Asker
from tests.system.stage import Stage, body_of, order, routes_of
from tests.system.test_openapi import document_of

PIECES: Final[Mapping[str, str]] = {
    "letters": "a",
    "blanks": " ",
    "lines": "\n",
    "blanks and lines": " \n",
    "combining marks": "\u0301\u0323",
    "digits": "9",
    "brackets": "(",
    "pointed brackets": "<",
    "quotes": '"',
    "French quotes": "«a»",
    "format signs": "%(x)s{0}",
    "ligatures": "\ufdfa",
    "right to left": "\u05d0",
    "dots": "a.",
    "commas": "a,",
    "dashes": "1-",
    "addresses": "a@",
    "backslashes": '\\"',
    "percent signs": "%41",
    "semicolons": "a=b;",
    "names of passwords": "password - > ",
}
"""What is repeated until the text is as long as it should be."""


def hostile(kind: str, size: int) -> str:
    """A text of this kind that takes up to this many bytes."""
    piece = PIECES[kind]
    return piece * (size // len(piece.encode()))


class Forms(HTMLParser):
    """The forms of a page: by address, the names of their controls with the values that they begin with."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._in: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self._in = self.found.setdefault(given["action"], {})
        elif self._in is not None and tag in ("input", "select", "textarea", "button") and given.get("name"):
            hidden = given.get("type") == "hidden"
            self._in.setdefault(given["name"], given.get("value", "") if hidden else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in = None


@dataclass(frozen=True)
class Attack:
    """A request with hostile text in it: who sends it, and what is hostile."""

    operation: str
    who: Visitor
    what: str
    method: str
    url: str
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self) -> httpx.Response:
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin", **self.headers}
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await self.who.client.request(
            self.method, self.url, content=self.content, headers=pairs, follow_redirects=False
        )


def asker_of(operation: str) -> Asker:
    """Somebody whom the operation lets in."""
    kind = ACCESS[operation]
    if kind in SCOPE_OF:
        return "administrator"
    return "owner" if kind in ("person", "own") else "nobody"


def multipart(fields: Sequence[tuple[str, str]]) -> tuple[bytes, Mapping[str, str]]:
    """A form in which a byte of text takes a byte."""
    mark = uuid4().hex
    parts = [
        f'--{mark}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'.encode() + text.encode() + b"\r\n"
        for name, text in fields
    ]
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), {"content-type": f"multipart/form-data; boundary={mark}"}


CONTROL: Final = ("_version", "_action", "_request", "_for", "_token")
"""What a form carries beside what was typed; wrong, they end what is done with it early."""

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d+\b")
_LINK: Final = re.compile(r'href="(/[^"#]*)')


def pattern_of(routes: Sequence[APIRoute], method: str, path: str) -> str | None:
    """The operation that this request asks for, as the table of operations names it."""
    found = (route for route in routes if method in (route.methods or ()) and route.path_regex.match(path))
    return next((f"{method} {re.sub(r':[a-z]+}', '}', route.path)}" for route in found), None)


def all_routes() -> list[APIRoute]:
    routers = [router for service in chosen(None) for router in (feed_router(service.published), *service.routers)]
    return list(routes_of(route for router in routers for route in router.routes))


async def pages_of(who: Visitor, starts: Sequence[str]) -> Mapping[str, str]:
    """The pages to which links lead from these, one of each kind, with their HTML."""
    found: dict[str, str] = {}
    known: set[str] = set()
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0)
        kind = _ID.sub("*", address.partition("?")[0] if address not in starts else address)
        if kind in known or "/my-data" in address or address.startswith(("/assets", "/vacancies/")):
            continue
        known.add(kind)
        answer = await who.client.get(address, follow_redirects=True)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            found[address] = answer.text
            waiting += [unescape(link) for link in _LINK.findall(answer.text)]
    return found


@dataclass(frozen=True)
class Form:
    """A form of a page: the operation that it is for, who fills it in, and its controls."""

    operation: str
    who: Visitor
    address: str
    controls: Mapping[str, str]

    def attacks(self, kind: str, size: int) -> Iterator[Attack]:
        """One field after the other, then what the form carries beside them."""
        typed = [name for name in self.controls if name not in CONTROL]
        carried = {name: value for name, value in self.controls.items() if name in CONTROL and name != "_action"}
        text = hostile(kind, size)
        for name in typed:
            yield self._attack([*carried.items(), (name, text)], f"{name}: {kind}")
        for name in CONTROL:
            yield self._attack([*{**self.controls, name: text}.items()], f"{name}: {kind}")

    def _attack(self, fields: Sequence[tuple[str, str]], what: str) -> Attack:
        content, headers = multipart(fields)
        return Attack(self.operation, self.who, what, "POST", self.address, content, headers)


async def forms_of(stage: Stage) -> list[Form]:
    """The forms of all pages; those that take something away come last, and those that no page shows now are bare."""
    routes, found = all_routes(), dict[tuple[str, frozenset[str]], Form]()
    pages = [operation for operation in ACCESS if operation.startswith("GET ") and not is_api(operation[4:])]
    for asker in ASKERS_OF_PAGES:
        who = stage.askers[asker]
        starts = [*_addresses(stage, asker), *(stage.path(page) for page in pages if asker_of(page) == asker)]
        for html in (await pages_of(who, starts)).values():
            for address, controls in Forms(html).found.items():
                operation = pattern_of(routes, "POST", address.partition("?")[0])
                assert operation, address
                found.setdefault((operation, frozenset(controls)), Form(operation, who, address, controls))
    known = {form.operation for form in found.values()}
    bare = [
        await _bare(stage, op) for op in ACCESS if op.startswith("POST ") and not is_api(op[5:]) and op not in known
    ]
    return sorted([*found.values(), *bare], key=lambda form: (_last(form.operation), order(form.operation)))


ASKERS_OF_PAGES: Final[Sequence[Asker]] = ("nobody", "owner", "administrator")


def _addresses(stage: Stage, asker: Asker) -> Iterator[str]:
    """Pages to which only buttons lead, or that are seen as they should be only with a query."""
    if asker == "nobody":
        yield from (f"/identity/reset?token={stage.hers[False]['reset']}", f"/identity/verify?registration={uuid4()}")
    elif asker == "owner":
        yield "/alerts/new?keywords=water"
        yield f"/applications/{stage.submitted['application_id']}/withdraw"
        draft = f"/applications/{stage.hers[False]['application_id']}"
        of_profile = [(f"/profile/{section.slug}", section.fields) for section in OF_PROFILE]
        of_draft = [(f"{draft}/{section.name}", section.fields) for section in OF_APPLICATIONS.values()]
        for address, fields in (*of_profile, *of_draft):
            yield from (f"{address}/{group.name}/0" for group in fields if isinstance(group, Entries))


async def _bare(stage: Stage, operation: str) -> Form:
    who = stage.askers[asker_of(operation)]
    hidden = hidden_fields((await who.client.get("/support")).text)
    return Form(operation, who, stage.path(operation), {name: hidden[name] for name in ("_token", "_request")})


def _last(operation: str) -> bool:
    return operation.endswith(("/logout", "/close"))


Schema = Mapping[str, Any]
Path = tuple[str | int, ...]
FORMATS: Final = {"uuid": str(uuid4()), "date": "2030-01-01", "date-time": "2030-01-01T00:00:00Z"}


class Bodies:
    """The bodies of a JSON operation, made from its schema."""

    def __init__(self, document: Schema) -> None:
        self._known = document["components"]["schemas"]

    def plain(self, schema: Schema) -> Any:
        """A body that is understood, as far as a schema tells."""
        schema = self._resolved(schema)
        given = [schema[word] for word in ("example", "default", "const") if schema.get(word) is not None]
        if given := [*given, *schema.get("examples", ()), *schema.get("enum", ())]:
            return given[0]
        match schema.get("type"):
            case "object":
                parts = schema.get("properties", {})
                return {name: self.plain(parts[name]) for name in schema.get("required", ())}
            case "array":
                return [self.plain(schema["items"])] if schema.get("minItems") else []
            case "string":
                return FORMATS.get(schema.get("format", ""), "text")
            case "boolean":
                return True
            case _:
                return 1

    def leaves(self, schema: Schema, path: Path = (), depth: int = 4) -> Iterator[tuple[Path, Schema]]:
        """Where a value can stand in the body."""
        schema = self._resolved(schema)
        yield path, schema
        if depth:
            for name, part in schema.get("properties", {}).items():
                yield from self.leaves(part, (*path, name), depth - 1)
            if isinstance(more := schema.get("additionalProperties"), Mapping):
                yield from self.leaves(more, (*path, "any"), depth - 1)
            if "items" in schema:
                yield from self.leaves(schema["items"], (*path, 0), depth - 1)

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return self._resolved(self._known[schema["$ref"].rpartition("/")[2]])
        others = [each for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if each.get("type") != "null"]
        return self._resolved(others[0]) if others else schema


def put(body: Any, path: Path, value: Any) -> Any:
    """The body with this value there."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return [put(body[0] if isinstance(body, list) and body else None, rest, value)]
    known = body if isinstance(body, dict) else {}
    return {**known, first: put(known.get(first), rest, value)}


def shapes(size: int) -> Mapping[str, Any]:
    """What is no text and yet too much: values, names, and a long name; and as many as are let through to be read."""
    return {
        "many numbers": [1] * (size // 2),
        "many texts": ["a"] * (size // 4),
        "many objects": [{}] * (size // 3),
        "many names": {f"a{number}": "" for number in range(size // 20)},
        "a long name": {"a" * size: ""},
        "numbers": [1] * SOME,
        "texts": ["a"] * SOME,
        "objects": [{}] * SOME,
        "names": {f"a{number}": "" for number in range(SOME)},
    }


SOME: Final = MOST_TOGETHER
"""Values that are not too many in one list or object."""


async def calls_of(platform: Kit, stage: Stage) -> list[tuple[str, Visitor, Schema, Bodies]]:
    """The JSON operations that take a body."""
    found = []
    for service in NAMES:
        document = await document_of(platform, service)
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                operation = f"{method.upper()} {path}"
                content = described.get("requestBody", {}).get("content", {}).get("application/json")
                if content:
                    found.append((operation, stage.askers[caller_of(operation)], content["schema"], Bodies(document)))
    return sorted(found, key=lambda call: (_last(call[0]), order(call[0])))


def caller_of(operation: str) -> Asker:
    """A machine, where one is meant."""
    scope = SCOPE_OF.get(ACCESS[operation])
    return f"machine: {scope}" if scope else asker_of(operation)


def json_attacks(
    stage: Stage, call: tuple[str, Visitor, Schema, Bodies], values: Mapping[str, Any]
) -> Iterator[Attack]:
    """Each of these values in every place of the body, one at a time."""
    operation, who, schema, bodies = call
    plain = {**bodies.plain(schema), **body_of(stage, operation).get("json", {})}
    for path, _ in bodies.leaves(schema):
        for kind, value in values.items():
            what = f"{'.'.join(map(str, path))}: {kind}"
            content = orjson.dumps(put(plain, path, value))
            method = operation.partition(" ")[0]
            yield Attack(
                operation, who, what, method, stage.path(operation), content, {"content-type": "application/json"}
            )


HEADERS: Final = (
    "accept", "accept-encoding", "accept-language", "authorization", "content-encoding", "content-type", "cookie",
    "hx-request", "idempotency-key", "if-match", "if-modified-since", "if-none-match", "origin", "postulo-autosave",
    "postulo-wrote", "range", "referer", "sec-fetch-site", "traceparent", "user-agent", "x-correlation-id",
    "x-forwarded-for",
)  # fmt: skip
COOKIES: Final = (COOKIE, TOKEN, FLASH, LANG, BROWSER, ZONE, MAILED, write_tokens.COOKIE)
SIZES: Final = (1_000_000, LONGEST_HEADER - 100)
"""Of a header: refused unread, and read."""

ASKED: Final = ("GET /identity/login", "POST /identity/login", "POST /identity/api/login", "GET /vacancies/feed.atom")
"""Operations that stand for all: whatever reads a header does so for each of these, or for one of them only."""


def header_attacks(stage: Stage, kinds: Sequence[str]) -> Iterator[Attack]:
    who = stage.askers["nobody"]
    for operation, kind, size in product(ASKED, kinds, SIZES):
        method, path = operation.split()
        text = hostile(kind, size).replace("\n", "\t")
        named = [(name, text) for name in HEADERS]
        for name, value in [*named, *(("cookie", f"{cookie}={text}") for cookie in COOKIES)]:
            yield Attack(operation, who, f"{name}: {kind}, {size}", method, path, b"{}", {name: value})


BY_HAND: Final = (*(field.name for field in CRITERIA), "sort", "everything", "page", "after", "before", "lang", "words",
                  "country", "title", "institution", "alert", "_action")  # fmt: skip
"""Names that pages read out of the address themselves."""


def query_attacks(stage: Stage, kinds: Sequence[str]) -> Iterator[Attack]:
    """Every operation that reads: each name that it may read with a long value, and many parameters."""
    for route in all_routes():
        operation = f"GET {re.sub(r':[a-z]+}', '}', route.path)}"
        if "GET" in (route.methods or ()):
            who = stage.askers[caller_of(operation) if is_api(route.path) else asker_of(operation)]
            known = [part.alias for part in route.dependant.query_params]
            for what, query in _queries(known, kinds):
                yield Attack(operation, who, what, "GET", f"{stage.path(operation)}?{query}")


def _queries(known: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    every = [*dict.fromkeys((*known, *BY_HAND))]
    for kind in kinds:
        some = LONGEST_QUERY // len(every) - 20
        yield f"each: {kind}", "&".join(f"{name}={_quoted(kind, some)}" for name in every)
        yield f"too long: {kind}", f"lang={_quoted(kind, 2 * LONGEST_QUERY)}"
        for name in known or ["keywords"]:
            yield f"{name}: {kind}", f"{name}={_quoted(kind, LONGEST_QUERY - 100)}"
    for name, number in product(("a", "networks", "keywords"), (MOST_PARAMETERS, MOST_PARAMETERS + 1)):
        yield f"{number} × {name}", "&".join([f"{name}=b"] * number)


def _quoted(kind: str, size: int) -> str:
    """No longer than this as it stands in an address."""
    piece = quote_plus(PIECES[kind])
    return piece * (size // len(piece))
