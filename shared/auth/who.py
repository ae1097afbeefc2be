"""Who is asking, with what they may do and reach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.vocabulary import permissions
from shared.vocabulary.permissions import ROLES, Owners

STAFF: Final = frozenset(ROLES)


@dataclass(frozen=True)
class Who:
    """A person in a session, or a machine with a token. `expires_at`: end if idle from now on; `ends_at`: last end.

    strong: the session began with a second factor. Staff's roles work in such sessions only: in others they are
    `idle_roles`.
    organisation: whose machine it is; a person has none.
    """

    account_id: UUID
    user_code: str
    roles: frozenset[str]
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None
    language: str = "en"
    name: str = ""
    email: str = ""
    expires_at: datetime | None = None
    ends_at: datetime | None = None
    client: str = ""
    strong: bool = False
    idle_roles: frozenset[str] = frozenset()
    organisation: str = ""

    @property
    def permissions(self) -> frozenset[str]:
        """What the roles of a person, or the scopes of a machine, allow."""
        return permissions.of_scopes(self.scopes) if self.client else permissions.of_roles(self.roles)

    @property
    def owners(self) -> Owners:
        """Whose vacancies are within reach: every one for staff, those of its organisation for a machine.

        The scope `hr` reaches those that belong to none too, as it did before there were organisations.
        """
        if not self.client:
            return None
        return frozenset({self.organisation, ""} if "hr" in self.scopes else {self.organisation})

    @property
    def actor(self) -> str:
        """Who did it, as events remember it: `machine:<client>`, `agent:<id>` (any staff) or `candidate:<id>`."""
        if self.client:
            return f"machine:{self.client}"
        return f"{'agent' if self.roles & STAFF else 'candidate'}:{self.account_id}"
