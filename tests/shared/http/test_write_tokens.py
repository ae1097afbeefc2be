"""What a browser wrote, as text: read back as it was, short, and harmless whatever somebody puts into the cookie."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.site import NAMES
from shared.http.write_tokens import EVENTS, LENGTH, decoded, encoded
from shared.model.message import Position
from shared.ops.context import WriteToken, WrittenEvent

numbers = st.integers(0, 2**63 - 1)
categories = st.text("abcdefghij_", min_size=1, max_size=20)
events = st.lists(st.builds(WrittenEvent, categories, st.uuids()), max_size=EVENTS).map(tuple)
wrote = st.builds(WriteToken, st.builds(Position, numbers, numbers), events)
services = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=12), wrote, max_size=9)


@given(services)
def test_what_was_written_is_read_back(by_service: dict[str, WriteToken]) -> None:
    assert decoded(encoded(by_service)) == by_service


@given(st.text() | st.text("abc:.,~0123456789f"))
def test_anything_may_stand_in_the_cookie(text: str) -> None:
    assert len(decoded(text)) <= len(text)


def test_the_last_events_are_kept_of_as_many_services_as_fit_the_last_ones_first() -> None:
    last = tuple(WrittenEvent("application", UUID(int=number)) for number in range(20))
    many = {chr(ord("a") + number): WriteToken(Position(1, number), last) for number in range(26)}
    kept = decoded(encoded(many))
    assert list(kept) == list(many)[-len(kept) :]
    assert len(kept) > 12
    assert kept["z"].events == last[-EVENTS:]
    assert LENGTH - len(encoded({"y": many["y"]})) - 1 < len(encoded(many)) <= LENGTH


def test_every_service_of_the_site_fits_even_if_all_of_them_wrote_much() -> None:
    longest = tuple(WrittenEvent("a" * 20, UUID(int=number)) for number in range(EVENTS))
    wrote = {name: WriteToken(Position(2**63 - 1, 2**63 - 1), longest) for name in NAMES}
    assert decoded(encoded(wrote)) == wrote


def test_a_broken_part_does_not_cost_the_others() -> None:
    assert list(decoded("profile:1.2:~<script>~identity:x.1:~alerts:3.4:zz~support:5.6:")) == ["profile", "support"]
