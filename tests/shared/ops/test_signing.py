"""Signatures: nothing that was not signed here, for this purpose, with this key, is taken for ours."""

from hypothesis import given
from hypothesis import strategies as st

from shared.ops.signing import Signer

OURS, OTHERS = Signer("k" * 32), Signer("l" * 32)
texts = st.text()


@given(texts, texts)
def test_what_was_signed_is_read_back_for_its_purpose_alone(purpose: str, text: str) -> None:
    signed = OURS.signed(purpose, text)
    assert OURS.read(purpose, signed) == text
    assert Signer("k" * 32).read(purpose, signed) == text
    assert OURS.read(purpose + "x", signed) is None
    assert OTHERS.read(purpose, signed) is None


def test_where_a_purpose_ends_and_its_text_begins_is_part_of_what_is_signed() -> None:
    signature, _, text = OURS.signed("a", "bc").partition(".")
    assert OURS.read("a", f"{signature}.{text}") == "bc"
    assert OURS.read("ab", f"{signature}.c") is None


@given(texts, st.integers(0, 30))
def test_one_changed_sign_is_noticed(text: str, at: int) -> None:
    signed = OURS.signed("purpose", text)
    place = at % len(signed)
    other = "A" if signed[place] != "A" else "B"
    changed = signed[:place] + other + signed[place + 1 :]
    assert OURS.read("purpose", changed) is None


@given(texts)
def test_anything_may_come_back(text: str) -> None:
    assert OURS.read("purpose", text) is None
