"""What is sealed under the master key: read by whoever has it, for what it was sealed for, unchanged."""

from hypothesis import given
from hypothesis import strategies as st

from shared.ops.sealing import NONCE, Sealer

SEALER = Sealer("a master key that is long enough for a test")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_comes_out_again(text: bytes, whose: str) -> None:
    assert SEALER.opened("keys", SEALER.sealed("keys", text, whose), whose) == text
    assert SEALER.handed_back("keys", SEALER.handed_out("keys", text, whose), whose) == text


def test_it_is_read_for_its_purpose_its_owner_and_under_its_key_only() -> None:
    sealed = SEALER.sealed("keys", b"secret", "anna")
    assert SEALER.opened("codes", sealed, "anna") is None
    assert SEALER.opened("keys", sealed, "boris") is None
    assert Sealer("another master key that is long enough").opened("keys", sealed, "anna") is None


@given(st.integers(0, NONCE + 21), st.integers(1, 255))
def test_any_change_is_noticed(place: int, flip: int) -> None:
    sealed = bytearray(SEALER.sealed("keys", b"secret"))
    sealed[place] ^= flip
    assert SEALER.opened("keys", bytes(sealed)) is None


@given(st.text(max_size=60))
def test_rubbish_that_is_handed_back_is_nothing(rubbish: str) -> None:
    assert SEALER.handed_back("keys", rubbish) is None


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert SEALER.sealed("keys", b"secret") != SEALER.sealed("keys", b"secret")


def test_what_the_key_before_has_sealed_is_opened_and_sealed_anew() -> None:
    new = Sealer("the next master key, which is long enough too", "a master key that is long enough for a test")
    old = SEALER.sealed("keys", b"secret", "anna")
    assert new.opened("keys", old, "anna") == b"secret"
    again = new.resealed("keys", old, "anna")
    assert again
    assert new.resealed("keys", again, "anna") is None
    assert Sealer("the next master key, which is long enough too").opened("keys", again, "anna") == b"secret"
    assert SEALER.opened("keys", again, "anna") is None
    assert new.resealed("keys", b"rubbish", "anna") is None


def test_what_the_next_key_has_sealed_is_opened_and_left_as_it_is() -> None:
    following = "the next master key, which is long enough too"
    sealed = Sealer(following).sealed("keys", b"secret", "anna")
    today = Sealer("a master key that is long enough for a test", upcoming=following)
    assert today.opened("keys", sealed, "anna") == b"secret"
    assert today.resealed("keys", sealed, "anna") is None
    assert SEALER.opened("keys", today.sealed("keys", b"secret")) == b"secret"
