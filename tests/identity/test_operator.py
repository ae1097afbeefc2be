"""The operator's commands, as they are typed."""

import getpass
import re
from uuid import uuid4

import pytest

from services.identity.domain.account import ACCOUNT
from services.identity.events import RoleGranted, RoleRevoked
from services.site import chosen
from tests.identity.people import log_in, new_address, registration
from tests.platform import ORIGIN, PASSWORD, Kit, add_app, commanded_here, until


async def typed(platform: Kit, *words: str) -> tuple[int, str]:
    """Exit status and output of a command of identity."""
    return await commanded_here(platform, "identity", *words)


async def test_a_client_is_added_once_with_a_secret_that_is_shown_once_and_removed(platform: Kit) -> None:
    name = f"hr-{uuid4()}"
    status, output = await typed(platform, "add-client", name, "--scope", "hr")
    assert status == 0
    door = rf"{ORIGIN}/identity/api/oauth/token"
    told = rf"A token, for 10 minutes:\n  curl -s -u {name}:([\w-]{{43}}) -d grant_type=client_credentials {door}\n"
    shown = re.fullmatch(rf"client_id: {name}\nclient_secret: ([\w-]{{43}})\n{told}", output)
    assert shown
    assert shown[1] == shown[2]
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": shown[1]}
    assert (await platform.visitor().client.post("/identity/api/oauth/token", data=form)).json()["scope"] == "hr"
    assert await typed(platform, "add-client", name, "--scope", "hr") == (1, f"There is a client “{name}” already\n")
    clients = (await typed(platform, "clients"))[1]
    assert re.search(rf"^{name}: hr \(of {name}, since [\d-]+\)$", clients, re.MULTILINE)
    assert await typed(platform, "remove-client", name) == (0, "removed\n")
    assert (await platform.visitor().client.post("/identity/api/oauth/token", data=form)).status_code == 401


async def test_a_secret_is_changed_while_both_hold(platform: Kit) -> None:
    """The operator adds the new one, tells the client's owner, sees that it is used, and removes the old one."""
    name = f"hr {uuid4()}"
    form = {"grant_type": "client_credentials", "client_id": name}

    async def status(secret: str) -> int:
        answer = await platform.visitor().client.post(
            "/identity/api/oauth/token", data={**form, "client_secret": secret}
        )
        return answer.status_code

    old = shown_secret((await typed(platform, "add-client", name, "--scope", "hr"))[1])
    assert await status(old) == 200
    new = shown_secret((await typed(platform, "add-secret", name))[1])
    told = f"“{name}” has 2 secrets already. Remove one first\n"
    assert await typed(platform, "add-secret", name) == (1, told)
    listed = (await typed(platform, "secrets", name))[1].splitlines()
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    first = re.fullmatch(rf"([0-9a-f-]{{36}}) \(since {when}, last used {when}\)", listed[0])
    assert first
    assert re.fullmatch(rf"[0-9a-f-]{{36}} \(since {when}, never used\)", listed[1])
    assert (await status(old), await status(new)) == (200, 200)
    assert await typed(platform, "remove-secret", name, first[1]) == (0, "removed\n")
    assert (await status(old), await status(new)) == (401, 200)
    assert await typed(platform, "remove-secret", name, first[1]) == (1, f"“{name}” has no such secret\n")
    status_of, said = await typed(platform, "remove-secret", name, "nosuch")
    assert (status_of, "“nosuch” is no id of a secret" in said) == (2, True)
    for command in (("secrets",), ("add-secret",), ("remove-secret", first[1])):
        words = (command[0], "nobody", *command[1:])
        assert await typed(platform, *words) == (1, "There is no client “nobody”\n")


def shown_secret(output: str) -> str:
    found = re.search(r"client_secret: ([\w-]{43})", output)
    assert found, output
    return found[1]


async def test_a_client_is_added_with_narrow_scopes_for_an_organisation(platform: Kit) -> None:
    name = f"hr-{uuid4()}"
    scopes = ("--scope", "vacancies.write", "--scope", "applications.read")
    status, output = await typed(platform, "add-client", name, *scopes, "--organisation", "OHRM Geneva")
    assert (status, output.partition("\n")[0]) == (0, f"client_id: {name}")
    clients = (await typed(platform, "clients"))[1]
    assert re.search(
        rf"^{name}: applications.read, vacancies.write \(of OHRM Geneva, since [\d-]+\)$", clients, re.MULTILINE
    )
    told = "The name of an organisation has 1 to 100 printable characters\n"
    assert await typed(platform, "add-client", f"{name}-2", *scopes, "--organisation", "x" * 101) == (1, told)
    assert await typed(platform, "add-client", f"{name}-2", "--scope", "every") == (1, "There is no scope “every”\n")


