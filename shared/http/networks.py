"""Where a request comes from, as far as it can be believed."""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request


def network_of(request: Request, trusted_hops: int) -> str:
    """Where a request comes from: an IPv4 address, or the 64 bits of IPv6 that one household gets.

    trusted_hops: how many gateways of ours are in front. Each appends the address it saw to X-Forwarded-For, so the
    entry that many places from the right is true, and whatever a client wrote itself stands left of it.
    """
    seen = request.client.host if request.client else ""
    forwarded = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    if trusted_hops and len(forwarded) >= trusted_hops:
        seen = forwarded[-trusted_hops]
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False) if address.version == 6 else address)


def _network(request: Request) -> str:
    return network_of(request, request.app.state.kernel.settings.trusted_hops)


Network = Annotated[str, Depends(_network)]
"""The network that a request comes from, for limits on what strangers may cause."""
