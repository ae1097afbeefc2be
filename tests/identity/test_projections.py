"""Identity's views, folded from its events."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.identity.events import (
    AccountClosed,
    EmailVerified,
    PersonalDataErased,
    PossibleDuplicateFlagged,
    RoleGranted,
    RoleRevoked,
    person_id,
)
from services.identity.projections import ACCOUNTS, CLAIMS_OF, DUPLICATES, PEOPLE
from shared.model.message import Event, Recorded
from shared.model.projection import AnyProjection
from shared.model.testing import NOON, history, recorded
from tests.identity.values import CLAIMED, RELEASED, registered, some_id

ANNA, OTHER = str(some_id("anna")), str(some_id("other"))


def folded(view: AnyProjection, events: Iterable[Recorded[Any]]) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    for event in events:
        for key in view.keys(event):
            documents[key] = view.evolve(documents.get(key), event)
    return documents


def of_anna(*events: Event) -> list[Recorded[Any]]:
    return history(f"account-{ANNA}", *events)


def test_an_account_shows_whom_to_write_to() -> None:
    (document,) = folded(ACCOUNTS, of_anna(registered())).values()
    assert document == {
        "account_id": ANNA,
        "user_code": "P7K4-2QXM",
        "email": "Anna.Muller@example.org",
        "name": "Anna Maria Müller",
        "language": "fr",
        "roles": ["candidate"],
        "state": "pending",
    }


def test_an_account_follows_its_roles_and_its_end() -> None:
    proven = EmailVerified(email="Anna.Muller@example.org")
    events = (registered(), proven, RoleGranted(role="hr"), RoleGranted(role="support"), RoleRevoked(role="hr"))
    (document,) = folded(ACCOUNTS, of_anna(*events)).values()
    assert (document["roles"], document["state"]) == (["candidate", "support"], "live")
    (document,) = folded(ACCOUNTS, of_anna(*events, AccountClosed())).values()
    assert document["state"] == "closed"
    assert (document["email"], document["name"]) == ("", "")


def test_events_before_any_registration_leave_no_document() -> None:
    assert folded(ACCOUNTS, of_anna(AccountClosed())) == {ANNA: None}


@pytest.mark.rule("R6")
def test_the_accounts_of_one_person_stand_together_under_a_key_that_names_nobody() -> None:
    both = [recorded(registered(), f"account-{ANNA}"), recorded(registered(title="mx"), f"account-{OTHER}")]
    ((key, document),) = folded(PEOPLE, both).items()
    assert document == {"accounts": [ANNA, OTHER]}
    assert "ller" not in key


def test_a_registration_seen_twice_counts_once() -> None:
    (document,) = folded(PEOPLE, of_anna(registered(), registered())).values()
    assert document == {"accounts": [ANNA]}


def test_a_closed_account_is_no_longer_among_its_namesakes_nor_flagged() -> None:
    (person,) = PEOPLE.keys(recorded(registered(), f"account-{ANNA}"))
    erased = PersonalDataErased(person=UUID(person))
    assert folded(PEOPLE, of_anna(registered(), erased)) == {person: None}
    both = [recorded(registered(), f"account-{ANNA}"), recorded(registered(), f"account-{OTHER}")]
    assert folded(PEOPLE, [*both, recorded(erased, f"account-{ANNA}")]) == {person: {"accounts": [OTHER]}}
    flagged = PossibleDuplicateFlagged(others=(some_id("other"),))
    assert folded(DUPLICATES, of_anna(flagged, erased)) == {ANNA: None}


@pytest.mark.rule("R6")
def test_staff_see_what_may_be_the_same_person() -> None:
    third = some_id("third")
    events = PossibleDuplicateFlagged(others=(some_id("other"),)), PossibleDuplicateFlagged(others=(third,))
    (document,) = folded(DUPLICATES, [recorded(event, f"account-{ANNA}") for event in events]).values()
    assert document == {"account_id": ANNA, "others": sorted([OTHER, str(third)]), "flagged_at": NOON}


BORN, TODAY = date(1990, 11, 23), date(2026, 11, 23)


@pytest.mark.rule("R6")
def test_a_person_is_the_same_with_and_without_accents_case_and_double_spaces() -> None:
    assert person_id("Anna  Maria", "MÜLLER", BORN) == person_id("anna maria", "Muller", BORN)


@pytest.mark.rule("R6")
def test_another_birth_date_or_another_split_of_the_name_is_another_person() -> None:
    people = {person_id("Anna", "Müller", BORN), person_id("Anna Müller", "", BORN)}
    assert len(people | {person_id("Anna", "Müller", TODAY)}) == 3


def test_the_claims_of_an_account_are_those_that_it_has_not_given_back() -> None:
    first, second = recorded(CLAIMED, "claim-1"), recorded(CLAIMED, "claim-2")
    erased = of_anna(PersonalDataErased(goes=("account",)))[0]
    assert folded(CLAIMS_OF, [first, second, recorded(RELEASED, "claim-1"), erased]) == {ANNA: {"claims": ["2"]}}
    assert folded(CLAIMS_OF, [erased]) == {ANNA: {"claims": []}}
