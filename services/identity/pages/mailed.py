"""Where a code was mailed to, as the page that asks for it says so: hidden in part, in the browser that gave it.

A registration's address travels with the browser, signed: what the page shows is the same whether or not the address
has an account.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

from starlette.responses import Response

from shared.vocabulary import cookies
from shared.web import PageContext

MAILED: Final = cookies.MAILED.name
HIDDEN: Final = "•••"


def hidden_in_part(email: str) -> str:
    """What its owner recognises, and what shows a slip in the domain: a•••r@example.org."""
    name, _, domain = email.strip().rpartition("@")
    last = name[-1] if len(name) > 3 else ""
    return f"{name[:1]}{HIDDEN}{last}@{domain}"


def remember(page: PageContext, response: Response, registration: UUID, email: str) -> None:
    told = urlsafe_b64encode(f"{registration} {hidden_in_part(email)}".encode()).decode()
    signed, age = page.request.app.state.signer.signed(MAILED, told), cookies.MAILED.seconds
    response.set_cookie(MAILED, signed, age, path="/", secure=True, httponly=True, samesite="lax")


def mailed_to(page: PageContext, registration: UUID | None) -> str:
    """The address of this registration, if it was given in this browser; hidden in part."""
    told = page.request.app.state.signer.read(MAILED, page.request.cookies.get(MAILED, ""))
    whose, _, address = urlsafe_b64decode(told or "").decode().partition(" ")
    return address if whose == str(registration) else ""
