"""Passwords at their bounds, pauses of guessers, and codes that survive being typed."""

import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.codes import as_digits, as_user_code
from services.identity.domain.secrets import (
    ALPHABET,
    hashed,
    normal,
    password_problems,
    pause,
    user_code,
)
from tests.identity.values import some_id

GUESSED = "This password is too common. Take a few unrelated words"


def said(password: str, *about: str) -> list[str]:
    problems = password_problems(password, about)
    assert {problem.field for problem in problems} <= {"password"}
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "Enter a password"),
        ("x7 Qf correct", "The password is too short: 13 of at least 15 characters. Take a few unrelated words"),
        ("x7 Qf corrects", "The password is too short: 14 of at least 15 characters. Take a few unrelated words"),
        ("x7 Qf corrects.", None),
        (" " * 15, GUESSED),
        ("x7 Qf" + "".join(chr(0x4E00 + n * 7) for n in range(123)), None),
        ("x7 Qf" + "".join(chr(0x4E00 + n * 7) for n in range(124)), "The password can have at most 128 characters"),
    ],
)
def test_a_password_has_from_15_to_128_characters(password: str, problem: str | None) -> None:
    assert said(password) == ([problem] if problem else [])


def test_characters_are_counted_as_they_are_composed() -> None:
    """Fourteen letters remain fourteen however many keys they took."""
    composed = "ébène créé là!"
    decomposed = unicodedata.normalize("NFD", composed)
    assert (len(composed), len(decomposed) > 15) == (14, True)
    assert said(decomposed) == said(composed)
    assert "14 of at least 15" in said(decomposed)[0]
    assert normal(decomposed) == composed


@pytest.mark.parametrize(
    ("password", "guessed"),
    [
        ("abcdefgabcdefga", True),  # seven letters over and over, the last time cut
        ("abcdefghabcdefg", False),  # eight, and not even twice
        ("abcdefghijklmno", True),
        ("abcdefghijklmnp", False),
        ("ABCDEFGHIJKLMNO", True),
        ("onmlkjihgfedcba", True),
        ("567890123456789", True),
        ("543210987654321", True),
        ("567890123456788", False),
        ("135791357913579", True),  # it repeats, though it takes every other digit
        ("aaaaaaaaaaaaaab", False),
        ("qwertyuiop12345", True),
        ("qwertyuiop12346", True),  # a common word with a few digits
        ("qwertyuiopz12346", False),
    ],
)
def test_only_what_is_known_repeated_or_a_run_is_guessed(password: str, guessed: bool) -> None:
    assert said(password) == ([GUESSED] if guessed else [])


@pytest.mark.parametrize(
    ("password", "about", "guessed"),
    [
        ("annamuller-2026!", ("Anna", "Muller"), True),
        ("ANNA_MULLER_2026", ("anna", "muller"), True),
        ("annamuller-x2026", ("Anna", "Muller"), False),  # a letter of its own
        ("annamariamuller1", ("Anna", "Anna Maria", "AnnaMaria", "Muller"), True),  # the longest first
        ("199011231990112!", ("1990-11-23",), False),  # nothing known stands in it
        ("anna-anna.anna_a", ("anna", "a"), False),  # one letter is nobody's name
        ("anna.anna.anna.1", ("  Anna  ", ""), True),
        ("15 23 77 90 12 3", (), False),
        ("müllermüller--99", ("MÜLLER",), True),
    ],
)
def test_what_holds_nothing_but_what_is_known_of_its_owner_is_guessed(
    password: str, about: tuple[str, ...], guessed: bool
) -> None:
    assert said(password, *about) == ([GUESSED] if guessed else [])


@pytest.mark.parametrize("password", ["", "0" * 14, "0" * 15, "0" * 129])
def test_a_problem_tells_numbers_and_never_the_password(password: str) -> None:
    (problem,) = password_problems(password)
    assert all(isinstance(value, int) for value in problem.params.values())


@for_all(st.text(max_size=140))
def test_any_password_has_one_problem_at_most(password: str) -> None:
    assert len(password_problems(password)) <= 1


@pytest.mark.parametrize(
    ("failures", "longest", "seconds"),
    [
        (0, 8.0, 0), (4, 8.0, 0), (5, 8.0, 1), (6, 8.0, 2), (7, 8.0, 4), (8, 8.0, 8), (9, 8.0, 8), (10**9, 8.0, 8),
        (8, 5.0, 5), (5, 0.5, 0.5), (4, 0.5, 0), (35, 2.0**30, 2.0**30), (36, 2.0**31, 2.0**30),
    ],
)  # fmt: skip
def test_the_pause_doubles_from_the_fifth_failure_up_to_the_longest(
    failures: int, longest: float, seconds: float
) -> None:
    assert pause(failures, longest) == seconds


@for_all(st.text(ALPHABET, min_size=8, max_size=8), st.lists(st.sampled_from(" -\t\n"), min_size=9, max_size=9))
def test_a_user_code_is_understood_however_it_is_spaced_and_capitalised(signs: str, gaps: list[str]) -> None:
    code = f"{signs[:4]}-{signs[4:]}"
    spread = "".join(gap + sign for gap, sign in zip(gaps, [*signs, ""], strict=True))
    assert as_user_code(code) == as_user_code(spread) == as_user_code(spread.lower()) == code
    assert as_user_code(signs[:7]) is None
    assert as_user_code(signs + signs[0]) is None


@pytest.mark.parametrize("sign", ["0", "1", "I", "O", "L", "U", "_", "É", "٠"])
def test_signs_that_are_mistaken_for_others_are_in_no_code(sign: str) -> None:
    assert as_user_code(f"P7K4-2QX{sign}") is None


def test_the_codes_of_many_accounts_differ_and_use_the_whole_alphabet() -> None:
    codes = [user_code(some_id(str(number)), draw) for number in range(200) for draw in range(2)]
    assert len(set(codes)) == 400
    assert set("".join(codes)) == {*ALPHABET, "-"}


def test_a_mailed_code_loses_its_spaces_and_hyphens_and_nothing_else() -> None:
    assert as_digits("\t12-34 56\n78 ") == "12345678"
    assert as_digits("12a") == "12"
    assert hashed("secret") == sha256(b"secret").digest()
