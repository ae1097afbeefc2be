"""What saving keeps and tells, what opening and closing leave, and that doing again what is done does nothing."""

from datetime import timedelta
from itertools import pairwise
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
    Profile,
    completeness,
    normalise,
)
from shared.model.errors import Conflict, NotFound
from shared.model.testing import NOON, given
from shared.vocabulary.fields import Entries
from tests.profile.values import COMPLETE

ANNA = UUID("018f0000-0000-7000-8000-000000000001")
KNOWN = {"title": "ms", "family_name": "Díaz", "given_names": "Anna", "birth_date": "1990-05-17"}
OPEN = OpenProfile(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org", known=KNOWN)
OPENED = facts.ProfileOpened(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org")
CLOSED = facts.ProfileClosed(candidate_id=ANNA)
BY_KEY = {section.key: section for section in SECTIONS}
CHILD = COMPLETE["family"]["dependants"][0]


def save(key: str, values: dict[str, Any], **more: Any) -> Any:
    return SAVES[key](candidate_id=ANNA, values=values, **more)


def change(email: str) -> ChangeRegistrationEmail:
    return ChangeRegistrationEmail(candidate_id=ANNA, email=email)


def contact(**values: str) -> facts.ContactDetailsSaved:
    return facts.ContactDetailsSaved(candidate_id=ANNA, values=values)


def family(**values: Any) -> facts.FamilySituationSaved:
    return facts.FamilySituationSaved(candidate_id=ANNA, values=values)


def whole() -> list[Any]:
    """The past of a complete profile."""
    past: list[Any] = [OPENED]
    for key, values in COMPLETE.items():
        past += given(PROFILE, *past).when(save(key, values)).accepted()
    return past


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"family_name": "  Díaz\t"}, {"family_name": "Díaz"}),
        ({"family_name": "Dí\x07az\x7f"}, {"family_name": "Díaz"}),
        ({"family_name": "Díaz\r\nŁukasik\rMaría"}, {"family_name": "Díaz\nŁukasik\nMaría"}),
        ({"family_name": "Díaz\tŁukasik"}, {"family_name": "Díaz\tŁukasik"}),
        ({"family_name": "\ud83d"}, {}),
        ({"family_name": "\x00 \x1f"}, {}),
        ({"family_name": None, "given_names": 7}, {"given_names": "7"}),
        ({"family_name": ["Díaz", " ", "Łukasik "]}, {"family_name": ["Díaz", "Łukasik"]}),
        ({"dependants": [CHILD]}, {}),
    ],
    ids=["blanks", "control", "line ends", "tab", "half a sign", "nothing to see", "no text", "list", "not here"],
)
def test_what_is_typed_is_kept_in_one_form(typed: dict[str, Any], kept: dict[str, Any]) -> None:
    assert normalise(BY_KEY["contact"].fields, typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ([{"name": " Zofia "}, {}, {"name": " "}, {"age": "8"}], [{"name": "Zofia"}]),
        (["Zofia", None, {"name": "Jan"}], [{"name": "Jan"}]),
        ([{}, {}], None),
        ("Zofia", None),
        ({"name": "Zofia"}, None),
    ],
    ids=["empty entries", "no entries", "only empty ones", "text", "one object"],
)
def test_an_entry_without_anything_in_it_is_not_kept(typed: Any, kept: Any) -> None:
    values = {"marital_status": "single", "dependants": typed}
    saves = [family(marital_status="single", dependants=kept)] if kept else []
    past = (OPENED, family(marital_status="single"))
    assert given(PROFILE, *past).when(save("family", values)).accepted()[:1] == saves


ANYTHING = st.one_of(
    st.none(), st.integers(), st.text(max_size=8), st.lists(st.one_of(st.text(max_size=5), st.just({"name": " x "})))
)


@pytest.mark.parametrize("key", list(BY_KEY))
@for_all(data=st.data())
def test_what_is_kept_is_kept_the_same_when_it_is_saved_again(key: str, data: st.DataObject) -> None:
    fields = BY_KEY[key].fields
    typed = {field.name: data.draw(ANYTHING) for field in fields if not isinstance(field, Entries)}
    typed |= {field.name: data.draw(ANYTHING) for field in fields if isinstance(field, Entries)}
    kept = normalise(fields, typed)
    assert normalise(fields, kept) == kept
    assert set(kept) <= set(typed)
    assert all(kept.values())
    events = given(PROFILE, OPENED).when(save(key, typed)).accepted()
    assert bool(events) == bool(kept)
    given(PROFILE, OPENED, *events).when(save(key, typed, seen=0)).then()


