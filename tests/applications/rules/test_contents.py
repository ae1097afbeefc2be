"""What a section must hold before it can be submitted: each condition, each bound, and no problem where none is."""

from typing import Any

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.submission import problems_in
from shared.model.testing import NOON
from tests.applications.values import (
    CREATED,
    REFEREE,
    SECTIONS,
    saved,
)

TODAY = NOON.date()


def problems(section: str, values: dict[str, Any]) -> list[str]:
    return [
        problem.field for problem in problems_in(APPLICATION.fold([CREATED, saved(section, values)]), section, TODAY)
    ]


def changed(section: str, **changes: Any) -> dict[str, Any]:
    return {**SECTIONS[section], **changes}


def one(section: str, group: str, **changes: Any) -> dict[str, Any]:
    """The section, with this change in the first entry of the group."""
    first, *rest = SECTIONS[section][group]
    return changed(section, **{group: [{**first, **changes}, *rest]})


PLAIN: list[tuple[str, dict[str, Any], bool]] = [
    ("preferences", {"earliest_start": "2028-02-29"}, True),
    ("preferences", {"earliest_start": "2027-02-29"}, False),
    ("preferences", {"earliest_start": "2100-02-29"}, False),
    ("preferences", {"earliest_start": "2000-02-29"}, True),
    ("preferences", {"earliest_start": "1900-01-01"}, True),
    ("preferences", {"earliest_start": "1899-12-31"}, False),
    ("preferences", {"earliest_start": "20270201"}, False),
    ("preferences", {"earliest_start": ""}, True),
    ("preferences", {"notice": "One_Month"}, False),
    ("preferences", {"travel": ""}, False),
    ("preferences", {"field_ready": "maybe"}, False),
    ("preferences", {"appointments": []}, False),
    ("preferences", {"appointments": ["fixed_term", "permanent"]}, False),
    ("preferences", {"duty_stations": []}, True),
    ("preferences", {"duty_stations": ["GENEVA", "ATLANTIS"]}, False),
    ("preferences", {"families": ["eco"]}, False),
    ("letter", {"letter": "x" * 10_000}, True),
    ("letter", {"letter": "x" * 10_001}, False),
    ("letter", {"letter": " \n "}, False),
    ("letter", {"other_information": "x" * 4_000}, True),
    ("letter", {"other_information": "x" * 4_001}, False),
    ("letter", {"heard_from": "rumour"}, False),
    ("letter", {"may_verify": "no"}, False),
    ("letter", {"convicted": ""}, False),
    ("skills", {"mother_tongue": "français"}, False),
    ("skills", {"it_skills": "x" * 4_001}, False),
    ("skills", {"languages": []}, False),
]


@pytest.mark.rule("R19")
@pytest.mark.rule("R23")
@pytest.mark.rule("R24")
@pytest.mark.parametrize(("section", "change", "fine"), PLAIN, ids=lambda value: str(value)[:50])
def test_a_field_takes_what_it_should_and_nothing_else(section: str, change: dict[str, Any], fine: bool) -> None:
    assert problems(section, changed(section, **change)) == ([] if fine else list(change))


