"""What each field of the four sections takes, when it counts, and what no field can tell by itself."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.profile.domain import SECTIONS
from shared.vocabulary.fields import Entries
from tests.profile.values import COMPLETE

TODAY = date(2026, 11, 23)
BY_KEY = {section.key: section for section in SECTIONS}


def problems(key: str, **changes: Any) -> list[str]:
    """The fields with a problem in a complete section after these changes."""
    return [problem.field for problem in BY_KEY[key].problems({**COMPLETE[key], **changes}, TODAY)]


def sentences(key: str, **changes: Any) -> list[str]:
    return [str(problem) for problem in BY_KEY[key].problems({**COMPLETE[key], **changes}, TODAY)]


CONTACT: list[tuple[dict[str, str], bool]] = [
    ({"birth_date": "2026-11-23"}, True),
    ({"birth_date": "2026-11-24"}, False),
    ({"birth_date": "1900-01-01"}, True),
    ({"birth_date": "1899-12-31"}, False),
    ({"birth_date": "2000-02-29"}, True),
    ({"birth_date": "1900-02-29"}, False),
    ({"birth_date": "1990-5-17"}, False),
    ({"family_name": "x" * 200}, True),
    ({"family_name": "x" * 201}, False),
    ({"family_name": "Díaz\nŁukasik"}, False),
    ({"family_name": "Díaz\u202eŁukasik"}, False),
    ({"previous_name": ""}, True),
    ({"previous_name": "x" * 201}, False),
    ({"birth_country": "Poland"}, False),
    ({"birth_country": "XXA"}, False),
    ({"gender": "F"}, False),
    ({"gender": "undisclosed"}, True),
    ({"title": "mx"}, True),
    ({"title": "Mrs"}, False),
    ({"email": "anna@example"}, False),
    ({"email": "anna.maria+un@example.org"}, True),
    ({"phone": "0033 1 23 45 67 89"}, False),
    ({"phone": "+48 58 123 45 67"}, True),
    ({"other_phone": ""}, True),
    ({"other_phone": "none"}, False),
    ({"permanent_postcode": ""}, True),
    ({"permanent_postcode": "x" * 20}, True),
    ({"permanent_postcode": "x" * 21}, False),
    ({"permanent_region": ""}, True),
    ({"permanent_city": " "}, False),
    ({"preferred_language": "pl"}, False),
    ({"same_address": "here"}, False),
]


@pytest.mark.rule("R12")
@pytest.mark.rule("R23")
@pytest.mark.parametrize(("change", "fine"), CONTACT, ids=lambda value: str(value)[:40])
def test_contact_details_take_what_they_should_and_nothing_else(change: dict[str, str], fine: bool) -> None:
    assert problems("contact", **change) == ([] if fine else list(change))


HERE = {"current_street": "Long Street 1", "current_city": "Gdańsk", "current_country": "PL"}


@pytest.mark.rule("R13")
@pytest.mark.parametrize("missing", list(HERE))
def test_whoever_lives_elsewhere_gives_street_town_and_country(missing: str) -> None:
    assert problems("contact", same_address="no", **HERE) == []
    assert problems("contact", same_address="no", **{**HERE, missing: ""}) == [missing]
    assert problems("contact", same_address="yes", **{**HERE, missing: "x" * 201}) == []


def test_the_current_postal_code_has_a_length_too() -> None:
    assert problems("contact", same_address="no", **HERE, current_postcode="x" * 21) == ["current_postcode"]
    assert problems("contact", same_address="", **HERE, current_postcode="x" * 21) == ["same_address"]


EMPLOYMENT: list[tuple[dict[str, str], list[str]]] = [
    ({"to_date": "2019-01-15"}, []),
    ({"to_date": "2019-01-14"}, ["to_date"]),
    ({"to_date": "2030-01-01"}, []),
    ({"status": "employed", "to_date": ""}, []),
    ({"status": "leave", "to_date": ""}, []),
    ({"status": "retired", "to_date": ""}, ["to_date"]),
    ({"status": "separated", "to_date": ""}, ["to_date"]),
    ({"status": "employed", "to_date": "2019-01-14"}, ["to_date"]),
    ({"status": "gone", "to_date": ""}, ["status"]),
    ({"to_date": "once"}, ["to_date"]),
    ({"from_date": "", "to_date": "2019-01-14"}, ["from_date"]),
    ({"from_date": "2026-11-23", "to_date": "2026-11-23"}, []),
    ({"from_date": "2026-11-24", "to_date": "2026-11-24"}, ["from_date"]),
    ({"from_date": "20180101", "to_date": "2018-06-30"}, ["from_date"]),
    ({"from_date": "2018-01-01", "to_date": "2018-W26-6"}, ["to_date"]),
    ({"from_date": "2020-02-29"}, []),
    ({"from_date": "2019-02-29"}, ["from_date"]),
    ({"category": "", "level": ""}, []),
    ({"category": ""}, []),
    ({"level": ""}, []),
    ({"level": "P-9"}, ["level"]),
    ({"category": "G"}, ["level"]),
    ({"category": "??"}, ["category"]),
    ({"organisation": "The UN"}, ["organisation"]),
    ({"index_number": ""}, []),
    ({"index_number": "x" * 21}, ["index_number"]),
    ({"function": ""}, ["function"]),
    ({"contract": "unv"}, []),
    ({"contract": "indefinite"}, ["contract"]),
]


@pytest.mark.rule("R12")
@pytest.mark.parametrize(("change", "fields"), EMPLOYMENT, ids=lambda value: str(value)[:60])
def test_an_employment_takes_what_makes_sense(change: dict[str, str], fields: list[str]) -> None:
    assert problems("un_employment", **change) == fields


@pytest.mark.rule("R12")
@pytest.mark.parametrize("answer", ["no", "", "perhaps"])
def test_of_an_employment_that_was_not_nothing_is_asked_however_wrong_it_is(answer: str) -> None:
    wrong = {"level": "G-5", "status": "retired", "to_date": "2010-01-01", "from_date": "2030-01-01"}
    assert problems("un_employment", ever_employed=answer, **wrong) == ([] if answer == "no" else ["ever_employed"])


def test_what_is_wrong_with_an_employment_is_said_in_a_sentence() -> None:
    assert sentences("un_employment", to_date="2018-12-31") == [
        "“Employed until” is before “Employed from”. Correct one of the two dates"
    ]
    assert sentences("un_employment", to_date="") == ["Enter: Employed until"]
    assert sentences("un_employment", level="G-5") == ["G-5 is not a level of this category. Correct one of the two"]


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("status", "asked"),
    [
        ("married", True), ("partnership", True), ("single", False), ("separated", False), ("divorced", False),
        ("widowed", False),
    ],
)  # fmt: skip
def test_a_spouse_is_named_by_whoever_has_one(status: str, asked: bool) -> None:
    names = ["spouse_family_name", "spouse_given_names"]
    without = dict.fromkeys(names, "")
    assert problems("family", marital_status=status, **without) == (names if asked else [])
    strange = {"spouse_birth_date": "2026-11-24", "spouse_nationality": "Polish"}
    assert problems("family", marital_status=status, **strange) == (list(strange) if asked else [])


CHILD = COMPLETE["family"]["dependants"][0]
AUNT = {"name": "Rosa", "relationship": "other", "organisation": "WHO"}


@pytest.mark.parametrize(("count", "fine"), [(0, False), (1, True), (20, True), (21, False)])
@pytest.mark.parametrize(("question", "group", "entry"), [
    ("has_dependants", "dependants", CHILD),
    ("has_relatives", "relatives", AUNT),
])  # fmt: skip
def test_there_are_one_to_twenty_of_each_group(
    question: str, group: str, entry: dict[str, str], count: int, fine: bool
) -> None:
    assert problems("family", **{question: "yes", group: [entry] * count}) == ([] if fine else [group])
    assert problems("family", **{question: "no", group: [entry] * count}) == []


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ({**CHILD, "relationship": "spouse"}, ["relationship"]),
        ({**CHILD, "birth_date": "2026-11-24"}, ["birth_date"]),
        ({**CHILD, "birth_date": "2026-11-23"}, []),
        ({**CHILD, "birth_date": "2018-02-29"}, ["birth_date"]),
        ({}, ["name", "birth_date", "relationship"]),
    ],
    ids=["spouse", "unborn", "born today", "no such day", "empty"],
)
def test_a_dependant_has_a_name_a_birthday_and_depends_on_the_candidate(
    entry: dict[str, str], fields: list[str]
) -> None:
    assert problems("family", dependants=[CHILD, entry]) == [f"dependants.1.{name}" for name in fields]


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ({**AUNT, "relationship": "spouse"}, []),
        ({**AUNT, "organisation": "NATO"}, ["organisation"]),
        ({**AUNT, "duty_station": "x" * 201}, ["duty_station"]),
        ({}, ["name", "relationship", "organisation"]),
    ],
    ids=["spouse", "not of the UN", "long", "empty"],
)
def test_a_relative_works_for_an_organisation_of_the_system(entry: dict[str, str], fields: list[str]) -> None:
    values = {"has_relatives": "yes", "relatives": [entry]}
    assert problems("family", **values) == [f"relatives.0.{name}" for name in fields]


NATIONALITIES: list[tuple[dict[str, str], list[str]]] = [
    ({"second_nationality": "", "third_nationality": "FR"}, []),
    ({"third_nationality": "FR"}, ["third_nationality"]),
    ({"second_nationality": "PL", "third_nationality": "PL"}, ["second_nationality", "third_nationality"]),
    ({"nationality": "XXA", "second_nationality": "XXA"}, ["second_nationality"]),
    ({"nationality": "", "second_nationality": "", "third_nationality": ""}, ["nationality"]),
    ({"birth_nationality": "FR"}, []),
    ({"permanent_resident": "yes"}, ["permanent_residence_country"]),
    ({"permanent_resident": "yes", "permanent_residence_country": "DE"}, []),
    ({"permanent_resident": "yes", "permanent_residence_country": "FR"}, ["permanent_residence_country"]),
    ({"permanent_resident": "no", "permanent_residence_country": "FR"}, []),
    ({"permanent_resident": "", "permanent_residence_country": "FR"}, ["permanent_resident"]),
    ({"permanent_resident": "yes", "permanent_residence_country": "XXA"}, ["permanent_residence_country"]),
    ({"intends_change": "yes"}, ["intended_change"]),
    ({"intends_change": "yes", "intended_change": "x\n" * 1_000}, []),
    ({"intends_change": "yes", "intended_change": "x" * 2_001}, ["intended_change"]),
    ({"intends_change": "no", "intended_change": "x" * 2_001}, []),
    ({"residence_country": ""}, ["residence_country"]),
]


@pytest.mark.rule("R12")
@pytest.mark.rule("R24")
@pytest.mark.parametrize(("change", "fields"), NATIONALITIES, ids=lambda value: str(value)[:60])
def test_nationalities_and_residences_fit_together(change: dict[str, str], fields: list[str]) -> None:
    assert problems("nationality", **change) == fields


def test_why_a_nationality_or_a_residence_does_not_fit_is_said() -> None:
    assert sentences("nationality", second_nationality="PL") == [
        "This nationality is given twice. Choose another, or leave the field empty"
    ]
    assert sentences("nationality", permanent_resident="yes", permanent_residence_country="PL") == [
        "You hold the nationality of this country. Choose another, or answer the question with no"
    ]


GAP = re.compile(r"%\((\w+)\)")
TYPED = st.one_of(st.text(max_size=12), st.sampled_from(["yes", "no", "PL", "2020-02-29", "separated", "P-2", "PD"]))


@pytest.mark.rule("R12")
@pytest.mark.parametrize("key", list(BY_KEY))
@for_all(data=st.data())
def test_every_problem_names_a_field_of_the_section_in_words(key: str, data: st.DataObject) -> None:
    fields = BY_KEY[key].fields
    plain = {field.name: data.draw(TYPED) for field in fields if not isinstance(field, Entries)}
    found = BY_KEY[key].problems(plain, TODAY)
    groups = {field.name for field in fields if isinstance(field, Entries)}
    assert {problem.field for problem in found} <= {*plain, *groups}
    assert all(str(problem) for problem in found)
    assert all(set(GAP.findall(problem.message)) <= problem.params.keys() for problem in found)
