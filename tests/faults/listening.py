"""Who has to hear of what, written by hand: what a service says of itself is not asked when it is judged."""

from collections.abc import Mapping
from typing import Final

_ACCOUNTS: Final = "postulo.identity.account.v1"
_PROFILES: Final = "postulo.profile.profile.v1"
_VACANCIES: Final = "postulo.vacancies.vacancy.v1"
_APPLICATIONS: Final = "postulo.applications.application.v1"
_SEARCHES: Final = "postulo.alerts.search.v1"
_SAVED: Final = "postulo.alerts.opening.v1"
_TICKETS: Final = "postulo.support.ticket.v1"

LISTENS: Final[Mapping[str, frozenset[str]]] = {
    "identity": frozenset(),
    "profile": frozenset({_ACCOUNTS}),
    "applications": frozenset({_ACCOUNTS, _PROFILES, _VACANCIES}),
    "vacancies": frozenset({_ACCOUNTS, _APPLICATIONS, _SAVED}),
    "alerts": frozenset({_ACCOUNTS, _APPLICATIONS, _VACANCIES}),
    "support": frozenset({_ACCOUNTS}),
    "careers": frozenset({_ACCOUNTS, _PROFILES, _APPLICATIONS, _VACANCIES, _SEARCHES, _SAVED, _TICKETS}),
}
"""By service, the topics of others every event of which each of its handlers marks."""
