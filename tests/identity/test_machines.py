"""Machine clients through the doors: their tokens, their keys, and what they may."""

import asyncio
import base64
from typing import Any, cast
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from structlog.testing import capture_logs

from services.identity.domain.secrets import hashed
from services.identity.main import SERVICE
from services.identity.use_cases import access_tokens, machines, signing_keys
from shared.auth.tokens import issuer_at, verified
from shared.auth.who import Who
from shared.model.errors import Conflict, Invalid
from shared.ops.settings import Settings
from shared.runtime.kernel import Kernel
from shared.store.database import Pool, migrate, migrations_of, open_pool
from shared.vocabulary.permissions import HR
from tests.platform import ORIGIN, Kit

TOKEN, KEYS, STAFF_DOOR = "/identity/api/oauth/token", "/identity/api/jwks.json", "/identity/api/duplicates"


def machine_of(token: str, published: dict[str, Any], issuer: str = ORIGIN) -> Who | None:
    found = verified(token, KeySet.import_key_set(cast(Any, published)), issuer)
    return found.who if found else None


async def client(platform: Kit, *scopes: str) -> tuple[str, str]:
    name = f"client-{uuid4()}"
    return name, await machines.add_client(platform.service("identity").kernel.pool, name, scopes)


async def ask(platform: Kit, **form: str) -> httpx.Response:
    return await platform.visitor().client.post(TOKEN, data={"grant_type": "client_credentials", **form})


async def token_of(platform: Kit, *scopes: str) -> str:
    name, secret = await client(platform, *scopes)
    answer = await ask(platform, client_id=name, client_secret=secret)
    return str(answer.json()["access_token"])


async def knock(platform: Kit, token: str, door: str = STAFF_DOOR) -> int:
    return (await platform.visitor().get(door, headers={"authorization": f"Bearer {token}"})).status_code


