"""Passwords that are good enough, pauses that grow, and codes that people can read."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.codes import as_digits, as_user_code
from services.identity.domain.secrets import (
    ALPHABET,
    LONGEST,
    LONGEST_PAUSE,
    SHORTEST,
    commonest,
    normal,
    password_problems,
    pause,
    user_code,
)

GOOD = "correct horse battery"


def is_refused(password: str, *about: str) -> bool:
    return [problem.field for problem in password_problems(password, about)] == ["password"]


def test_a_few_unrelated_words_are_good() -> None:
    assert not is_refused(GOOD)


def test_fifteen_characters_are_enough_and_fourteen_are_not() -> None:
    assert not is_refused("kangourou bleui")
    assert is_refused("kangourou bleu")


def test_a_password_can_be_long_but_not_endless() -> None:
    long = "".join(chr(0x100 + place * 7 % 1000) for place in range(LONGEST))
    assert not is_refused(long)
    assert is_refused(long + "x")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=SHORTEST + 5, max_size=LONGEST // 4))
def test_no_kind_of_character_is_asked_for_or_refused(text: str) -> None:
    """The head keeps what is generated from being a repetition or a run by chance."""
    assert not is_refused("x7 Qf" + text)


def test_the_commonest_are_refused_in_any_case() -> None:
    long_enough = [password for password in commonest() if len(password) >= SHORTEST]
    assert len(commonest()) > 29_000
    assert len(long_enough) >= 30
    assert [password for password in long_enough if not is_refused(password) or not is_refused(password.upper())] == []


@pytest.mark.parametrize(
    "password",
    [
        "Pásswordständard",
        "Password 2024!!!!",
        "password12345678",
        "P@ssw0rd12345678",
        "ｐａｓｓｗｏｒｄ12345678",
        "1234 monkey 5678",
        "monkey1monkey2monkey3",
        "!!!!!iloveyou!!!!!",
        "Postulo Inspira 2026",
        "UnitedNations2026!",
        "postulo-dragon-1",
    ],
)
def test_a_common_word_with_a_few_digits_is_refused_and_so_are_the_site_s_names(password: str) -> None:
    assert is_refused(password)


@pytest.mark.parametrize("password", ["dragon monkey 2026", "dragon 83910472655 18", "postulo kangourou bleu"])
def test_a_common_word_beside_another_or_many_digits_is_not(password: str) -> None:
    assert not is_refused(password)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaa",
        "passwordpassword",
        "abcabcabcabcabcabc",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlk",
        "123456789012345",
        "765432109876543",
        "secretsecretsec",
    ],
)
def test_repetitions_and_runs_are_refused(password: str) -> None:
    assert is_refused(password)


def test_what_is_known_of_the_owner_is_no_password() -> None:
    about = ("anna.muller@example.org", "Anna", "Muller", "1990-11-23")
    assert is_refused("anna.muller@example.org", *about)
    assert is_refused("AnnaMuller23111990!", *about)
    assert is_refused("Änna.Müller.1234567", *about)
    assert is_refused("muller-password-1", *about)
    assert not is_refused("Anna likes purple rain", *about)


def test_an_empty_password_is_missed_and_not_counted() -> None:
    (problem,) = password_problems("")
    assert str(problem) == "Enter a password"


def test_the_problem_says_how_long_the_password_is_but_never_what_it_is() -> None:
    (problem,) = password_problems("hunter2")
    assert "7" in str(problem)
    assert "hunter2" not in str(problem)


def test_two_keyboards_write_the_same_password() -> None:
    assert normal("ete\u0301 dans les Ce\u0301vennes") == normal("eté dans les Cévennes")


def test_four_failures_cost_nothing_and_the_fifth_does() -> None:
    assert [pause(failures) for failures in range(9)] == [0, 0, 0, 0, 0, 1, 2, 4, 8]


@given(st.integers(0, 10**6))
def test_pauses_grow_but_shut_nobody_out(failures: int) -> None:
    assert pause(failures) <= pause(failures + 1) <= LONGEST_PAUSE


@given(st.uuids(), st.integers(0, 3))
def test_a_user_code_is_short_readable_and_always_the_same(account: UUID, draw: int) -> None:
    code = user_code(account, draw)
    assert code == user_code(account, draw) == as_user_code(code.lower().replace("-", " "))
    assert len(code) == 9
    assert set(code) <= {*ALPHABET, "-"}


def test_another_draw_is_another_code() -> None:
    codes = [user_code(UUID(int=1), draw) for draw in range(50)]
    assert all(before != after for before, after in pairwise(codes))
    assert len(set(codes)) == 50


@pytest.mark.parametrize("typed", ["", "anna@example.org", "P7K4-2QX", "P7K4-2QXM9", "P7K4-2QX0"])
def test_what_cannot_be_a_user_code_is_none(typed: str) -> None:
    assert as_user_code(typed) is None


def test_a_code_may_be_typed_with_its_spaces() -> None:
    assert as_digits(" 1234 5678 ") == "12345678"
