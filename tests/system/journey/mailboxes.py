"""What arrived in a mailbox: the one of `make run`, or Mailpit, which stands in the containers."""

from typing import Any, Final

import httpx

READ: Final = 50
"""How many of Mailpit's mails, which it gives one by one."""


async def mails_to(address: str, client: httpx.AsyncClient, mailbox: str) -> list[dict[str, Any]]:
    """All mails to this address, the newest first, each with `subject` and `text`; mailbox: its URL."""
    answer = await client.get(f"{mailbox}/api/mails", params={"to": address})
    return list(answer.json()) if answer.is_success else await _of_mailpit(address, client, f"{mailbox}/api/v1")


async def _of_mailpit(address: str, client: httpx.AsyncClient, door: str) -> list[dict[str, Any]]:
    found = await client.get(f"{door}/search", params={"query": f'to:"{address}"', "limit": str(READ)})
    mails = [(await client.get(f"{door}/message/{mail['ID']}")).json() for mail in found.json()["messages"]]
    return [{"subject": mail["Subject"], "text": mail["Text"]} for mail in mails]