def test_an_untouched_section_that_is_saved_empty_is_no_save() -> None:
    given(PROFILE, OPENED).when(save("family", {"marital_status": " "})).then()
    given(PROFILE, OPENED, family(marital_status="single")).when(save("family", {})).then(family())


def test_what_was_not_seen_is_not_overwritten_and_a_sentence_says_so() -> None:
    past = (OPENED, family(marital_status="single"), family(), family(marital_status="widowed"))
    for seen in (0, 1, 2):
        refusal = given(PROFILE, *past).when(save("family", {}, seen=seen)).refused(Conflict, "")
        assert str(refusal.problems[0]) == (
            "This section was saved in another window meanwhile. Nothing was overwritten: choose one"
        )
    for fresh in (3, 4, None):
        given(PROFILE, *past).when(save("family", {}, seen=fresh)).then(family())


def test_a_save_that_changes_no_share_tells_none() -> None:
    past = whole()
    renamed = {**COMPLETE["contact"], "previous_name": "Nowak"}
    given(PROFILE, *past).when(save("contact", renamed)).then(contact(**renamed))
    given(PROFILE, *past, contact(**renamed)).when(save("contact", renamed)).then()


@pytest.mark.rule("R13")
def test_the_share_that_is_told_is_the_share_there_is() -> None:
    past = whole()
    shares = [event.percent for event in past if isinstance(event, facts.ProfileCompletenessChanged)]
    assert shares == sorted(set(shares))
    assert (shares[-1], type(past[-1])) == (100, facts.ProfileCompleted)
    assert PROFILE.fold(past).percent == completeness(COMPLETE, NOON.date()).percent == 100


@pytest.mark.rule("R13")
def test_everything_that_a_profile_lacks_again_is_named_in_the_order_of_the_form() -> None:
    past = whole()
    wrong = {**COMPLETE["contact"], "phone": "none", "gender": "", "other_phone": "none"}
    lost = given(PROFILE, *past).when(save("contact", wrong)).accepted()[-1]
    assert lost.missing == ("contact.gender", "contact.phone", "contact.other_phone")
    past += [*given(PROFILE, *past).when(save("contact", wrong)).accepted()]
    still_wrong = {**wrong, "gender": "female"}
    kinds = [type(event) for event in given(PROFILE, *past).when(save("contact", still_wrong)).accepted()]
    assert kinds == [facts.ContactDetailsSaved, facts.ProfileCompletenessChanged]
    back = given(PROFILE, *past).when(save("contact", COMPLETE["contact"])).accepted()
    assert [type(event) for event in back] == [
        facts.ContactDetailsSaved,
        facts.ProfileCompletenessChanged,
        facts.ProfileCompleted,
    ]


@pytest.mark.rule("R13")
def test_whether_a_date_has_passed_is_asked_on_the_day_of_the_save() -> None:
    past = whole()
    tomorrow = {**COMPLETE["family"], "dependants": [{**CHILD, "birth_date": "2026-11-24"}]}
    today = given(PROFILE, *past).when(save("family", tomorrow)).accepted()
    assert today[-1].missing == ("family.dependants.0.birth_date",)
    later = save("family", tomorrow, at=NOON + timedelta(days=1))
    given(PROFILE, *past).when(later).then(family(**tomorrow))


@pytest.mark.rule("R14")
def test_opening_a_profile_in_which_everything_known_was_typed_only_opens_it() -> None:
    typed = contact(**KNOWN, email="work@example.org")
    given(PROFILE, typed).when(OPEN).then(OPENED)


@pytest.mark.rule("R14")
def test_opening_keeps_nothing_that_is_no_contact_detail_or_empty() -> None:
    known = {"family_name": "Suharto", "given_names": "", "colour": "blue"}
    _, saved, _ = given(PROFILE).when(OPEN.model_copy(update={"known": known})).accepted()
    assert saved == contact(family_name="Suharto", email="anna@example.org")


