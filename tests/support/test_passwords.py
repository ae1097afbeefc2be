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
        "mot-de-passe : soleil",
        "motdepasse: soleil",
        "Mot de passe actuel : soleil75",
        "Mot de passe Postulo : soleil",
        "mot de passe\N{ZERO WIDTH SPACE} : soleil",
        "ｐａｓｓｗｏｒｄ：ｈｕｎｔｅｒ",
        "my password for Postulo: hunter2",
        "password (temporary): hunter2",
        "Password - hunter2",
        "MDP soleil75",
        "m.d.p. : soleil",
        "pw: hunter",
        "pass: hunter2",
        "password -> hunter2",
        "mon mot de passe est : soleil",
        "mon mot de passe, c’est Soleil75",
        "my password is P@ss!word",
        "I log in as ADIAZ with the password hunter2024",
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
        "Mot de passe oublié : que faire ?",
        "Password reset: does not work",
        "Code utilisateur : P92W-EYDR",
        "I forgot my password, and my user ID is P92W-EYDR",
        "The link of the mail: password https://example.org/reset?t=a1b2c3",
        "It let me pass: thank you",
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
