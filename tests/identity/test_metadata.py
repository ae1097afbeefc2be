"""What a machine finds out by itself: where tokens are had, revoked and verified (RFC 8414)."""

import pytest

from shared.vocabulary.permissions import SCOPES
from tests.platform import ORIGIN, Kit

IDENTITY = f"{ORIGIN}/identity/api"


@pytest.mark.parametrize("prefix", ["", "/identity"])
async def test_the_site_describes_its_authorization_server(platform: Kit, prefix: str) -> None:
    answer = await platform.visitor().get(f"{prefix}/.well-known/oauth-authorization-server")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    methods = ["client_secret_basic", "client_secret_post"]
    assert answer.json() == {
        "issuer": ORIGIN,
        "token_endpoint": f"{IDENTITY}/oauth/token",
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": f"{IDENTITY}/oauth/revocation",
        "revocation_endpoint_auth_methods_supported": methods,
        "jwks_uri": f"{IDENTITY}/jwks.json",
        "scopes_supported": list(SCOPES),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
    }


async def test_what_it_names_is_there(platform: Kit) -> None:
    found = (await platform.visitor().get("/.well-known/oauth-authorization-server")).json()
    asking = platform.visitor().client
    assert (await asking.get(found["jwks_uri"])).json()["keys"]
    for name in ("token_endpoint", "revocation_endpoint"):
        form = {"grant_type": "client_credentials", "token": "x"}
        assert (await asking.post(found[name], data=form)).json() == {"error": "invalid_client"}


async def test_other_well_known_addresses_stay_the_home_s(platform: Kit) -> None:
    assert (await platform.visitor().get("/.well-known/security.txt")).status_code == 200
    assert (await platform.visitor().get("/.well-known/oauth-authorization-server/identity")).status_code == 404
