"""Commands for the operator: machine clients and the roles of people."""

import asyncio
import getpass
import shlex
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import quote_plus
from uuid import UUID

import typer
from rich.console import Console

from services.identity import domain
from services.identity.domain.account import ACCOUNT, GrantRole, RevokeRole
from services.identity.domain.claim import CLAIM
from services.identity.domain.registration import address_id
from services.identity.events import PUBLISHED
from services.identity.use_cases import looking_up, machines, second_factors, sessions, signing_keys
from shared.auth import TOKEN_PATH
from shared.auth.tokens import issuer_at
from shared.model.errors import N_, NotFound, Refused
from shared.model.reaction import Do
from shared.ops.context import Context, entered
from shared.ops.settings import load
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel, with_kernel
from shared.vocabulary.permissions import ROLES, SCOPES

COMMANDS = typer.Typer(help="Machine clients, accounts and roles.", no_args_is_help=True)
console = Console()
R = TypeVar("R")

Name = Annotated[str, typer.Argument(help="The client's name, such as hr-geneva.")]
Scopes = Annotated[
    list[str], typer.Option("--scope", help=f"What it may do: {', '.join(SCOPES)}. May be given several times.")
]
Organisation = Annotated[
    str, typer.Option(help="Whose vacancies it may change and whose applications it may see. Default: its own name.")
]


def _secret_id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise typer.BadParameter(f"“{typed}” is no id of a secret; `identity secrets NAME` lists them") from None


Secret = Annotated[UUID, typer.Argument(parser=_secret_id, help="Its id, as `secrets` lists it.")]
Kids = Annotated[list[str] | None, typer.Argument(help="As `keys` lists them. Default: all.")]
Email = Annotated[str, typer.Argument(help="The proven address of the account.")]
Login = Annotated[str, typer.Argument(metavar="EMAIL|USER-CODE", help="The address, proven or not, or the user code.")]
Role = Annotated[str, typer.Argument(help=f"{', '.join(ROLES)}.")]


def say(text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)


