"""The statuses of an application as candidates see them (rules §1.10), and one plain sentence on what each means."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.model.errors import N_


class Status(NamedTuple):
    """`label` and `meaning` are catalogue keys; `colour` is that of the tag."""

    label: str
    meaning: str
    colour: str


STATUSES: Final[Mapping[str, Status]] = {
    "draft": Status(
        N_("Draft"), N_("The application was begun. It counts only once submitted for a job opening."), "yellow"
    ),
    "applied": Status(N_("Applied"), N_("The application was received. It can no longer be changed."), "blue"),
    "under_consideration": Status(
        N_("Under consideration"), N_("Recruiters have begun to examine the application."), "blue"
    ),
    "selected": Status(N_("Selected"), N_("You were selected for this job opening. You will be contacted."), "green"),
    "rostered": Status(
        N_("Rostered"),
        N_("You were put on the reserve list and can be chosen for similar job openings later."),
        "green",
    ),
    "recruitment_completed": Status(
        N_("Recruitment completed"),
        N_("The recruitment has ended, and you were not chosen for this job opening."),
        "grey",
    ),
    "filled_from_roster": Status(
        N_("Filled from roster"), N_("The post was filled with somebody from the reserve list."), "grey"
    ),
    "cancelled": Status(
        N_("Job opening cancelled"), N_("The job opening was cancelled. Nobody will be recruited for it."), "grey"
    ),
    "withdrawn": Status(
        N_("Withdrawn"), N_("You withdrew your application. You cannot apply again for the same job opening."), "grey"
    ),
}
"""The sentences are read long after, too."""

WITHDRAWABLE: Final = frozenset({"applied", "under_consideration"})
