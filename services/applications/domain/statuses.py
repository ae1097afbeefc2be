"""What statuses are called, and what each means, in one plain sentence."""

from collections.abc import Mapping
from typing import Final

from shared.model.errors import N_

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": (N_("Draft"), N_("The application was begun. It counts only once submitted for a job opening.")),
    "applied": (N_("Applied"), N_("The application was received. It can no longer be changed.")),
    "under_consideration": (N_("Under consideration"), N_("Recruiters have begun to examine the application.")),
    "selected": (N_("Selected"), N_("You were selected for this job opening. You will be contacted.")),
    "rostered": (
        N_("Rostered"),
        N_("You were put on the reserve list and can be chosen for similar job openings later."),
    ),
    "recruitment_completed": (
        N_("Recruitment completed"),
        N_("The recruitment has ended, and you were not chosen for this job opening."),
    ),
    "filled_from_roster": (N_("Filled from roster"), N_("The post was filled with somebody from the reserve list.")),
    "cancelled": (N_("Job opening cancelled"), N_("The job opening was cancelled. Nobody will be recruited for it.")),
    "withdrawn": (
        N_("Withdrawn"),
        N_("You withdrew your application. You cannot apply again for the same job opening."),
    ),
}
