"""The profile's rules: whatever is typed is kept, every problem is named, and 100 means that nothing is left."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.profile import events as facts
from services.profile.domain import (
    PROFILE,
    SAVES,
    SECTIONS,
    ChangeRegistrationEmail,
    CloseProfile,
    OpenProfile,
    SaveContactDetails,
    SaveFamilySituation,
    SaveNationalityResidence,
    SaveUnEmployment,
    completeness,
)
from shared.model.errors import Conflict, NotFound
from shared.model.message import Event
from shared.model.testing import Given, given
from shared.vocabulary.fields import applies
from tests.profile.values import COMPLETE

ANNA = UUID("018f0000-0000-7000-8000-000000000001")
TODAY = date(2026, 11, 23)
KNOWN = {"title": "ms", "family_name": "Díaz", "given_names": "Anna", "birth_date": "1990-05-17"}
OPEN = OpenProfile(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org", known=KNOWN)
OPENED = facts.ProfileOpened(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org")


def save(key: str, values: dict[str, Any], seen: int | None = None) -> Any:
    return SAVES[key](candidate_id=ANNA, values=values, seen=seen)


def saved_profile(profile: dict[str, dict[str, Any]] = COMPLETE) -> Given:
    """A profile whose sections were saved one after the other."""
    past: list[Event] = []
    for key, values in profile.items():
        past += given(PROFILE, *past).when(save(key, values)).events or ()
    return given(PROFILE, *past)


@pytest.mark.rule("R11")
def test_there_are_exactly_the_four_tabs_of_the_guide() -> None:
    assert [(section.slug, section.title) for section in SECTIONS] == [
        ("contact", "Contact details"),
        ("un-employment", "UN employment"),
        ("family", "Family situation"),
        ("nationality", "Nationality and residence"),
    ]


@pytest.mark.rule("R14")
def test_a_profile_opens_with_what_the_candidate_said_at_registration() -> None:
    opened, contact, changed = (
        given(PROFILE)
        .when(OPEN)
        .happened(facts.ProfileOpened, facts.ContactDetailsSaved, facts.ProfileCompletenessChanged)
    )
    assert opened == OPENED
    assert contact.values == {**KNOWN, "email": "anna@example.org"}
    assert 0 < changed.percent < 100


def test_opening_again_changes_nothing() -> None:
    past = given(PROFILE).when(OPEN).events or ()
    given(PROFILE, *past).when(OPEN).then()


def test_opening_late_keeps_what_the_candidate_has_typed_already() -> None:
    typed = facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Díaz-Łukasik"})
    events = given(PROFILE, typed).when(OPEN).events or ()
    contact = next(event for event in events if isinstance(event, facts.ContactDetailsSaved))
    assert contact.values == {**KNOWN, "email": "anna@example.org", "family_name": "Díaz-Łukasik"}


@pytest.mark.rule("R14")
def test_a_new_registration_address_is_shown_and_the_untouched_primary_email_follows() -> None:
    past = given(PROFILE).when(OPEN).events or ()
    changed, contact = (
        given(PROFILE, *past)
        .when(ChangeRegistrationEmail(candidate_id=ANNA, email="new@example.org"))
        .happened(facts.RegistrationEmailChanged, facts.ContactDetailsSaved)
    )
    assert changed.email == contact.values["email"] == "new@example.org"


def test_a_primary_email_of_ones_own_stays_when_the_registration_address_changes() -> None:
    own = facts.ContactDetailsSaved(candidate_id=ANNA, values={"email": "work@example.org"})
    given(PROFILE, OPENED, own).when(ChangeRegistrationEmail(candidate_id=ANNA, email="new@example.org")).then(
        facts.RegistrationEmailChanged(candidate_id=ANNA, email="new@example.org")
    )


def test_verifying_the_registered_address_changes_nothing() -> None:
    given(PROFILE, OPENED).when(ChangeRegistrationEmail(candidate_id=ANNA, email="anna@example.org")).then()


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("command", "fact"),
    [
        (SaveContactDetails, facts.ContactDetailsSaved),
        (SaveUnEmployment, facts.UnEmploymentSaved),
        (SaveFamilySituation, facts.FamilySituationSaved),
        (SaveNationalityResidence, facts.NationalityResidenceSaved),
    ],
)
def test_saving_never_refuses_what_was_typed(command: Any, fact: type[Event]) -> None:
    section = next(section for section in SECTIONS if SAVES[section.key] is command)
    nonsense = {
        field.name: [{"name": "?"}] if hasattr(field, "minimum") and hasattr(field, "fields") else "nonsense"
        for field in section.fields
    }
    events = given(PROFILE, OPENED).when(command(candidate_id=ANNA, values=nonsense)).events or ()
    assert events[0] == fact.model_validate({"candidate_id": ANNA, "values": nonsense})
    assert section.problems(nonsense, TODAY)


def test_saving_the_same_again_changes_nothing_even_from_an_older_window() -> None:
    values = COMPLETE["contact"]
    saved = facts.ContactDetailsSaved(candidate_id=ANNA, values=values)
    blanks = {name: f" {text}\r\n" for name, text in values.items()}
    given(PROFILE, OPENED, saved).when(save("contact", blanks, seen=0)).then()


def test_a_save_from_an_older_window_is_a_conflict_and_a_newer_one_is_not() -> None:
    first = facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Díaz"})
    second = facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Łukasik"})
    profile = given(PROFILE, OPENED, first, second)
    profile.when(save("contact", {"family_name": "Diaz"}, seen=1)).refused(Conflict)
    for seen in (2, None):
        events = profile.when(save("contact", {"family_name": "Diaz"}, seen=seen)).events or ()
        assert events[0] == facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Diaz"})


def test_another_sections_saves_are_no_conflict() -> None:
    other = facts.FamilySituationSaved(candidate_id=ANNA, values={"marital_status": "single"})
    outcome = given(PROFILE, OPENED, other, other).when(save("contact", {"family_name": "Díaz"}, seen=0))
    assert outcome.refusal is None


def test_what_cannot_be_stored_and_what_is_no_field_is_left_out() -> None:
    typed = {"family_name": " Dí\x00az\ud800 ", "colour": "blue", "given_names": "   "}
    events = given(PROFILE, OPENED).when(save("contact", typed)).events or ()
    assert events[0] == facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Díaz"})


@pytest.mark.rule("R13")
def test_the_profile_is_complete_with_the_last_mandatory_field_and_not_before() -> None:
    family = {**COMPLETE["family"]}
    answer = family.pop("has_relatives")
    profile = saved_profile({**COMPLETE, "family": family})
    assert not any(isinstance(event, facts.ProfileCompleted) for event in profile.events)
    _, percent, completed = profile.when(save("family", {**family, "has_relatives": answer})).happened(
        facts.FamilySituationSaved, facts.ProfileCompletenessChanged, facts.ProfileCompleted
    )
    assert percent.percent == 100
    assert completed == facts.ProfileCompleted(candidate_id=ANNA)


@pytest.mark.rule("R13")
def test_a_complete_profile_becomes_incomplete_again_and_names_what_is_missing() -> None:
    family = {**COMPLETE["family"], "has_relatives": "yes"}
    *_, incomplete = (
        saved_profile()
        .when(save("family", family))
        .happened(facts.FamilySituationSaved, facts.ProfileCompletenessChanged, facts.ProfileBecameIncomplete)
    )
    assert incomplete == facts.ProfileBecameIncomplete(candidate_id=ANNA, missing=("family.relatives",))


def test_a_complete_profile_that_stays_complete_says_nothing_about_it() -> None:
    changed = {**COMPLETE["contact"], "given_names": "Anna"}
    saved_profile().when(save("contact", changed)).happened(facts.ContactDetailsSaved)


MANDATORY = [
    (section.key, field.name)
    for section in SECTIONS
    for field in section.fields
    if getattr(field, "required", False) and applies(field, COMPLETE[section.key])
]


@pytest.mark.rule("R13")
@pytest.mark.parametrize(("key", "name"), MANDATORY)
def test_each_mandatory_field_alone_keeps_the_profile_from_being_complete(key: str, name: str) -> None:
    values = {field: value for field, value in COMPLETE[key].items() if field != name}
    left = completeness({**COMPLETE, key: values}, TODAY)
    assert left.percent < 100
    assert f"{key}.{name}" in [step.name for step in left.left]


WORDS = st.sampled_from(
    ["", "yes", "no", "x", "FR", "1990-05-17", "2099-01-01", "separated", "married", "anna@example.org"]
)


@pytest.mark.rule("R13")
@for_all(st.dictionaries(st.sampled_from([(s.key, f.name) for s in SECTIONS for f in s.fields]), WORDS, max_size=4))
def test_complete_means_that_no_section_has_a_problem(changes: dict[tuple[str, str], str]) -> None:
    profile = {
        key: {**values, **{name: new for (k, name), new in changes.items() if k == key}}
        for key, values in COMPLETE.items()
    }
    problems = [problem for section in SECTIONS for problem in section.problems(profile[section.key], TODAY)]
    now = completeness(profile, TODAY)
    assert (now.percent == 100) == now.complete == (not problems)
    assert {problem.field for problem in problems} == {step.field for step in now.left}


@pytest.mark.rule("R13")
def test_an_empty_profile_is_at_zero() -> None:
    assert completeness({}, TODAY).percent == 0


@pytest.mark.rule("R22")
def test_what_is_left_is_explained_field_by_field_in_the_order_of_the_form() -> None:
    profile = {**COMPLETE, "contact": {**COMPLETE["contact"], "family_name": "", "phone": "call me"}}
    assert [(step.name, step.label, step.missing) for step in completeness(profile, TODAY).left] == [
        ("contact.family_name", "Family name", True),
        ("contact.phone", "Main phone number", False),
    ]


@pytest.mark.rule("R23")
def test_a_value_outside_a_prompt_list_is_a_problem_that_says_how_to_mend_it() -> None:
    profile = {**COMPLETE, "nationality": {**COMPLETE["nationality"], "second_nationality": "Atlantis"}}
    (step,) = completeness(profile, TODAY).left
    assert step.name == "nationality.second_nationality"
    assert step.problem % step.params == (
        "Second nationality – “Atlantis” is not in the list. Clear it, then pick a value from the list"
    )


@pytest.mark.rule("R24")
def test_a_prompt_list_field_that_is_not_mandatory_may_stay_empty() -> None:
    without = {name: value for name, value in COMPLETE["nationality"].items() if name != "second_nationality"}
    assert completeness({**COMPLETE, "nationality": without}, TODAY).complete


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to_date": "2018-12-31"}, "to_date"),
        ({"to_date": ""}, "to_date"),
        ({"from_date": "17/05/1990"}, "from_date"),
        ({"from_date": "2027-01-01"}, "from_date"),
        ({"level": "G-5"}, "level"),
    ],
)
def test_dates_and_level_of_un_employment_must_make_sense(changes: dict[str, str], field: str) -> None:
    problems = SECTIONS[1].problems({**COMPLETE["un_employment"], **changes}, TODAY)
    assert field in [problem.field for problem in problems]


def test_whoever_never_worked_for_the_un_has_one_question_to_answer() -> None:
    now = completeness({"un_employment": {"ever_employed": "no", "status": "separated"}}, TODAY).of(SECTIONS[1])
    assert [(step.field, step.problem) for step in now.steps] == [("ever_employed", "")]


def test_a_current_address_is_asked_for_only_if_it_differs() -> None:
    elsewhere = {**COMPLETE["contact"], "same_address": "no"}
    assert [step.field for step in completeness({**COMPLETE, "contact": elsewhere}, TODAY).left] == [
        "current_street",
        "current_city",
        "current_country",
    ]


def test_an_entry_with_a_problem_is_named_by_its_place() -> None:
    entries = [*COMPLETE["family"]["dependants"], {"name": "Jan", "birth_date": "someday"}]
    left = completeness({**COMPLETE, "family": {**COMPLETE["family"], "dependants": entries}}, TODAY).left
    assert [(step.field, step.label) for step in left] == [
        ("dependants.1.birth_date", "Date of birth"),
        ("dependants.1.relationship", "Relationship to you"),
    ]


def test_a_closed_profile_holds_nothing_and_takes_nothing() -> None:
    closed = facts.ProfileClosed(candidate_id=ANNA)
    saved_profile().when(CloseProfile(candidate_id=ANNA)).then(closed)
    given(PROFILE, OPENED, closed).when(CloseProfile(candidate_id=ANNA)).then()
    given(PROFILE, OPENED, closed).when(OPEN).then()
    given(PROFILE, OPENED, closed).when(ChangeRegistrationEmail(candidate_id=ANNA, email="x@example.org")).then()
    given(PROFILE, OPENED, closed).when(save("family", {"marital_status": "single"})).refused(NotFound)
    saved = facts.FamilySituationSaved(candidate_id=ANNA, values={"marital_status": "single"})
    assert PROFILE.fold([OPENED, saved, closed]).values == {}


@pytest.mark.rule("R13")
def test_whoever_has_no_nationality_can_complete_the_profile() -> None:
    stateless = {**COMPLETE["nationality"], "birth_nationality": "XXA", "nationality": "XXA", "second_nationality": ""}
    assert completeness({**COMPLETE, "nationality": stateless}, TODAY).complete
    elsewhere = {**COMPLETE["nationality"], "residence_country": "XXA"}
    assert not completeness({**COMPLETE, "nationality": elsewhere}, TODAY).complete


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nationality": "PL", "second_nationality": "PL"}, "second_nationality"),
        ({"nationality": "PL", "second_nationality": "", "third_nationality": "PL"}, "third_nationality"),
        ({"nationality": "PL", "permanent_resident": "yes", "permanent_residence_country": "PL"},
         "permanent_residence_country"),
    ],
)  # fmt: skip
def test_nationalities_must_make_sense_together(changes: dict[str, str], field: str) -> None:
    nationality = {**COMPLETE["nationality"], **changes}
    left = completeness({**COMPLETE, "nationality": nationality}, TODAY).left
    assert [step.field for step in left] == [field]
