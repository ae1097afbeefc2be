"""What roles and scopes allow, and whose things are within reach."""

from typing import get_args
from uuid import UUID

import pytest

from shared.auth import Who
from shared.vocabulary.permissions import HR, PERMISSIONS, ROLES, SCOPES, Permission, of_roles, of_scopes, within_reach

ALL = frozenset(get_args(Permission))


def person(*roles: str) -> Who:
    return Who(UUID(int=7), "P7K4-2QXM", frozenset({"candidate", *roles}))


def machine(*scopes: str, organisation: str = "OHRM") -> Who:
    return Who(
        UUID(int=7), "", frozenset(), frozenset(scopes), name="hr", client="hr-geneva", organisation=organisation
    )


def test_every_permission_is_described_and_given_by_a_role_that_gives_little_more() -> None:
    assert set(PERMISSIONS) == ALL
    narrow = {permission for permissions in ROLES.values() if len(permissions) == 1 for permission in permissions}
    assert ALL - narrow == {"applications.status"}
    assert ROLES["recruiter"] == {"applications.read", "applications.status"}


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("accommodation_officer", {"accommodations.read"}),
        ("curator", {"equivalences.write"}),
        ("publisher", {"vacancies.write"}),
        ("reader", {"applications.read"}),
        ("registrar", {"duplicates.read"}),
        ("subscriber", {"events"}),
        ("support", {"support"}),
        ("hr", HR),
        ("administrator", ALL),
        ("candidate", set()),
        ("a role of a later version", set()),
        ("equivalences.write", set()),
    ],
)
def test_what_a_role_allows(role: str, permissions: set[str]) -> None:
    assert person(role).permissions == of_roles([role]) == permissions


def test_roles_add_up() -> None:
    assert person("curator", "support").permissions == {"equivalences.write", "support"}
    assert person().permissions == frozenset()


def test_a_scope_is_a_permission_and_hr_is_the_sum_of_what_it_has_always_meant() -> None:
    assert set(SCOPES) == ALL | {"hr"}
    assert of_scopes(["hr"]) == HR == ALL - {"support", "accommodations.read"}
    for permission in ALL:
        assert machine(permission).permissions == {permission}
    assert machine("hr", "support", "accommodations.read").permissions == ALL


@pytest.mark.parametrize("scope", ["administrator", "curator", "event", ""])
def test_a_role_or_a_word_that_is_no_scope_gives_a_machine_nothing(scope: str) -> None:
    assert machine(scope).permissions == frozenset()


def test_a_machine_reaches_what_is_its_organisations_and_with_hr_what_is_nobodys() -> None:
    for who, own, others, nobodys in (
        (machine("vacancies.write"), True, False, False),
        (machine(*HR), True, False, False),
        (machine("hr"), True, False, True),
        (person("hr"), True, True, True),
        (person("administrator"), True, True, True),
        (person("reader"), True, True, True),
    ):
        assert [within_reach(who.owners, owner) for owner in ("OHRM", "UNHCR", "")] == [own, others, nobodys]
