"""What the gateway itself answers: pages and problem documents of ours, in the reader's language, with a reference."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared.http.middleware import SECURITY
from shared.http.problems import Answer, type_of
from shared.vocabulary.official import DEFAULT
from shared.web.environment import OURS, environment
from shared.web.errors import ADVICE, OF_YOUR_NETWORK, WAIT
from shared.web.language import LANGUAGES, Catalogues, Texts
from shared.web.page import LANG

ANSWERED: Final = ((400,), (404,), (408,), (413,), (431,), (429,), (503, 502, 504))
"""What Envoy answers by itself, alike ones together; anything else is a service's own answer and passes as it is."""
UNREAD: Final = (400, 431)
"""Of these the gateway may have read nothing yet: they have no id."""
RETRY_AFTER: Final = {429: "60", 503: "5"}
"""Seconds, by the first status of those that are answered alike."""
REFERENCE: Final = "%REQ(X-REQUEST-ID)%"
STYLE: Final = (Path(__file__).parent / "answer.css").read_text()


class Mapped(NamedTuple):
    """One answer: for which requests, with which headers, and the format of its body."""

    filter: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Mapping[str, Any]


def answers() -> list[Mapped]:
    """In the order in which they are tried, the usual language last: it is for everybody who is left."""
    return [
        Mapped(_all(_is(statuses), *asked), _headers(status, language, api=api), body)
        for statuses in ANSWERED
        for status in statuses[:1]
        for api in (True, False)
        for language in sorted(LANGUAGES, key=DEFAULT.__eq__)
        for asked in ([*([_API] if api else []), *([] if language == DEFAULT else [_wanted(language)])],)
        for body in ((_document if api else _page)(status, _texts()[language]),)
    ]


Filter = Mapping[str, Any]

_API: Final[Filter] = {"header_filter": {"header": {"name": ":path", "string_match": {"contains": "/api/"}}}}


def _wanted(language: str) -> Filter:
    """Whoever has chosen it; else whose browser names it first, or alone of ours. Weights are not looked at."""
    others = "|".join(each for each in LANGUAGES if each != language)
    first = _header("accept-language", rf"(?i)\s*{language}\b.*")
    alone = _all(
        _header("accept-language", rf"(?i)(.*,)?\s*{language}\b.*"),
        _header("accept-language", rf"(?i)(.*,)?\s*({others})\b.*", matches=False),
    )
    chosen_none = _header("cookie", rf"(.*;\s*)?{LANG}=({'|'.join(LANGUAGES)})(;.*)?", matches=False)
    return _any(_header("cookie", rf"(.*;\s*)?{LANG}={language}(;.*)?"), _all(chosen_none, _any(first, alone)))


def _header(name: str, pattern: str, *, matches: bool = True) -> Filter:
    wanted = {"name": name, "string_match": {"safe_regex": {"regex": pattern}}, "treat_missing_header_as_empty": True}
    return {"header_filter": {"header": wanted if matches else {**wanted, "invert_match": True}}}


def _is(statuses: Sequence[int]) -> Filter:
    return _any(
        *(
            {
                "status_code_filter": {
                    "comparison": {"op": "EQ", "value": {"default_value": each, "runtime_key": "answered"}}
                }
            }
            for each in statuses
        )
    )


def _all(*filters: Filter) -> Filter:
    return filters[0] if len(filters) == 1 else {"and_filter": {"filters": list(filters)}}


def _any(*filters: Filter) -> Filter:
    return filters[0] if len(filters) == 1 else {"or_filter": {"filters": list(filters)}}


def _headers(status: int, language: str, *, api: bool) -> Mapping[str, str]:
    policy = (
        {} if api else {"content-security-policy": f"default-src 'none'; style-src '{_digest()}'; form-action 'self'"}
    )
    again = {"retry-after": RETRY_AFTER[status]} if status in RETRY_AFTER else {}
    return {
        **SECURITY, **policy, **again,
        "cache-control": "no-store",
        "content-language": language,
        "vary": "accept-language, cookie",
        **({} if status in UNREAD else {"x-correlation-id": REFERENCE}),
    }  # fmt: skip


def _digest() -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"


def _document(status: int, texts: Texts) -> Mapping[str, Any]:
    title, advice = (texts(words) for words in _words(status))
    document: dict[str, Any] = {
        "type": type_of(Answer(status).known_as),
        "title": title,
        "status": "%RESPONSE_CODE%",
        "detail": f"{title}. {advice}",
        "reference": "" if status in UNREAD else REFERENCE,
        "errors": [],
    }
    return {"content_type": "application/problem+json", "json_format": document}


def _page(status: int, texts: Texts) -> Mapping[str, Any]:
    """A page that needs nothing else, for nobody may be there to send it."""
    heading, advice = _words(status)
    context = {"heading": heading, "advice": advice, "style": STYLE, "language": texts.language}
    context |= {"reference": "" if status in UNREAD else "@reference@"}
    html = environment([OURS]).get_template("gateway.html").render(context, _=texts)
    html = html.replace("%", "%%").replace("@reference@", REFERENCE)
    return {"content_type": "text/html; charset=utf-8", "text_format_source": {"inline_string": html}}


def _words(status: int) -> tuple[str, str]:
    """What has happened, and what helps; both catalogue keys."""
    return (OF_YOUR_NETWORK, WAIT) if status == 429 else (Answer(status).title, ADVICE[status])


@cache
def _texts() -> Catalogues:
    return Catalogues([OURS])
