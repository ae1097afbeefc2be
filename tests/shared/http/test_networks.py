"""Where a request comes from: never what a client forges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.http.networks import network_of


def request_from(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


def test_a_network_is_an_ipv4_address_or_a_household_s_64_bits() -> None:
    assert network_of(request_from("203.0.113.7"), 0) == "203.0.113.7"
    assert network_of(request_from("2001:db8:1:2:3:4:5:6"), 0) == network_of(request_from("2001:db8:1:2::9"), 0)
    assert network_of(request_from("testclient"), 0) == "unknown"


@given(st.lists(st.ip_addresses(v=4).map(str), max_size=3))
def test_what_a_client_forges_never_counts(forged: list[str]) -> None:
    """One gateway of ours appended the address that it saw; without one, the header is not believed at all."""
    line = ", ".join([*forged, "203.0.113.7"])
    assert network_of(request_from("10.0.0.1", line), 1) == "203.0.113.7"
    assert network_of(request_from("10.0.0.1", line), 0) == "10.0.0.1"


@pytest.mark.parametrize("lines", [["6.6.6.6, 203.0.113.7, 10.0.0.2"], ["6.6.6.6, 203.0.113.7", "10.0.0.2"]])
def test_two_gateways_count_from_the_right(lines: list[str]) -> None:
    assert network_of(request_from("10.0.0.1", *lines), 2) == "203.0.113.7"
