"""What hides a password and what does not: its shape is found in any spelling, and only where one is named."""

import unicodedata

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.support.domain import looks_like_password

pytestmark = pytest.mark.rule("R65")

NAMES = [
    "mot de passe", "mot-de-passe", "motdepasse", "mots de passe", "mdp", "m.d.p", "phrase secrète", "phrase secrete",
    "password", "pass word", "passphrase", "passcode", "passwd", "pword", "pwd", "pw", "p/w",
]  # fmt: skip
UNSEEN = [chr(code) for code in (0x200B, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x202E)]
named = st.sampled_from(NAMES)
secrets = st.from_regex(r"[a-z]{3,8}[0-9]{1,4}[a-z]{0,3}", fullmatch=True).filter(lambda text: len(text) >= 6)


@forall(named, st.sampled_from([":", " : ", "=", " = ", ": «\N{NO-BREAK SPACE}", ":\n", " → ", " -> "]), secrets)
def test_a_name_a_mark_and_anything_reveal_it(name: str, mark: str, secret: str) -> None:
    assert looks_like_password(f"Bonjour, {name}{mark}{secret}")
    assert looks_like_password(f"Bonjour, {name.upper()}{mark}{secret.upper()}")


@forall(named, st.sampled_from([" is ", " est ", " was ", "'s ", " ", " - "]), secrets)
def test_a_name_and_something_with_digits_reveal_it_without_any_mark(name: str, joint: str, secret: str) -> None:
    assert looks_like_password(f"Hello, my {name}{joint}{secret}")


@forall(named, secrets, st.integers(0, 40), st.sampled_from(UNSEEN))
def test_what_cannot_be_seen_hides_nothing(name: str, secret: str, place: int, sign: str) -> None:
    text = f"{name} : {secret}"
    assert looks_like_password(text[:place] + sign + text[place:])


@forall(named, secrets)
def test_decomposed_and_full_width_letters_hide_nothing(name: str, secret: str) -> None:
    text = f"{name} : {secret}"
    assert looks_like_password(unicodedata.normalize("NFD", text))
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert looks_like_password(wide)


@forall(
    st.text("abcdeéhotuw 129:=-«»\n", max_size=60),
    st.sampled_from(["code", "code de base", "word", "user ID"]),
    secrets,
)
def test_where_no_password_is_named_none_is_found(text: str, other: str, secret: str) -> None:
    assert not looks_like_password(f"{text} {other} : {secret}")


@pytest.mark.parametrize(
    "text",
    [
        "The page says « password: » beside the field",
        "the password https://careers.example.org/reset1 sent me",
        "Mon mot de passe est refusé",
        "password (the new one) does not work",
        "compass: north42",
        "mdpx: soleil75",
        "My password is wrong, says page 12",
        "un mot de passage : soleil75",
    ],
)
def test_a_word_that_only_resembles_a_name_or_a_sentence_about_one_reveals_nothing(text: str) -> None:
    assert not looks_like_password(text)


@pytest.mark.parametrize(
    ("text", "revealed"),
    [
        ("password for the site: hunter", True),  # alone in the rest of its line
        ("password for the site: hunter does not work", False),
        ("password for the site: hunter2 does not work", True),
        ("password of my old account there: hunter2", False),  # too far from its name
        ("my password is: hunter", True),
        ("my password is hunter", False),
        ("my password is hunt2", False),  # shorter than any password of ours
        ("my password is hunter2", True),
        ("my password is 123456", False),  # a number alone may be anything
        ("pass: hunter", False),
        ("pass: hunter2", True),
    ],
)
def test_the_less_is_said_of_a_password_the_more_it_must_look_like_one(text: str, revealed: bool) -> None:
    assert looks_like_password(text) is revealed