ENTRIES: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("education", "diplomas", {"started_on": "2011-06-30"}, []),
    ("education", "diplomas", {"started_on": "2011-07-01"}, ["ended_on"]),
    ("education", "diplomas", {"started_on": NOON.date().isoformat(), "ended_on": "2030-07-01"}, []),
    ("education", "diplomas", {"started_on": "2026-11-24", "ended_on": ""}, ["started_on"]),
    ("education", "diplomas", {"obtained": "no", "obtained_on": ""}, []),
    ("education", "diplomas", {"obtained": "no", "obtained_on": "once"}, []),
    ("education", "diplomas", {"obtained_on": ""}, ["obtained_on"]),
    ("education", "diplomas", {"country": "FRANCE"}, ["country"]),
    ("education", "diplomas", {"title": "x" * 200}, []),
    ("education", "diplomas", {"title": "x" * 201}, ["title"]),
    ("education", "diplomas", {"title": "Diplôme\nd’ingénieur"}, ["title"]),
    ("education", "diplomas", {"level_reason": "x" * 801}, ["level_reason"]),
    ("education", "diplomas", {"level": "grade"}, ["level"]),
    ("education", "jobs", {"current": "no", "ended_on": "2012-01-01"}, []),
    ("education", "jobs", {"current": "no", "ended_on": "2011-12-31"}, ["ended_on"]),
    ("education", "jobs", {"current": "no", "ended_on": ""}, ["ended_on"]),
    ("education", "jobs", {"current": "no", "ended_on": "2026-11-24"}, ["ended_on"]),
    ("education", "jobs", {"current": "yes", "ended_on": "2011-12-31"}, []),
    ("education", "jobs", {"time": "part"}, ["percentage"]),
    ("education", "jobs", {"time": "part", "percentage": "1"}, []),
    ("education", "jobs", {"time": "part", "percentage": "99"}, []),
    ("education", "jobs", {"time": "part", "percentage": "33,3"}, []),
    ("education", "jobs", {"time": "part", "percentage": "100"}, ["percentage"]),
    ("education", "jobs", {"time": "part", "percentage": "0.9"}, ["percentage"]),
    ("education", "jobs", {"time": "part", "percentage": "nan"}, ["percentage"]),
    ("education", "jobs", {"time": "full", "percentage": "200"}, []),
    ("education", "jobs", {"staff": "0"}, []),
    ("education", "jobs", {"staff": "-1"}, ["staff"]),
    ("education", "jobs", {"staff": "1000000"}, []),
    ("education", "jobs", {"staff": "1000001"}, ["staff"]),
    ("education", "jobs", {"duties": "x" * 10_000}, []),
    ("education", "jobs", {"achievements": "x" * 10_001}, ["achievements"]),
    ("education", "jobs", {"leaving": "x" * 801}, []),
    ("education", "jobs", {"current": "no", "ended_on": "2020-01-01", "leaving": "x" * 801}, ["leaving"]),
    ("skills", "languages", {"speak": ""}, ["speak"]),
    ("skills", "languages", {"understand": "good"}, ["understand"]),
    ("references", "referees", {"not_related": "no"}, ["not_related"]),
    ("references", "referees", {"email": "rosa at example.org"}, ["email"]),
    ("references", "referees", {"phone": "01 23 45 67 89"}, ["phone"]),
    ("references", "referees", {"organisation": ""}, []),
]


@pytest.mark.rule("R19")
@pytest.mark.rule("R30")
@pytest.mark.parametrize(("section", "group", "change", "fields"), ENTRIES, ids=lambda value: str(value)[:50])
def test_an_entry_takes_what_it_should_and_nothing_else(
    section: str, group: str, change: dict[str, Any], fields: list[str]
) -> None:
    assert problems(section, one(section, group, **change)) == [f"{group}.0.{name}" for name in fields]


ASKED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "preferences": ({}, ["notice", "travel", "field_ready", "appointments"]),
    "diplomas": (
        {"diplomas": [{"obtained": "yes"}]},
        ["title", "institution", "country", "field_of_study", "started_on", "obtained_on", "level"],
    ),
    "certificates": ({"certificates": [{}]}, ["title", "institution", "obtained_on"]),
    "jobs": (
        {"jobs": [{"current": "no", "time": "part"}]},
        [
            "title", "employer", "country", "started_on", "ended_on", "percentage", "may_contact", "duties",
            "achievements",
        ],
    ),
    "languages": ({"languages": [{}]}, ["language", "read", "write", "speak", "understand"]),
    "licences": ({"licences": [{}]}, ["title", "issuer"]),
    "publications": ({"publications": [{}]}, ["title"]),
    "referees": (
        {"referees": [{}, REFEREE, REFEREE]},
        ["name", "occupation", "relationship", "email", "phone", "country", "not_related"],
    ),
    "letter": ({}, ["letter", "convicted", "dismissed", "may_verify", "truthful"]),
}  # fmt: skip
HOLDS = {
    "diplomas": "education", "certificates": "education", "jobs": "education", "languages": "skills",
    "licences": "skills", "publications": "skills", "referees": "references",
}  # fmt: skip