def carry_out(work: Callable[[Kernel], Awaitable[R]]) -> R:
    """Does it on identity's kernel, as the operator at the keyboard; a refusal is one line and exit status 1."""
    service = Service(name="identity", published=PUBLISHED, deciders=domain.ALL)

    async def as_operator() -> R:
        with entered(Context(actor=f"operator:{getpass.getuser()}")):
            return await with_kernel(service, load(), work)

    try:
        return asyncio.run(as_operator())
    except Refused as refusal:
        console.print("\n".join(map(str, refusal.problems)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None


@COMMANDS.command("add-client")
def add_client(name: Name, scope: Scopes, organisation: Organisation = "") -> None:
    """Registers a machine client and prints its secret, once, and how it gets a token."""
    secret, site = carry_out(lambda kernel: _added(kernel, name, scope, organisation))
    _show(name, secret)
    pair = shlex.quote(f"{quote_plus(name)}:{secret}")
    told = f"A token, for {int(machines.TOKENS_LAST.total_seconds() // 60)} minutes:\n"
    say(f"{told}  curl -s -u {pair} -d grant_type=client_credentials {site}{TOKEN_PATH}")


async def _added(kernel: Kernel, name: str, scope: list[str], organisation: str) -> tuple[str, str]:
    secret = await machines.add_client(kernel.pool, name, scope, organisation)
    return secret, issuer_at(kernel.settings.public_url)


def _show(name: str, secret: str) -> None:
    say(f"client_id: {name}\nclient_secret: {secret}")


@COMMANDS.command("remove-client")
def remove_client(name: Name) -> None:
    """The client gets no further token, and within a minute no service takes one that it has."""
    removed = carry_out(lambda kernel: machines.remove_client(kernel.pool, name))
    say("removed" if removed else f"there is no client “{name}”")


@COMMANDS.command("add-secret")
def add_secret(name: Name) -> None:
    """Gives a client a second secret and prints it, once; the first one holds until it is removed."""
    _show(name, carry_out(lambda kernel: machines.add_secret(kernel.pool, name)))


@COMMANDS.command("secrets")
def list_secrets(name: Name) -> None:
    """Lists the secrets of a client, the oldest first: their ids, and when a token was last given for each."""
    for secret in carry_out(lambda kernel: machines.secrets_of(kernel.pool, name)):
        used = f"last used {secret.used_at:%Y-%m-%d %H:%M}" if secret.used_at else "never used"
        say(f"{secret.id} (since {secret.created_at:%Y-%m-%d %H:%M}, {used})")


@COMMANDS.command("remove-secret")
def remove_secret(name: Name, secret: Secret) -> None:
    """Removes a secret; within a minute no service takes a token that was given for it."""
    carry_out(lambda kernel: machines.remove_secret(kernel.pool, name, secret))
    say("removed")


@COMMANDS.command("clients")
def clients() -> None:
    """Lists the machine clients with what they may do."""
    for client in carry_out(lambda kernel: machines.clients(kernel.pool)):
        known = f"of {client.organisation}, since {client.created_at:%Y-%m-%d}"
        say(f"{client.name}: {', '.join(client.scopes)} ({known})")


@COMMANDS.command("account")
def account(login: Login) -> None:
    """Shows whose account it is, as `hold` names it, whether it is active, unproven or closed, and its roles."""
    for found in carry_out(lambda kernel: looking_up.accounts_of(kernel, login)):
        say(f"{ACCOUNT.stream(found.account_id)} {found.state}: {', '.join(sorted(found.roles)) or 'no roles'}")


@COMMANDS.command("grant")
def grant(email: Email, role: Role) -> None:
    """Gives a role to the holder of an account. Staff see every organisation's vacancies and applications."""
    carry_out(lambda kernel: change(kernel, email, GrantRole(role=role)))
    console.print("done")


@COMMANDS.command("revoke")
def revoke(email: Email, role: Role) -> None:
    """Takes a role away."""
    carry_out(lambda kernel: change(kernel, email, RevokeRole(role=role)))
    console.print("done")


@COMMANDS.command("remove-second-factors")
def remove_second_factors(email: Email) -> None:
    """Takes all second factors of an account away, for a holder who has lost them; the holder is told by mail."""
    removed = carry_out(lambda kernel: _without_factors(kernel, email))
    console.print(f"removed: {removed}")


@COMMANDS.command("keys")
def keys() -> None:
    """Lists the keys that sign machines' tokens, the newest first."""
    for key in carry_out(lambda kernel: signing_keys.listed(kernel.pool)):
        say(f"{key.kid} (since {key.created_at:%Y-%m-%d %H:%M})")


@COMMANDS.command("revoke-keys")
def revoke_keys(kid: Kids = None) -> None:
    """Revokes signing keys, all if none is named. Within a minute no service takes a token that they signed."""
    revoked = carry_out(lambda kernel: signing_keys.revoke(kernel.pool, kid or []))
    console.print("\n".join(f"revoked {each}" for each in revoked) or "there is no such key", soft_wrap=True)


async def change(kernel: Kernel, email: str, command: GrantRole | RevokeRole) -> None:
    """Raises NotFound when there is no live account under this address, or no such role.

    A revoked role stops at once: with it end the sessions of whoever had it, which every service is told of.
    """
    holder = (await kernel.state(CLAIM, address_id(email))).holder
    if isinstance(command, GrantRole) or holder is None:
        await kernel.execute(ACCOUNT, holder, command)
        return
    over = await sessions.of_account(kernel, holder)
    await kernel.execute_all(Do(ACCOUNT, holder, command), *sessions.ends(over), also=sessions.Over(over))


async def _without_factors(kernel: Kernel, email: str) -> int:
    holder = (await kernel.state(CLAIM, address_id(email))).holder
    if holder is None:
        raise NotFound.because(N_("There is no such account"))
    mine = [factor.factor_id for factor in await second_factors.factors_of(kernel, holder)]
    await second_factors.remove(kernel, holder, mine)
    return len(mine)
