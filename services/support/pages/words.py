"""What the states of a ticket are called, and in which colour."""

from collections.abc import Mapping
from typing import Final

from services.support.domain import NATURES
from shared.model.errors import N_

NAMES_OF_LISTS: Final[Mapping[str, str]] = {
    "": N_("All tickets"),
    "waiting": N_("Waiting for an answer"),
    "answered": N_("Answered tickets"),
    "closed": N_("Closed tickets"),
    "declined": N_("Declined tickets"),
}
"""What the desk calls the tickets of each state; all of them under ""."""

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": (N_("Waiting for an answer"), "blue"),
    "answered": (N_("Answered"), "green"),
    "closed": (N_("Closed"), "grey"),
    "declined": (N_("Declined: not technical"), "grey"),
}


def nature_of(code: str) -> str:
    """The nature of a request in words."""
    return next((option.label for option in NATURES if option.value == code), "")
