"""What the states of a ticket are called, and in which colour."""

from collections.abc import Mapping
from typing import Final

from services.support.domain import NATURES
from services.support.events import Status
from shared.model.errors import N_

NAMES_OF_LISTS: Final[Mapping[str, str]] = {"": N_("All tickets")} | {status.value: status.listed for status in Status}
"""What the desk calls the tickets of each state; all of them under ""."""

_COLOURS: Final[Mapping[Status, str]] = {Status.WAITING: "blue", Status.ANSWERED: "green"}
"""Of a state's tag; grey where the ticket is over."""

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    status.value: (status.label, _COLOURS.get(status, "grey")) for status in Status
}
"""What each state is called, and in which colour."""


def nature_of(code: str) -> str:
    """The nature of a request in words."""
    return next((option.label for option in NATURES if option.value == code), "")
