"""What counts towards 100 per cent: each mandatory field that applies, and nothing twice."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.profile.domain import SECTIONS, completeness, label_of
from shared.vocabulary.fields import Entries
from tests.profile.values import COMPLETE

TODAY = date(2026, 11, 23)
BY_KEY = {section.key: section for section in SECTIONS}
CHILD = COMPLETE["family"]["dependants"][0]


def profile(key: str, **changes: Any) -> dict[str, dict[str, Any]]:
    """A complete profile after these changes in one section."""
    return {**COMPLETE, key: {**COMPLETE[key], **changes}}


def steps(key: str, **changes: Any) -> dict[str, bool]:
    """What the section asks for, and whether it is done."""
    now = completeness(profile(key, **changes), TODAY).of(BY_KEY[key])
    return {step.field: not step.problem for step in now.steps}


@pytest.mark.rule("R13")
def test_the_share_is_rounded_down_so_that_one_open_step_is_never_100() -> None:
    whole = completeness(COMPLETE, TODAY)
    assert (whole.percent, whole.complete, whole.left) == (100, True, ())
    lacking = completeness(profile("contact", phone=""), TODAY)
    count = len(lacking.steps)
    assert (len(whole.steps), lacking.percent) == (count, 100 * (count - 1) // count)
    assert lacking.percent < 100 * (count - 1) / count


MANDATORY = {
    "contact": [
        "title", "family_name", "given_names", "birth_date", "birth_place", "birth_country", "gender", "email", "phone",
        "permanent_street", "permanent_city", "permanent_country", "same_address", "current_street", "current_city",
        "current_country", "preferred_language",
    ],
    "un_employment": ["ever_employed", "organisation", "function", "contract", "from_date", "status"],
    "family": ["marital_status", "spouse_family_name", "spouse_given_names", "has_dependants", "dependants",
               "dependants.0.name", "dependants.0.birth_date", "dependants.0.relationship", "has_relatives",
               "relatives", "relatives.0.name", "relatives.0.relationship", "relatives.0.organisation"],
    "nationality": ["birth_nationality", "nationality", "residence_country", "permanent_resident",
                    "permanent_residence_country", "intends_change", "intended_change"],
}  # fmt: skip


@pytest.mark.rule("R13")
@pytest.mark.parametrize("key", list(MANDATORY))
def test_of_whoever_answers_all_questions_so_that_more_is_asked_exactly_this_is_asked(key: str) -> None:
    answers = {"same_address": "no", "has_relatives": "yes", "permanent_resident": "yes", "intends_change": "yes"}
    more: dict[str, Any] = {name: answer for name, answer in answers.items() if name in COMPLETE[key]}
    if key == "family":
        more = {**more, "relatives": [{}]}
    assert list(steps(key, **more)) == MANDATORY[key]


@pytest.mark.rule("R13")
def test_what_does_not_apply_counts_neither_as_done_nor_as_missing() -> None:
    assert set(steps("un_employment", ever_employed="no")) == {"ever_employed"}
    assert "spouse_family_name" not in steps("family", marital_status="single")
    assert {"current_street", "current_city", "current_country"} <= set(steps("contact", same_address="no"))
    assert "intended_change" not in steps("nationality", intends_change="")


@pytest.mark.rule("R13")
def test_an_optional_field_counts_only_while_it_holds_something_wrong() -> None:
    assert "other_phone" not in steps("contact", other_phone="")
    assert "other_phone" not in steps("contact", other_phone="+48 58 123 45 67")
    assert steps("contact", other_phone="none")["other_phone"] is False
    assert list(steps("contact", other_phone="none"))[-1] == "other_phone"


@pytest.mark.rule("R13")
def test_an_end_that_is_needed_only_for_an_ended_employment_is_missing_and_not_wrong() -> None:
    [step] = completeness(profile("un_employment", to_date=""), TODAY).left
    assert (step.name, step.label, step.missing) == ("un_employment.to_date", "Employed until", True)
    [step] = completeness(profile("un_employment", to_date="2018-12-31"), TODAY).left
    assert (step.name, step.missing) == ("un_employment.to_date", False)


@pytest.mark.rule("R13")
def test_each_entry_of_a_group_counts_by_its_mandatory_fields() -> None:
    expected = {f"dependants.{number}.{name}" for number in (0, 1) for name in ("name", "birth_date", "relationship")}
    shown = steps("family", dependants=[CHILD, {}])
    assert {name: done for name, done in shown.items() if "." in name} == {
        name: name.startswith("dependants.0") for name in expected
    }
    assert shown["dependants"]
    assert not any("." in name for name in steps("family", has_dependants="no", dependants=[{}]))


@pytest.mark.rule("R13")
@pytest.mark.parametrize(("entries", "missing"), [([], True), (None, True), ("Zofia", False), ([CHILD] * 21, False)])
def test_a_group_without_an_entry_is_missing_and_one_with_too_many_is_wrong(entries: Any, missing: bool) -> None:
    now = completeness(profile("family", dependants=entries), TODAY)
    assert [(step.name, step.label, step.missing) for step in now.left] == [
        ("family.dependants", "Dependants", missing)
    ]
    counted = sum(step.field.startswith("dependants.") for step in now.steps)
    assert counted == (3 * len(entries) if isinstance(entries, list) else 0)


@pytest.mark.rule("R22")
def test_steps_are_in_the_order_of_the_form_and_what_is_wrong_besides_follows_them() -> None:
    both = {**profile("nationality", residence_country="", third_nationality="FR"), "contact": {}}
    left = [step.name for step in completeness(both, TODAY).left]
    contact = [f"contact.{field.name}" for field in BY_KEY["contact"].fields if getattr(field, "required", False)]
    assert left[-2:] == ["nationality.residence_country", "nationality.third_nationality"]
    assert left[:-2] == [name for name in contact if not name.startswith("contact.current_")]


@pytest.mark.rule("R22")
def test_a_section_tells_its_own_share() -> None:
    now = completeness(profile("contact", phone=""), TODAY)
    shares = {section.key: now.of(section).percent for section in SECTIONS}
    assert {key for key, share in shares.items() if share == 100} == {"un_employment", "family", "nationality"}
    assert shares["contact"] < now.percent < 100
    assert sum(len(now.of(section).steps) for section in SECTIONS) == len(now.steps)


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    ("key", "path", "label"),
    [
        ("family", "dependants", "Dependants"),
        ("family", "dependants.0.birth_date", "Date of birth"),
        ("family", "relatives.11.organisation", "Organisation"),
        ("contact", "phone", "Main phone number"),
    ],
)
def test_a_path_is_called_by_the_label_of_its_field(key: str, path: str, label: str) -> None:
    assert label_of(BY_KEY[key].fields, path) == label


@pytest.mark.rule("R13")
def test_a_date_that_lies_ahead_today_has_passed_tomorrow() -> None:
    born_tomorrow = profile("family", dependants=[{**CHILD, "birth_date": "2026-11-24"}])
    assert not completeness(born_tomorrow, TODAY).complete
    assert completeness(born_tomorrow, date(2026, 11, 24)).complete


SIMPLE = [
    (section.key, field.name)
    for section in SECTIONS
    for field in section.fields
    if not isinstance(field, Entries)
    and field.required
    and field.when is None
    and not any(other.when and other.when[0] == field.name for other in section.fields)
]


@pytest.mark.rule("R13")
@for_all(filled=st.sets(st.sampled_from(SIMPLE)), more=st.sampled_from(SIMPLE))
def test_to_fill_in_one_more_field_is_one_step_more(filled: set[tuple[str, str]], more: tuple[str, str]) -> None:
    def of(names: set[tuple[str, str]]) -> Any:
        saved: dict[str, dict[str, Any]] = {}
        for key, name in names:
            saved.setdefault(key, {})[name] = COMPLETE[key][name]
        return completeness(saved, TODAY)

    before, after = of(filled), of(filled | {more})
    assert len(before.steps) == len(after.steps)
    assert len(before.left) - len(after.left) == (more not in filled)
    assert before.percent <= after.percent < 100


WORDS = st.sampled_from(["", "yes", "no", "PL", "2018-02-28", "2099-01-01", "separated", "married", "x" * 201])
CHANGES = st.dictionaries(st.sampled_from([(s.key, f.name) for s in SECTIONS for f in s.fields]), WORDS, max_size=6)


@pytest.mark.rule("R13")
@pytest.mark.rule("R22")
@for_all(changes=CHANGES)
def test_no_step_is_counted_twice_and_each_has_a_place_and_a_label(changes: dict[tuple[str, str], str]) -> None:
    saved = {key: dict(values) for key, values in COMPLETE.items()}
    for (key, name), word in changes.items():
        saved[key][name] = word
    now = completeness(saved, TODAY)
    names = [step.name for step in now.steps]
    assert len(set(names)) == len(names)
    assert all(step.label == label_of(step.section.fields, step.field) for step in now.steps)
    assert now.percent == 100 * sum(not step.problem for step in now.steps) // len(names)
    assert {step.name for step in now.left} <= set(names)
