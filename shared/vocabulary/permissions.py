"""What staff and machines may do: permissions named by the work, the roles of people, the scopes of machines. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

Permission = Literal[
    "vacancies.write",
    "applications.read",
    "applications.status",
    "accommodations.read",
    "equivalences.write",
    "duplicates.read",
    "events",
    "support",
]

PERMISSIONS: Final[Mapping[str, str]] = {
    "vacancies.write": "Publish vacancies, amend, extend and cancel those of the own organisation",
    "applications.read": "Read applications submitted for the own organisation's vacancies, with their files",
    "applications.status": "Set the statuses of applications for the own organisation's vacancies",
    "accommodations.read": "Read what candidates for the own organisation's vacancies need in tests and interviews",
    "equivalences.write": "Keep the catalogue of degree equivalences and read what candidates report of it",
    "duplicates.read": "Read which accounts may belong to one person",
    "events": "Read the published events of every service, whatever organisation they are about",
    "support": "Answer support tickets",
}
"""Each with what it allows, in the words of the API's documentation."""

HR: Final[frozenset[Permission]] = frozenset(
    {"vacancies.write", "applications.read", "applications.status", "equivalences.write", "duplicates.read", "events"}
)
"""What the role and the scope `hr` mean: all that HR works with, the feed of all organisations' events included.

What candidates need because of a disability is not among it: whoever arranges that is given its permission by name.
"""

ROLES: Final[Mapping[str, frozenset[Permission]]] = {
    "accommodation_officer": frozenset({"accommodations.read"}),
    "curator": frozenset({"equivalences.write"}),
    "publisher": frozenset({"vacancies.write"}),
    "reader": frozenset({"applications.read"}),
    "recruiter": frozenset({"applications.read", "applications.status"}),
    "registrar": frozenset({"duplicates.read"}),
    "subscriber": frozenset({"events"}),
    "support": frozenset({"support"}),
    "hr": HR,
    "administrator": frozenset(get_args(Permission)),
}
"""What an operator can grant to people; every registered person is a candidate besides."""

SCOPES: Final[Mapping[str, str]] = {
    **PERMISSIONS,
    "hr": "All of these but accommodations.read and support, also for vacancies that belong to no organisation",
}
"""What an operator can give to machines: permissions, and the sum of those of HR."""

Owners = frozenset[str] | None
"""The organisations whose things are within somebody's reach; "" for what belongs to none, None for everything."""


def of_roles(roles: Iterable[str]) -> frozenset[str]:
    """What a person with these roles may do."""
    return frozenset(permission for role in roles for permission in ROLES.get(role, ()))


def of_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """What a machine with these scopes may do."""
    asked = frozenset(scopes)
    return asked & frozenset(PERMISSIONS) | (HR if "hr" in asked else frozenset())


def within_reach(owners: Owners, organisation: str) -> bool:
    """Whether what belongs to this organisation ("": to none) is within this reach."""
    return owners is None or organisation in owners