async def test_an_account_is_found_by_its_address_or_its_code_and_nothing_more_is_said_of_it(platform: Kit) -> None:
    anna = await platform.staff("support")
    told = (0, f"account-{anna.account_id} active: candidate, support\n")
    for known in (anna.email, anna.email.upper(), anna.user_code, anna.user_code.lower().replace("-", " ")):
        assert await typed(platform, "account", known) == told
    unproven = registration(email=new_address())
    answer = await platform.visitor().api("POST", "/identity/api/registrations", json=unproven)
    subject = f"account-{answer.json()['account_id']}"
    await platform.settled()
    assert await typed(platform, "account", unproven["email"]) == (0, f"{subject} unproven: candidate\n")
    assert await typed(platform, "account", new_address()) == (1, "There is no such account\n")


async def test_a_closed_account_is_found_by_its_code_alone(platform: Kit) -> None:
    anna = await platform.candidate()
    await anna.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
    await platform.settled()
    closed = (0, f"account-{anna.account_id} closed: candidate\n")
    assert await typed(platform, "account", anna.user_code) == closed
    assert await typed(platform, "account", anna.email) == (1, "There is no such account\n")


async def test_a_role_is_granted_to_a_live_account_only(platform: Kit) -> None:
    anna = await platform.candidate()
    assert await typed(platform, "grant", anna.email, "support") == (0, "done\n")
    account = await platform.service("identity").kernel.state(ACCOUNT, anna.account_id)
    assert account.roles == {"candidate", "support"}
    assert await typed(platform, "grant", "nobody@example.org", "hr") == (1, "There is no such account\n")
    assert await typed(platform, "grant", anna.email, "publisher") == (0, "done\n")
    assert await typed(platform, "grant", anna.email, "emperor") == (1, "There is no role “emperor”\n")
    account = await platform.service("identity").kernel.state(ACCOUNT, anna.account_id)
    assert account.roles == {"candidate", "support", "publisher"}


async def test_granting_and_revoking_name_the_operator_and_a_revoked_role_stops_at_once(platform: Kit) -> None:
    agent = await platform.staff("support")
    assert (await agent.get("/support/desk")).status_code == 200
    assert await typed(platform, "revoke", agent.email, "support") == (0, "done\n")
    kernel = platform.service("identity").kernel
    stream = ACCOUNT.stream(agent.account_id)
    last = (await kernel.store.load(stream)).streams[stream][-1]
    assert (type(last.data), last.actor) == (RoleRevoked, f"operator:{getpass.getuser()}")

    async def stopped() -> bool:
        return (await agent.client.get("/support/desk", follow_redirects=False)).status_code == 303

    await until(stopped, "support to hear that the session has ended")
    assert await typed(platform, "grant", agent.email, "support") == (0, "done\n")
    last = (await kernel.store.load(stream)).streams[stream][-1]
    assert (type(last.data), last.actor) == (RoleGranted, f"operator:{getpass.getuser()}")


async def test_second_factors_are_removed_for_a_holder_who_has_lost_them(platform: Kit) -> None:
    anna = await platform.candidate()
    await add_app(anna)
    assert (await log_in(platform.visitor(), anna.email)).status_code == 202
    assert await typed(platform, "remove-second-factors", anna.email) == (0, "removed: 1\n")
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200
    await platform.mail(anna.email, "identity/mail/second_factor_removed")
    refused = await typed(platform, "remove-second-factors", "nobody@example.org")
    assert refused == (1, "There is no such account\n")


async def test_signing_keys_are_listed_and_revoked(platform: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth.tokens.ASKED_EVERY", 0.0)
    await platform.machine("support")
    status, listed = await typed(platform, "keys")
    assert status == 0
    kids = re.findall(r"^([\w-]+) \(since [\d-]+ [\d:]+\)$", listed, re.MULTILINE)
    assert kids
    assert await typed(platform, "revoke-keys", "unknown") == (0, "there is no such key\n")
    assert await typed(platform, "revoke-keys", kids[0]) == (0, f"revoked {kids[0]}\n")
    published = (await platform.visitor().get("/identity/api/jwks.json")).json()["keys"]
    assert kids[0] not in {key["kid"] for key in published}

    machine = await platform.machine("events")
    for service in (service for service in chosen(None) if service.published.aggregates):
        answer = await machine.api("GET", f"/{service.name}/api/events?limit=1")
        assert answer.status_code == 200, "it asks for the new key"
