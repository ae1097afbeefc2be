"""Commands for the operator: machine clients and the roles of people."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from services.identity import domain
from services.identity.domain.account import ACCOUNT, GrantRole, RevokeRole
from services.identity.domain.claim import CLAIM
from services.identity.domain.registration import address_id
from services.identity.events import PUBLISHED
from services.identity.use_cases import machines
from shared.model.errors import Refused
from shared.ops.settings import load
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel, with_kernel
from shared.vocabulary.permissions import ROLES, SCOPES

COMMANDS = typer.Typer(help="Machine clients and roles.", no_args_is_help=True)
console = Console()
R = TypeVar("R")

Name = Annotated[str, typer.Argument(help="The client's name, such as hr-geneva.")]
Scopes = Annotated[
    list[str], typer.Option("--scope", help=f"What it may do: {', '.join(SCOPES)}. May be given several times.")
]
Organisation = Annotated[
    str, typer.Option(help="Whose vacancies it may change and whose applications it may see. Default: its own name.")
]
Email = Annotated[str, typer.Argument(help="The proven address of the account.")]
Role = Annotated[str, typer.Argument(help=f"{', '.join(ROLES)}.")]


def carry_out(work: Callable[[Kernel], Awaitable[R]]) -> R:
    """Does it on identity's kernel; a refusal becomes one line and exit status 1."""
    service = Service(name="identity", published=PUBLISHED, deciders=domain.ALL)
    try:
        return asyncio.run(with_kernel(service, load(), work))
    except Refused as refusal:
        console.print("\n".join(map(str, refusal.problems)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None


@COMMANDS.command("add-client")
def add_client(name: Name, scope: Scopes, organisation: Organisation = "") -> None:
    """Registers a machine client and prints its secret, once."""
    secret = carry_out(lambda kernel: machines.add_client(kernel.pool, name, scope, organisation))
    console.print(f"client_id: {name}\nclient_secret: {secret}", soft_wrap=True, highlight=False)


@COMMANDS.command("remove-client")
def remove_client(name: Name) -> None:
    """The client gets no further token."""
    removed = carry_out(lambda kernel: machines.remove_client(kernel.pool, name))
    console.print("removed" if removed else f"there is no client “{name}”", soft_wrap=True)


@COMMANDS.command("new-secret")
def new_secret(name: Name) -> None:
    """Gives a client another secret and prints it, once; the old one is void."""
    secret = carry_out(lambda kernel: machines.new_secret(kernel.pool, name))
    shown = f"client_id: {name}\nclient_secret: {secret}" if secret else f"there is no client “{name}”"
    console.print(shown, soft_wrap=True, highlight=False)


@COMMANDS.command("clients")
def clients() -> None:
    """Lists the machine clients with what they may do."""
    for client in carry_out(lambda kernel: machines.clients(kernel.pool)):
        known = f"of {client.organisation}, since {client.created_at:%Y-%m-%d}"
        console.print(f"{client.name}: {', '.join(client.scopes)} ({known})", soft_wrap=True, highlight=False)


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


async def change(kernel: Kernel, email: str, command: GrantRole | RevokeRole) -> None:
    """Raises NotFound when there is no live account under this address, or no such role."""
    holder = (await kernel.state(CLAIM, address_id(email))).holder
    await kernel.execute(ACCOUNT, holder, command)
