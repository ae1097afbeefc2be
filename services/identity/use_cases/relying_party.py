"""For whom passkeys are made: the site's own host name (WebAuthn's relying party), if it has one."""

import ipaddress
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from shared.model.errors import N_
from shared.ops.settings import Settings

NO_NAME: Final = N_("Passkeys need a site with a name; this one is reached by its address only")


class RelyingParty(NamedTuple):
    """`id`: the host name that a passkey belongs to; `origin`: what the browser says that it is at."""

    id: str
    origin: str


def relying_party(settings: Settings, host: str) -> RelyingParty | None:
    """The site as its public address names it; None where that is no name but an address, which browsers refuse.

    host: the request's Host header. On this machine a browser may also be at `localhost`, whatever the public address.
    """
    public = urlsplit(settings.public_url)
    if settings.environment == "local" and host.partition(":")[0] == "localhost":
        return RelyingParty("localhost", f"http://{host}")
    name = public.hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return RelyingParty(name, f"{public.scheme}://{public.netloc}") if name else None
    return None
