"""What a browser wrote, as text: read back as it was, short, and harmless whatever somebody puts into the cookie."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.http.write_tokens import EVENTS, LENGTH, SERVICES, decoded, encoded
from shared.model.message import Position
from shared.ops.context import WriteToken, WrittenEvent

numbers = st.integers(0, 2**63 - 1)
categories = st.text("abcdefghij_", min_size=1, max_size=20)
events = st.lists(st.builds(WrittenEvent, categories, st.uuids()), max_size=EVENTS).map(tuple)
wrote = st.builds(WriteToken, st.builds(Position, numbers, numbers), events)
services = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=12), wrote, max_size=SERVICES)


@given(services)
def test_what_was_written_is_read_back(by_service: dict[str, WriteToken]) -> None:
    assert decoded(encoded(by_service)) == by_service


@given(st.text() | st.text("abc:.,~0123456789f"))
def test_anything_may_stand_in_the_cookie(text: str) -> None:
    assert len(decoded(text)) <= SERVICES


def test_only_the_last_services_and_events_are_kept() -> None:
    last = tuple(WrittenEvent("application", UUID(int=number)) for number in range(20))
    many = {chr(ord("a") + number): WriteToken(Position(1, number), last) for number in range(9)}
    kept = decoded(encoded(many))
    assert list(kept) == list("cdefghi")
    assert kept["i"].events == last[-EVENTS:]
    assert len(encoded(many)) < LENGTH


def test_a_broken_part_does_not_cost_the_others() -> None:
    assert list(decoded("profile:1.2:~<script>~identity:x.1:~alerts:3.4:zz~support:5.6:")) == ["profile", "support"]