@pytest.mark.rule("R19")
@pytest.mark.parametrize("name", list(ASKED))
def test_exactly_these_fields_are_mandatory(name: str) -> None:
    typed, expected = ASKED[name]
    section = HOLDS.get(name)
    if section is None:
        assert problems(name, typed) == expected
    else:
        assert problems(section, changed(section, **typed)) == [f"{name}.0.{field}" for field in expected]


@pytest.mark.rule("R19")
def test_a_section_in_which_nothing_was_typed_asks_for_its_groups() -> None:
    assert [problems(name, {}) for name in ("education", "skills", "references")] == [
        ["diplomas"],
        ["mother_tongue", "languages"],
        ["referees"],
    ]


@pytest.mark.parametrize(
    ("question", "text"), [("convicted", "conviction"), ("dismissed", "dismissal")], ids=["convicted", "dismissed"]
)
def test_what_happened_is_asked_of_whoever_says_that_it_happened(question: str, text: str) -> None:
    assert problems("letter", changed("letter", **{question: "yes"})) == [text]
    assert problems("letter", changed("letter", **{question: "yes", text: "In 1999"})) == []
    assert problems("letter", changed("letter", **{question: "yes", text: "x" * 4_001})) == [text]
    assert problems("letter", changed("letter", **{question: "no", text: "x" * 4_001})) == []


@pytest.mark.parametrize(("count", "fine"), [(0, False), (2, False), (3, True), (4, False)])
def test_there_are_exactly_three_references(count: int, fine: bool) -> None:
    assert problems("references", {"referees": [REFEREE] * count}) == ([] if fine else ["referees"])


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ({"title": "B2", "institution": "Goethe", "obtained_on": "2020-02-29"}, []),
        ({"title": "B2", "institution": "Goethe", "obtained_on": "2019-02-29"}, ["obtained_on"]),
        ({}, ["title", "institution", "obtained_on"]),
        ({"title": "B2", "institution": "G", "obtained_on": "2020-01-01", "description": "x" * 2_001}, ["description"]),
    ],
    ids=["leap day", "no such day", "empty", "long"],
)
def test_a_certificate_needs_title_institution_and_day(entry: dict[str, str], fields: list[str]) -> None:
    values = changed("education", certificates=[entry])
    assert problems("education", values) == [f"certificates.0.{name}" for name in fields]


def test_a_licence_may_still_be_valid_and_a_publication_must_be_out() -> None:
    licence = {"title": "Pilot", "issuer": "DGAC", "obtained_on": "2026-11-23", "expires_on": "2040-01-01"}
    book = {"title": "Trade", "published_on": "2026-11-23", "link": "x" * 500}
    assert problems("skills", changed("skills", licences=[licence], publications=[book])) == []
    late = {"obtained_on": "2026-11-24"}
    assert problems("skills", changed("skills", licences=[licence | late])) == ["licences.0.obtained_on"]
    ahead = {"published_on": "2026-11-24", "link": "x" * 501}
    assert problems("skills", changed("skills", publications=[book | ahead])) == [
        "publications.0.published_on",
        "publications.0.link",
    ]


def test_a_date_that_cannot_be_read_is_one_problem_and_no_wrong_order() -> None:
    assert problems("education", one("education", "jobs", started_on="once", current="no", ended_on="2011-01-01")) == [
        "jobs.0.started_on"
    ]
    assert problems("education", one("education", "diplomas", ended_on="31 6 2011")) == ["diplomas.0.ended_on"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first", "second"])
def test_the_entry_with_the_problem_is_named_by_its_number(order: tuple[int, int]) -> None:
    (job,) = SECTIONS["education"]["jobs"]
    entries = [{**job, "employer": ""}, job]
    values = changed("education", jobs=[entries[place] for place in order])
    assert problems("education", values) == [f"jobs.{order.index(0)}.employer"]


def test_problems_of_twelve_diplomas_stand_in_the_order_of_their_numbers() -> None:
    (diploma,) = SECTIONS["education"]["diplomas"]
    values = changed("education", diplomas=[{**diploma, "level": "", "obtained": "?"} for _ in range(12)])
    expected = [f"diplomas.{number}.{name}" for number in range(12) for name in ("obtained", "level")]
    assert problems("education", values) == expected
