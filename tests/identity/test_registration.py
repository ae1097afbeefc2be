"""The registration form: a private address and a birth date that can be right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.registration import OLDEST, YOUNGEST, address_id, problems
from tests.identity.values import form

TODAY = date(2026, 11, 23)


def fields_at_fault(**changes: object) -> list[str]:
    return [problem.field for problem in problems(form(**changes), TODAY)]


def test_anna_s_form_is_right() -> None:
    assert fields_at_fault() == []


@pytest.mark.rule("R9")
@pytest.mark.parametrize("email", ["anna@un.org", "anna@UN.ORG", "anna@peacekeeping.un.org", "anna@un.org "])
def test_an_official_address_is_not_private(email: str) -> None:
    assert fields_at_fault(email=email) == ["email"]


@pytest.mark.rule("R9")
@pytest.mark.parametrize("email", ["anna@fun.org", "anna@example.com", "un.org@example.org", "anna@un.org.example.net"])
def test_addresses_that_only_look_official_are_private(email: str) -> None:
    assert fields_at_fault(email=email) == []


@pytest.mark.rule("R9")
@pytest.mark.parametrize("email", ["anna", "anna@", "@example.org", "anna@@example.org", "anna@localhost", 'a"b@x'])
def test_what_is_no_address_is_refused(email: str) -> None:
    assert fields_at_fault(email=email) == ["email"]


@pytest.mark.rule("R9")
@pytest.mark.parametrize("born", ["2026-11-24", "2026-11-23", "1899-01-01", "1990-02-30", "23.11.1990", "x"])
def test_a_birth_date_that_cannot_be_right_is_refused(born: str) -> None:
    assert fields_at_fault(birth_date=born) == ["birth_date"]


@pytest.mark.rule("R9")
def test_the_age_is_counted_to_the_day() -> None:
    turned = date(TODAY.year - YOUNGEST, 11, 23)
    assert fields_at_fault(birth_date=turned.isoformat()) == []
    assert fields_at_fault(birth_date=turned.replace(day=24).isoformat()) == ["birth_date"]
    too_old = date(TODAY.year - OLDEST - 1, 11, 23)
    assert fields_at_fault(birth_date=too_old.isoformat()) == ["birth_date"]


@given(st.from_regex(r"[a-z0-9.]{1,20}@[a-z]{1,10}\.org", fullmatch=True))
def test_case_never_makes_two_addresses_of_one(email: str) -> None:
    assert address_id(email) == address_id(email.upper()) == address_id(f" {email} ")
    assert address_id(email) != address_id("x" + email)