@pytest.mark.rule("R14")
def test_a_profile_opens_once_whatever_is_said_the_second_time() -> None:
    given(PROFILE, OPENED).when(OPEN.model_copy(update={"email": "new@example.org", "user_code": "B"})).then()


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("typed", "follows"), [
    ("anna@example.org", True),
    ("", True),
    ("Anna@example.org", False),
    ("work@example.org", False),
])  # fmt: skip
def test_the_primary_address_follows_the_registered_one_while_it_is_no_other(typed: str, follows: bool) -> None:
    past = (OPENED, contact(**{**KNOWN, "email": typed} if typed else KNOWN))
    changed, *saved = given(PROFILE, *past).when(change("new@example.org")).accepted()
    assert changed == facts.RegistrationEmailChanged(candidate_id=ANNA, email="new@example.org")
    addresses = [event.values["email"] for event in saved if isinstance(event, facts.ContactDetailsSaved)]
    assert addresses == (["new@example.org"] if follows else [])
    given(PROFILE, *past, changed, *saved).when(change("new@example.org")).then()


@pytest.mark.rule("R14")
def test_an_address_that_was_typed_before_it_was_registered_stays_without_a_second_save() -> None:
    past = (OPENED, contact(**KNOWN, email="new@example.org"))
    given(PROFILE, *past).when(change("new@example.org")).then(
        facts.RegistrationEmailChanged(candidate_id=ANNA, email="new@example.org")
    )


@pytest.mark.rule("R14")
def test_a_change_of_the_address_alone_is_no_conflict_for_other_sections_but_one_for_this() -> None:
    past = [OPENED, contact(**KNOWN, email="anna@example.org"), family(marital_status="single")]
    past += given(PROFILE, *past).when(change("new@example.org")).accepted()
    given(PROFILE, *past).when(save("contact", KNOWN, seen=1)).refused(Conflict)
    assert given(PROFILE, *past).when(save("family", {"marital_status": "widowed"}, seen=1)).accepted()


@pytest.mark.parametrize("key", list(BY_KEY))
def test_nothing_is_saved_in_a_closed_profile_not_even_the_same_again(key: str) -> None:
    for values in (COMPLETE[key], {}):
        refusal = given(PROFILE, *whole(), CLOSED).when(save(key, values, seen=0)).refused(NotFound)
        assert str(refusal.problems[0]) == "This profile is closed with its account"


def test_an_account_that_never_opened_a_profile_closes_it_all_the_same() -> None:
    given(PROFILE).when(CloseProfile(candidate_id=ANNA)).then(CLOSED)
    assert PROFILE.fold([*whole(), CLOSED]) == PROFILE.fold([CLOSED]) == Profile(closed=True)


SAVED = st.sampled_from(list(COMPLETE)).flatmap(
    lambda key: st.sampled_from(sorted(COMPLETE[key])).map(
        lambda gone: save(key, {name: value for name, value in COMPLETE[key].items() if name != gone})
    )
)
WISHES = st.one_of(
    SAVED,
    st.sampled_from(list(COMPLETE)).map(lambda key: save(key, COMPLETE[key])),
    st.sampled_from(["anna@example.org", "new@example.org"]).map(change),
    st.just(OPEN),
)


@pytest.mark.rule("R13")
@for_all(wishes=st.lists(WISHES, max_size=10), closing=st.booleans())
def test_after_any_wishes_the_profile_is_as_complete_as_what_it_holds(wishes: list[Any], closing: bool) -> None:
    events: list[Any] = []
    for wish in wishes:
        events += given(PROFILE, *events).when(wish).accepted()
        if not isinstance(wish, OpenProfile) or PROFILE.fold(events).opened:
            given(PROFILE, *events).when(wish).then()
    state, now = PROFILE.fold(events), completeness(PROFILE.fold(events).values, NOON.date())
    assert (state.percent, state.complete) == (now.percent, now.complete)
    assert sum(state.versions.values()) == sum(isinstance(event, facts.SectionSaved) for event in events)
    told = [type(event) for event in events if type(event) in (facts.ProfileCompleted, facts.ProfileBecameIncomplete)]
    assert all(one is not other for one, other in pairwise(told))
    if closing:
        given(PROFILE, *events).when(CloseProfile(candidate_id=ANNA)).then(CLOSED)
        given(PROFILE, *events, CLOSED).when(change("late@example.org")).then()
