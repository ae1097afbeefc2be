"""JSON Pointers: what a problem document points at stands in the body that was sent, or would stand there."""

import json
from typing import Any

import pytest
from fastapi import Query
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from shared.http import api_router, create
from shared.http.pointers import Sent, pointer
from shared.model.errors import Invalid, Problem
from tests.pointing import misplaced
from tests.shared.web.site import TEMPLATES, Known, browser

NAMES = st.text(st.sampled_from("ab./~0 é"), min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def places(value: Any, way: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The ways to all that stands in this value."""
    inside = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [way, *(place for name, part in inside for place in places(part, (*way, str(name))))]


@given(body=st.dictionaries(NAMES, VALUES, max_size=4), data=st.data())
def test_what_stands_in_a_body_is_found_under_the_pointer(body: dict[str, Any], data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(places(body)))
    if way:
        found = pointer(".".join(way), Sent(body))
        assert found is not None
        assert misplaced(found, body) == ""


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


async def test_nothing_is_pointed_at_in_a_form() -> None:
    async with browser(DOORS) as client:
        answer = await client.post("/sample/api/forms", files={"body": b"x"})
    assert [error["pointer"] for error in answer.json()["errors"]] == [None]