async def test_a_client_gets_a_short_token_of_the_right_shape(platform: Kit) -> None:
    name, secret = await client(platform, "hr", "support")
    answer = await ask(platform, client_id=name, client_secret=secret, scope="hr")
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "hr")
    keys = KeySet.import_key_set((await platform.visitor().get(KEYS)).json())
    decoded = jwt.decode(body["access_token"], keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.claims["exp"] - decoded.claims["iat"] == 600
    assert (decoded.claims["aud"], decoded.claims["sub"], decoded.claims["org"]) == ("postulo", name, name)


async def test_without_a_wish_a_client_gets_all_its_scopes_also_by_basic_authentication(platform: Kit) -> None:
    name, secret = await client(platform, "support", "hr")
    form = {"grant_type": "client_credentials"}
    answer = await platform.visitor().client.post(TOKEN, data=form, auth=(name, secret))
    assert answer.json()["scope"] == "hr support"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "nobody", "client_secret": "x"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
async def test_refusals_are_those_of_the_standard(platform: Kit, form: dict[str, str], status: int, error: str) -> None:
    answer = await ask(platform, **form)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_a_wrong_secret_or_a_foreign_scope_is_refused(platform: Kit) -> None:
    name, secret = await client(platform, "support")
    wrong = await ask(platform, client_id=name, client_secret=secret + "x")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    wider = await ask(platform, client_id=name, client_secret=secret, scope="hr")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("header", [b"Basic", b"Basic !!!", b"Basic //8=", b"Bearer x", b"Basic \xff\xfe"])
async def test_a_broken_header_is_no_client(platform: Kit, header: bytes) -> None:
    form = {"grant_type": "client_credentials"}
    answer = await platform.visitor().client.post(TOKEN, data=form, headers={b"authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["OHRM Genève + 1", "100 %", "a:b", "hr/geneva?x=1&y", "人事", "plain", "🧭" * 60])
async def test_a_client_s_name_may_hold_any_character(platform: Kit, name: str) -> None:
    """The header's name and secret are encoded like a form's before they are joined (RFC 6749 §2.3.1)."""
    named = f"{name} {uuid4()}"
    secret = await machines.add_client(platform.service("identity").kernel.pool, named, ["support"])
    pair = f"{quote_plus(named)}:{quote_plus(secret)}"
    headers = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    form = {"grant_type": "client_credentials"}
    answer = await platform.visitor().client.post(TOKEN, data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    who = machine_of(answer.json()["access_token"], (await platform.visitor().get(KEYS)).json())
    assert who is not None
    assert who.client == named


async def test_a_token_opens_what_its_scope_allows_and_nothing_else(platform: Kit) -> None:
    assert await knock(platform, await token_of(platform, "hr")) == 200
    assert await knock(platform, await token_of(platform, "support")) == 403
    assert await knock(platform, "forged.token.x") == 401
    assert await knock(platform, "") == 401


async def test_a_token_is_no_session(platform: Kit) -> None:
    token = await token_of(platform, "hr")
    headers = {"authorization": f"Bearer {token}"}
    assert (await platform.visitor().api("POST", "/identity/api/logout", headers=headers)).status_code == 401


async def test_a_token_names_the_organisation_of_its_client(platform: Kit) -> None:
    name = f"client-{uuid4()}"
    pool = platform.service("identity").kernel.pool
    secret = await machines.add_client(pool, name, ["vacancies.write"], " OHRM ")
    token = (await ask(platform, client_id=name, client_secret=secret)).json()["access_token"]
    who = machine_of(token, (await platform.visitor().get(KEYS)).json())
    assert who is not None
    assert who.organisation == "OHRM"
    assert (who.owners, who.permissions) == (frozenset({"OHRM"}), frozenset({"vacancies.write"}))


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\0b"])
async def test_a_client_has_a_short_printable_name(pool: Pool, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await machines.add_client(pool, name, ["hr"], "OHRM")
    assert [problem.field for problem in refusal.value.problems] == ["name"]
    assert await machines.clients(pool) == []


@pytest.mark.parametrize("organisation", ["x" * 101, "a\nb", "a\0b"])
async def test_an_organisation_has_a_short_printable_name(pool: Pool, organisation: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await machines.add_client(pool, "hr-geneva", ["hr"], organisation)
    assert [problem.field for problem in refusal.value.problems] == ["organisation"]
    assert await machines.clients(pool) == []


async def test_a_client_of_hr_may_ask_for_any_part_and_no_part_for_the_whole(platform: Kit) -> None:
    name, secret = await client(platform, "hr")
    part = await ask(platform, client_id=name, client_secret=secret, scope="applications.read duplicates.read")
    assert (part.status_code, part.json()["scope"]) == (200, "applications.read duplicates.read")
    beyond = await ask(platform, client_id=name, client_secret=secret, scope="applications.read support")
    assert (beyond.status_code, beyond.json()) == (400, {"error": "invalid_scope"})
    name, secret = await client(platform, *sorted(HR))
    whole = await ask(platform, client_id=name, client_secret=secret, scope="hr")
    assert (whole.status_code, whole.json()) == (400, {"error": "invalid_scope"})


async def test_a_client_from_before_the_upgrade_is_an_organisation_of_its_own(database: str) -> None:
    """Its row is as the version before left it; the migration is the one that the upgrade applies."""
    mine = migrations_of("services.identity")
    newer = [(name, sql) for name, sql in mine if name >= "services.identity/0010"]
    await migrate(database, [each for each in mine if each not in newer])
    pool = await open_pool(database, 2, "test")
    sql = "insert into clients (name, secret_hash, scopes) values ('hr-geneva', $1, '{hr}')"
    await pool.execute(sql, hashed("an old secret"))
    assert await migrate(database, newer) == [name for name, _ in newer]
    kernel = Kernel(SERVICE, Settings(), pool)
    issued = await access_tokens.issue(kernel, "hr-geneva", "an old secret", "")
    who = machine_of(issued.token, await signing_keys.public_keys(kernel), issuer_at(kernel.settings.public_url))
    assert who is not None
    assert (issued.scope, who.organisation, who.permissions) == ("hr", "hr-geneva", HR)
    assert who.owners == frozenset({"hr-geneva", ""})
    assert [(each.name, each.organisation) for each in await machines.clients(pool)] == [("hr-geneva", "hr-geneva")]
    await pool.close()


async def test_a_removed_client_gets_no_further_token(platform: Kit) -> None:
    name, secret = await client(platform, "hr")
    assert await machines.remove_client(platform.service("identity").kernel.pool, name)
    assert (await ask(platform, client_id=name, client_secret=secret)).status_code == 401


async def test_a_client_is_added_once_and_only_with_scopes_that_exist(platform: Kit) -> None:
    pool = platform.service("identity").kernel.pool
    name, _ = await client(platform, "hr")
    with pytest.raises(Conflict):
        await machines.add_client(pool, name, ["hr"])
    with pytest.raises(Invalid):
        await machines.add_client(pool, f"{name}-2", ["everything"])


async def test_secrets_are_kept_as_hashes_only(platform: Kit) -> None:
    _, secret = await client(platform, "hr")
    assert secret not in str(await platform.service("identity").kernel.pool.fetch("select * from client_secrets"))


async def test_a_refused_client_is_logged_by_its_name_and_never_with_its_secret(
    platform: Kit,
) -> None:
    with capture_logs() as lines:
        form = {"grant_type": "client_credentials", "client_id": "hr-geneva", "client_secret": "guessed-secret"}
        answer = await platform.visitor().client.post(TOKEN, data=form)
    assert answer.status_code == 401
    told = [line for line in lines if line["event"] == "token refused"]
    assert [(line["client"], line["error"]) for line in told] == [("hr-geneva", "invalid_client")]
    assert "guessed-secret" not in str(lines)


async def test_published_keys_hold_nothing_private(platform: Kit) -> None:
    keys = (await platform.visitor().get(KEYS)).json()["keys"]
    assert keys
    for key in keys:
        assert {"kty", "crv", "x", "y", "kid", "use", "alg"} == set(key)
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")


async def test_many_asking_at_once_all_get_tokens(platform: Kit) -> None:
    tokens = await asyncio.gather(*(token_of(platform, "hr") for _ in range(5)))
    assert len(set(tokens)) == 5
