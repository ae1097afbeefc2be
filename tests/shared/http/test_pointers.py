"""JSON Pointers: what a problem document points at stands in the body that was sent, or would stand there."""

import json
from typing import Any

import pytest
from fastapi import Query
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from shared.http import api_router, create
from shared.http.pointers import LONGEST_NAME, Sent, along, pointer
from shared.model.errors import Invalid, Problem
from tests.pointing import misplaced
from tests.shared.web.site import TEMPLATES, Known, browser

NAMES = st.text(st.sampled_from("ab./~0 é"), min_size=1, max_size=4)
PLAIN = st.text(st.sampled_from("ab/~0 é"), min_size=1, max_size=4)


def values_with(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=12,
    )


VALUES, PLAIN_VALUES = values_with(NAMES), values_with(PLAIN)


def places(value: Any, way: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The ways to all that stands in this value."""
    inside = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [way, *(place for name, part in inside for place in places(part, (*way, str(name))))]


def steps(found: str | None) -> tuple[str, ...]:
    """The names that this pointer goes along (RFC 6901)."""
    assert found is not None
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in found.split("/")[1:])


@given(body=st.dictionaries(NAMES, VALUES, max_size=4), data=st.data())
def test_what_stands_in_a_body_is_found_under_its_way_and_under_its_name(
    body: dict[str, Any], data: st.DataObject
) -> None:
    """Under its name where that names nothing else: a part may hold dots itself."""
    every = places(body)
    way = data.draw(st.sampled_from(every))
    assert steps(along(way)) == way
    if way:
        alike = [other for other in every if ".".join(other) == ".".join(way)]
        assert steps(pointer(".".join(way), Sent(body))) in alike


@given(body=st.dictionaries(PLAIN, PLAIN_VALUES, max_size=4), data=st.data())
def test_what_has_no_dots_in_its_name_is_found_where_it_stands(body: dict[str, Any], data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(places(body)))
    if way:
        assert steps(pointer(".".join(way), Sent(body))) == way


@pytest.mark.parametrize(("names", "expected"), [(1, 1), (20, 9), (1_000_000, 9)])
def test_a_pointer_ends_at_what_is_around_a_place_that_is_too_long_to_say(names: int, expected: int) -> None:
    assert steps(along(("a" * LONGEST_NAME,) * names)) == ("a" * LONGEST_NAME,) * expected


def test_a_name_full_of_dots_is_not_sought_dot_by_dot() -> None:
    """A million of them: going through all that they may stand for would take days."""
    assert pointer("title" + "." * 1_000_000, Sent({"title": {"." * 999_999: 1}}, ("title",))) is None


@given(body=VALUES, field=st.text(st.sampled_from("ab./~01 "), max_size=8), fields=st.lists(NAMES, max_size=3))
@example(body={"a": [1]}, field="a.1" + "0" * 5_000, fields=[])
def test_no_pointer_leads_astray(body: Any, field: str, fields: list[str]) -> None:
    found = pointer(field, Sent(body, fields))
    assert found is None or misplaced(found, body) == ""


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({"jobs": [{"title": ""}]}, "jobs.0.title", "/jobs/0/title"),
        ({"jobs": [{}]}, "jobs.0.title", "/jobs/0/title"),
        ({"jobs": []}, "jobs.0.title", "/jobs"),
        ({}, "jobs.0.title", ""),
        ({}, "title", "/title"),
        ({"title": {"a/b": {"c~d": 1}}}, "title.a/b.c~d", "/title/a~1b/c~0d"),
        ({"title": {"a.b": 1}}, "title.a.b", "/title/a.b"),
        ({"title": {"~1": 1}}, "title.~1", "/title/~01"),
        ({"values": {"posts": [{"title": ""}]}}, "posts.0.title", "/values/posts/0/title"),
        ({"values": {}}, "birth_date", "/values/birth_date"),
        ({"values": {"a": 1}}, "values.a", "/values/a"),
        ({"values": 1}, "birth_date", None),
        ({"other": 1}, "birth_date", None),
        ({"title": 1}, "body", ""),
        ({"title": 1}, "", None),
        ([], "title", None),
        (None, "title", None),
    ],
)
def test_the_pointer_of_a_field(body: Any, field: str, expected: str | None) -> None:
    assert pointer(field, Sent(body, ("title", "jobs"))) == expected


LONG = "unknown-" * 20


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: str
    words: dict[str, int | list[int]] = {}


class Notice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    translations: list[Line] = Field([], max_length=2)
    either: int | list[Line] | None = None


class Section(BaseModel):
    values: dict[str, str | list[str]]
    seen: int = 0


def doors() -> Any:
    app = create("sample", templates=TEMPLATES)
    app.state.sessions = Known()
    router = api_router("sample")

    @router.post("/notices")
    async def announce(body: Notice, most: int = Query(1, lt=9)) -> None:
        raise Invalid(*(Problem(name, "Page not found") for name in ("title", "translations.0.words", "elsewhere")))

    @router.put("/sections")
    async def save(body: Section) -> None:
        raise Invalid(*(Problem(name, "Page not found") for name in ("birth_date", "names.1", "seen")))

    @router.post("/forms")
    async def form() -> None:
        raise Invalid.because("Page not found", "body")

    app.include_router(router)
    return app


DOORS = doors()


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "notices", {}, {"title": "/title"}),
        ("POST", "notices", {"title": "x", "a.b/c~": 1}, {"a.b/c~": "/a.b~1c~0"}),
        (
            "POST", "notices", {"title": "x", "translations": [{}]},
            {"translations.0.language": "/translations/0/language"},
        ),
        ("POST", "notices", {"title": "x", "translations": [{"language": "x"}] * 3}, {"translations": "/translations"}),
        (
            "POST", "notices", {"title": "x", "translations": [{"language": "x", "words": {"a.b": [1, "c"]}}]},
            {
                "translations.0.words.a.b": "/translations/0/words/a.b",
                "translations.0.words.a.b.1": "/translations/0/words/a.b/1",
            },
        ),
        (
            "POST", "notices", {"title": "x", "either": [{"language": 1}]},
            {"either": "/either", "either.0.language": "/either/0/language"},
        ),
        ("POST", "notices?most=10", {"title": "x"}, {"most": None}),
        ("POST", "notices", {"title": "x"}, {"title": "/title", "translations.0.words": "", "elsewhere": None}),
        ("POST", "notices", [], {"body": ""}),
        (
            "PUT", "sections", {"values": {"names": ["a", "b"]}},
            {"birth_date": "/values/birth_date", "names.1": "/values/names/1", "seen": "/seen"},
        ),
        ("PUT", "sections", {"values": {"a": {"b": 1}}}, {"values.a": "/values/a"}),
        ("POST", "notices", {"title": "x", LONG: 1}, {LONG[:100]: f"/{LONG}"}),
        ("POST", "notices", {"title": "x", LONG * 7: 1}, {LONG[:100]: ""}),
        (
            "POST", "notices", {"title": "x", "translations": [{"language": "x", "words": {LONG: "c"}}]},
            {
                f"translations.0.words.{LONG[:100]}": f"/translations/0/words/{LONG}",
            },
        ),
        (
            "POST", "notices",
            {"title": "x", "translations": [{"language": "x", "words": {"a": [1, "c"], "a.1": 2}}]},
            {
                "translations.0.words.a": "/translations/0/words/a",
                "translations.0.words.a.1": "/translations/0/words/a/1",
            },
        ),
        ("POST", "notices", {"title": "\0"}, {"title": "/title"}),
        ("POST", "notices", {"title": ["x", {"a.b": {"c": "\ud800"}}]}, {"title.1.a.b.c": "/title/1/a.b/c"}),
        ("POST", "notices", {"title": {"\0": 1}}, {"title": "/title"}),
        ("POST", "notices", {"title": {"." * 40_000: "\0"}}, {f"title.{'.' * 100}": "/title"}),
        ("PUT", "sections", {"values": {"a": ["x", 1]}}, {"values.a": "/values/a", "values.a.1": "/values/a/1"}),
    ],
)  # fmt: skip
async def test_a_document_points_into_the_body_that_was_sent(
    method: str, path: str, body: Any, expected: dict[str, str | None]
) -> None:
    async with browser(DOORS) as client:
        answer = await client.request(method, f"/sample/api/{path}", content=json.dumps(body).encode(),
                                      headers={"content-type": "application/json"})  # fmt: skip
    assert answer.status_code == 422
    assert {error["field"]: error["pointer"] for error in answer.json()["errors"]} == expected


async def test_a_query_and_a_body_may_have_a_field_of_one_name() -> None:
    async with browser(DOORS) as client:
        answer = await client.post("/sample/api/notices?most=10", json={"title": "x", "most": 1})
    assert [error["pointer"] for error in answer.json()["errors"]] == [None, "/most"]


@pytest.mark.parametrize("form", [{"files": {"body": b"x"}}, {"data": {"body": "x"}}], ids=["multipart", "urlencoded"])
async def test_nothing_is_pointed_at_in_a_form(form: dict[str, Any]) -> None:
    async with browser(DOORS) as client:
        answer = await client.post("/sample/api/forms", **form)
    assert [error["pointer"] for error in answer.json()["errors"]] == [None]
