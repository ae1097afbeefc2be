"""What looks like a password (R65), and what only speaks of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.support.domain import looks_like_password

pytestmark = pytest.mark.rule("R65")


@pytest.mark.parametrize(
    "text",
    [
        "Mon mot de passe : Azerty-2026",
        "mot de passe: azerty",
        "MOT DE PASSE = azerty",
        "Mot  de passe : « soleil »",
        "code ADIAZ / mdp:soleil",
        "password: hunter2",
        "Password:\nhunter2",
        'pass word = "correct horse"',
        "my password is hunter2024, please log in for me",
        "Mon mot de passe est Soleil75!",
        "pwd:x",
        "passphrase: correct horse battery staple",
    ],
)
def test_a_revealed_password_is_recognised(text: str) -> None:
    assert looks_like_password(text)


@pytest.mark.parametrize(
    "text",
    [
        "J'ai oublié mon mot de passe.",
        "Le mot de passe est refusé depuis hier",
        "My password is refused although I typed it correctly",
        'I typed it into the field "Password:" and pressed Enter',
        "Le champ « Mot de passe : » reste rouge",
        "The page said: wrong password",
        "Password:",
        "I never give my password away; the link is https://example.org/reset",
        "",
    ],
)
def test_merely_speaking_of_a_password_is_not(text: str) -> None:
    assert not looks_like_password(text)


@given(st.text(max_size=50), st.from_regex(r"[A-Za-z0-9!#]{1,30}", fullmatch=True), st.text(max_size=50))
def test_it_is_found_wherever_it_stands(before: str, password: str, after: str) -> None:
    assert looks_like_password(f"{before}\nmot de passe : {password} {after}")
