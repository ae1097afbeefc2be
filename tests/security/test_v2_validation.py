"""V2, validation and business logic: no text costs more than its length is worth."""

import pytest

from services.identity.domain.codes import as_digits, as_user_code
from services.identity.domain.secrets import BOUND, LONGEST, normal, password_problems
from services.support.domain.passwords import looks_like_password
from shared.web.forms import month_number

MANY = 1_000_000
"""As many characters as the largest field of a form: what grows faster than its length never ends with them."""

HOSTILE = {
    "blanks": " " * MANY,
    "lines": "\n" * MANY,
    "blanks and lines": " \n" * (MANY // 2),
    "combining marks": "e" + "\u0301\u0323" * (MANY // 2),
    "digits": "9" * MANY,
    "brackets": "(" * MANY,
    "quotes": '"' * MANY,
    "format signs": "%(x)s{0}" * (MANY // 8),
    "ligatures": "\ufdfa" * MANY,
    "names of passwords": "password " * (MANY // 9),
    "names of passwords without end": "password for " * (MANY // 13),
    "marks": "password = - > " * (MANY // 15),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("before", ["", "password", "mot de passe", "mdp :"])
def test_a_ticket_is_searched_for_passwords_in_no_more_time_than_its_length(text: str, before: str) -> None:
    """It is read to its end, as far as a ticket may be long."""
    looks_like_password(before + text)
    assert looks_like_password(f"{text[:4_900]}\nMy password: hunter2")


@pytest.mark.parametrize("between", [" ", "   ", "\t", " \t ", "\u00a0", "\n", " \n\n "])
def test_blanks_of_any_length_divide_the_same_words(between: str) -> None:
    assert looks_like_password(f"my password{between}:{between}Correct7horse")
    assert not looks_like_password(f"my password{between}does not work")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_password_a_code_and_a_month_are_bounded_before_they_are_touched(text: str) -> None:
    (problem,) = password_problems("x" + text)
    assert problem.field == "password"
    assert len(normal(text)) <= 8 * BOUND
    assert len(as_digits(text)) <= BOUND
    assert as_user_code(text) is None
    with pytest.raises(ValueError, match="int"):
        month_number("x" + text)


def test_what_is_cut_is_too_long_in_any_composition() -> None:
    longest_composition = "\u1fb7" * LONGEST  # Each is four characters where it is decomposed.
    decomposed = "\u03b1\u0342\u0345" * LONGEST
    assert normal(decomposed) == normal(longest_composition)
    (problem,) = password_problems(decomposed + "a")
    assert problem.message.startswith("The password can have at most")
