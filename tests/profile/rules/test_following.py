"""The profile's view event by event, and how the profile follows its account."""

from datetime import date
from functools import reduce
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.profile import events as facts
from services.profile.domain import PROFILE as RULES
from services.profile.domain import SAVES
from services.profile.projections import PROFILE
from services.profile.reactions import ALL
from shared.model.message import Event
from shared.model.reaction import Do, Known
from shared.model.testing import given, history, recorded

ANNA, BEN = (UUID(f"018f0000-0000-7000-8000-00000000000{number}") for number in (1, 2))
OPENED = facts.ProfileOpened(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org")
(FOLLOW,) = ALL
REGISTERED = CandidateRegistered(
    user_code="ADIAZ",
    email="anna@example.org",
    title="ms",
    given_names="Anna",
    family_name="Díaz",
    birth_date=date(2004, 2, 29),
    language="en",
    link="none",
)


def shown(*events: Event) -> Any:
    """The view's document after these events."""
    return reduce(PROFILE.evolve, history(f"profile-{ANNA}", *events), None)


def family(**values: str) -> facts.FamilySituationSaved:
    return facts.FamilySituationSaved(candidate_id=ANNA, values=values)


@pytest.mark.parametrize(
    "event",
    [
        facts.ProfileCompletenessChanged(candidate_id=ANNA, percent=40),
        facts.ProfileCompleted(candidate_id=ANNA),
        facts.ProfileBecameIncomplete(candidate_id=ANNA, missing=("contact.phone",)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_how_complete_it_is_is_not_kept_with_what_was_typed(event: Event) -> None:
    assert shown(OPENED, family(), event) == shown(OPENED, family())


@pytest.mark.rule("R14")
def test_what_was_saved_before_the_profile_opened_is_shown_with_it() -> None:
    early = shown(family(marital_status="single"))
    assert (early["user_code"], early["email"]) == ("", "")
    late = shown(family(marital_status="single"), OPENED)
    assert (late["user_code"], late["email"], late["sections"]) == ("ADIAZ", "anna@example.org", early["sections"])


@pytest.mark.rule("R14")
def test_another_address_changes_nothing_else_that_is_shown() -> None:
    changed = facts.RegistrationEmailChanged(candidate_id=ANNA, email="new@example.org")
    assert shown(OPENED, family(), changed) == {**shown(OPENED, family()), "email": "new@example.org"}


def test_each_section_is_shown_with_the_time_of_its_own_last_save() -> None:
    contact = facts.ContactDetailsSaved(candidate_id=ANNA, values={"phone": "+33"})
    sections = shown(contact, family(marital_status="single"), family())["sections"]
    first, _, third = history("profile-x", contact, family(), family())
    assert (sections["contact"]["saved_at"], sections["contact"]["version"]) == (first.at, 1)
    assert (sections["family"]["saved_at"], sections["family"]["version"]) == (third.at, 2)
    assert sections["family"]["values"] == {}


WORDED: dict[str, list[str]] = {
    "contact": ["phone", "colour"],
    "un_employment": ["function"],
    "family": ["spouse_family_name"],
    "nationality": ["intended_change"],
}
SAVED = st.builds(
    lambda key, word: SAVES[key](candidate_id=ANNA, values=dict.fromkeys(WORDED[key], word)),
    st.sampled_from(["contact", "un_employment", "family", "nationality"]),
    st.sampled_from(["", "a", "b"]),
)


@for_all(saves=st.lists(SAVED, max_size=8))
def test_the_view_shows_the_versions_that_the_rules_compare(saves: list[Any]) -> None:
    events: list[Any] = [OPENED]
    for save in saves:
        events += given(RULES, *events).when(save).events or ()
    document, state = shown(*events), RULES.fold(events)
    assert {key: saved["values"] for key, saved in document["sections"].items()} == state.values
    assert {key: saved["version"] for key, saved in document["sections"].items()} == state.versions
    assert document["email"] == state.email


def follow(*events: Event, account: UUID = ANNA) -> list[Any]:
    """What the account's events lead to in the profile, each carried out twice as after a replay."""
    past: list[Any] = []
    for event in history(f"account-{account}", *events):
        for _ in range(2):
            for effect in FOLLOW.react(event, Known({})):
                assert isinstance(effect, Do)
                assert (effect.decider, effect.key) == (RULES, account)
                past += given(RULES, *past).when(effect.command).events or ()
    return past


@pytest.mark.rule("R14")
def test_a_replayed_registration_opens_one_profile_in_the_language_that_was_chosen() -> None:
    opened, contact, _ = follow(REGISTERED, EmailVerified(email="anna@example.org"))
    assert opened == OPENED
    assert (contact.values["preferred_language"], contact.values["birth_date"]) == ("en", "2004-02-29")


@pytest.mark.rule("R14")
def test_a_replaced_address_is_followed_once() -> None:
    past = follow(REGISTERED, EmailVerified(email="new@example.org"))
    assert [type(event) for event in past[3:]] == [facts.RegistrationEmailChanged, facts.ContactDetailsSaved]
    assert past[-1].values["email"] == "new@example.org"


def test_a_closed_account_leaves_a_closed_profile_whatever_arrives_after_it() -> None:
    past = follow(REGISTERED, AccountClosed(), EmailVerified(email="late@example.org"), REGISTERED)
    assert past[-1] == facts.ProfileClosed(candidate_id=ANNA)
    assert len(past) == len(follow(REGISTERED)) + 1
    assert follow(AccountClosed(), REGISTERED) == [facts.ProfileClosed(candidate_id=ANNA)]


def test_whoever_has_one_name_has_no_given_names_in_the_profile() -> None:
    _, contact, _ = follow(REGISTERED.model_copy(update={"given_names": "", "family_name": "Suharto"}))
    assert contact.values["family_name"] == "Suharto"
    assert "given_names" not in contact.values


def test_each_account_is_followed_by_its_own_profile_alone() -> None:
    for account in (ANNA, BEN):
        event = recorded(AccountClosed(), f"account-{account}")
        [effect] = FOLLOW.react(event, Known({}))
        assert isinstance(effect, Do)
        assert (effect.key, effect.command.candidate_id) == (account, account)  # type: ignore[attr-defined]
