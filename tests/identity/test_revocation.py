"""Tokens that end before their time: revoked by their client, or with the client or the secret that they came from."""

from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from services.identity.use_cases import machines
from shared.auth.tokens import ASKED_EVERY, REVOKED_KEPT_FOR
from tests.platform import Kit
from tests.shared.clock import Clock
from tests.shared.test_auth import Away, elsewhere

TOKEN, REVOCATION = "/identity/api/oauth/token", "/identity/api/oauth/revocation"
GRANT: Final = {"grant_type": "client_credentials"}


class Service:
    """Another service, by a clock of its own: which machines it lets in."""

    def __init__(self, platform: Kit) -> None:
        self.network, self.clock = Away(platform), Clock()
        self.sessions = elsewhere(self.network, self.clock)

    async def takes(self, token: str) -> bool:
        return await self.sessions.machine(token) is not None


async def client(platform: Kit) -> tuple[str, str]:
    name = f"client-{uuid4()}"
    return name, await machines.add_client(platform.service("identity").kernel.pool, name, ["hr"])


async def token_for(platform: Kit, pair: tuple[str, str]) -> str:
    answer = await platform.visitor().client.post(TOKEN, data=GRANT, auth=pair)
    return str(answer.json()["access_token"])


async def revoke(platform: Kit, pair: tuple[str, str], **form: str) -> httpx.Response:
    return await platform.visitor().client.post(REVOCATION, data=form, auth=pair)


def told(answer: httpx.Response) -> tuple[int, Any]:
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json() if answer.content else None


async def test_a_client_ends_its_token_and_no_other(platform: Kit) -> None:
    pair, service = await client(platform), Service(platform)
    ended, other = await token_for(platform, pair), await token_for(platform, pair)
    assert await service.takes(ended)
    assert told(await revoke(platform, pair, token=ended, token_type_hint="access_token")) == (200, None)
    service.clock.now += REVOKED_KEPT_FOR
    assert not await service.takes(ended)
    assert await service.takes(other)
    assert told(await revoke(platform, pair, token=ended)) == (200, None)


async def test_the_secret_may_stand_in_the_form(platform: Kit) -> None:
    name, secret = await client(platform)
    ended, service = await token_for(platform, (name, secret)), Service(platform)
    form = {"token": ended, "client_id": name, "client_secret": secret}
    assert told(await platform.visitor().client.post(REVOCATION, data=form)) == (200, None)
    assert not await service.takes(ended)


@pytest.mark.parametrize("token", ["x", "a.b.c", "é" * 100])
async def test_what_is_no_token_needs_no_revocation(platform: Kit, token: str) -> None:
    assert told(await revoke(platform, await client(platform), token=token)) == (200, None)


async def test_another_client_s_token_is_left_alone(platform: Kit) -> None:
    token, service = await token_for(platform, await client(platform)), Service(platform)
    assert told(await revoke(platform, await client(platform), token=token)) == (400, {"error": "invalid_grant"})
    assert await service.takes(token)


async def test_who_shows_no_secret_ends_nothing(platform: Kit) -> None:
    name, secret = await client(platform)
    token, service = await token_for(platform, (name, secret)), Service(platform)
    for pair in ((name, "guessed"), ("nobody", secret), ("a\0b", secret)):
        answer = await revoke(platform, pair, token=token)
        assert told(answer) == (401, {"error": "invalid_client"})
        assert answer.headers["www-authenticate"] == "Basic"
    assert told(await revoke(platform, (name, secret))) == (400, {"error": "invalid_request"})
    assert await service.takes(token)


async def test_with_a_client_its_tokens_end_and_a_new_one_of_its_name_begins_anew(platform: Kit) -> None:
    pair, service = await client(platform), Service(platform)
    pool = platform.service("identity").kernel.pool
    token = await token_for(platform, pair)
    assert await service.takes(token)
    assert await machines.remove_client(pool, pair[0])
    service.clock.now += REVOKED_KEPT_FOR
    assert not await service.takes(token)
    again = await machines.add_client(pool, pair[0], ["hr"])
    assert await service.takes(await token_for(platform, (pair[0], again)))
    assert not await service.takes(token)
    assert not await machines.remove_client(pool, f"{pair[0]}-2")


async def test_with_a_secret_the_tokens_end_that_were_given_for_it(platform: Kit) -> None:
    (name, old), service = await client(platform), Service(platform)
    pool = platform.service("identity").kernel.pool
    new = await machines.add_secret(pool, name)
    for_old, for_new = await token_for(platform, (name, old)), await token_for(platform, (name, new))
    await machines.remove_secret(pool, name, (await machines.secrets_of(pool, name))[0].id)
    assert (await service.takes(for_old), await service.takes(for_new)) == (False, True)


async def test_a_service_that_has_just_started_knows_what_was_revoked_before(platform: Kit) -> None:
    pair = await client(platform)
    token = await token_for(platform, pair)
    await revoke(platform, pair, token=token)
    assert not await Service(platform).takes(token)


async def test_while_identity_is_away_what_is_known_holds_and_nobody_is_let_in_by_guess(platform: Kit) -> None:
    pair, knowing, new = await client(platform), Service(platform), Service(platform)
    revoked, other = await token_for(platform, pair), await token_for(platform, pair)
    await revoke(platform, pair, token=revoked)
    assert not await knowing.takes(revoked)
    knowing.network.away = new.network.away = True
    knowing.clock.now += REVOKED_KEPT_FOR
    assert (await knowing.takes(revoked), await knowing.takes(other)) == (False, True)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await new.takes(other)
    new.network.away = False
    new.clock.now += ASKED_EVERY
    assert (await new.takes(revoked), await new.takes(other)) == (False, True)


async def test_what_is_published_of_revocations_names_nobody_and_is_forgotten_with_the_tokens(platform: Kit) -> None:
    pair, pool = await client(platform), platform.service("identity").kernel.pool
    await revoke(platform, pair, token=await token_for(platform, pair))
    answer = await platform.visitor().get("/identity/api/oauth/revoked")
    assert (answer.status_code, answer.json().keys()) == (200, {"revoked"})
    assert answer.json()["revoked"]
    assert pair[0] not in answer.text
    await pool.execute("update revoked set until = clock_timestamp()")
    assert (await platform.visitor().get("/identity/api/oauth/revoked")).json() == {"revoked": []}
    await machines.remove_client(pool, pair[0])
    assert await pool.fetchval("select count(*) from revoked") == 1
