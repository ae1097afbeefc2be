"""What a section must hold before it can be submitted: each condition, each bound, and no problem where none is."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.progress import progress_of
from services.applications.domain.sections import SECTIONS as DECLARED
from services.applications.domain.submission import fields_in, problems_in
from services.applications.events import VacancyUntargeted
from shared.model.testing import NOON
from shared.vocabulary.fields import Entries
from tests.applications.degrees import education, proposed
from tests.applications.test_draft import typed_values
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    CREATED,
    LOADED,
    REFEREE,
    SECTIONS,
    TARGETED,
    VACANCY_ID,
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


def declared(section: str, path: str) -> bool:
    """Whether a form with this section's fields has a place for the problem."""
    name, _, rest = path.partition(".")
    field = next((field for field in DECLARED[section].fields if field.name == name), None)
    if not rest or not isinstance(field, Entries):
        return field is not None and not rest
    number, _, inner = rest.partition(".")
    return number.isdigit() and inner in {each.name for each in field.fields}


@pytest.mark.rule("R22")
@pytest.mark.parametrize("section", list(SECTIONS))
@forall(data=some.data())
def test_every_problem_has_a_place_in_the_form_and_says_something(section: str, data: some.DataObject) -> None:
    values = data.draw(typed_values(section))
    state = APPLICATION.fold([CREATED, saved(section, values)])
    found = problems_in(state, section, TODAY)
    assert all(declared(section, problem.field) and "%(" not in str(problem) for problem in found)
    progress = progress_of(state, section, TODAY)
    assert (progress == "completed") == (not found)


@pytest.mark.rule("R18")
def test_how_far_a_section_is_tells_wrong_from_missing() -> None:
    aimed = (CREATED, TARGETED, LOADED)
    lost = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    half = saved("letter", {"convicted": "yes"})
    pasts: dict[str, tuple[Any, ...]] = {
        "cannot_start": (*aimed, ANSWERED, lost),
        "problem": (*aimed, saved("screening", {**ANSWERS, "degree": "phd"})),
        "incomplete": (*aimed, saved("screening", {"experience": "no"})),
        "completed": (*aimed, ANSWERED),
    }
    assert {name: progress_of(APPLICATION.fold(past), "screening", TODAY) for name, past in pasts.items()} == {
        name: name for name in pasts
    }
    assert progress_of(APPLICATION.fold([CREATED, half]), "letter", TODAY) == "incomplete"
    asked_nothing = LOADED.model_copy(update={"questions": ()})
    assert progress_of(APPLICATION.fold([CREATED, TARGETED, asked_nothing]), "screening", TODAY) == "completed"


@pytest.mark.rule("R69")
def test_a_level_that_nobody_proposes_makes_a_section_incomplete_and_not_wrong() -> None:
    values = saved("education", education(level=""))
    assert progress_of(APPLICATION.fold([CREATED, values]), "education", TODAY) == "incomplete"
    assert progress_of(APPLICATION.fold([CREATED, values, proposed()]), "education", TODAY) == "completed"


@pytest.mark.rule("R18")
def test_the_fields_of_a_section_do_not_depend_on_the_vacancy_but_those_of_the_first_do() -> None:
    before, after = APPLICATION.fold([CREATED]), APPLICATION.fold([CREATED, TARGETED, LOADED])
    for name in SECTIONS:
        assert fields_in(before, name, "fr") == fields_in(after, name, "en") == DECLARED[name].fields
    assert [str(field.label) for field in fields_in(after, "screening", "fr")] == ["Cinq ans ?", "Your degree?"]
