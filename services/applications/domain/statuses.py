"""What statuses are called, and what each means, in one plain sentence."""

from collections.abc import Mapping
from typing import Final

from shared.errors import N_

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": (N_("Draft"), N_("You can change it. It is not submitted.")),
    "applied": (N_("Applied"), N_("Your application was received.")),
    "under_consideration": (N_("Under consideration"), N_("Recruiters are examining your application.")),
    "selected": (N_("Selected"), N_("You were chosen for this job.")),
    "rostered": (N_("Rostered"), N_("You may be offered a similar job later without applying again.")),
    "recruitment_completed": (N_("Recruitment completed"), N_("Somebody else was chosen for this job.")),
    "filled_from_roster": (N_("Filled from roster"), N_("The job was given to somebody from the reserve list.")),
    "cancelled": (N_("Job opening cancelled"), N_("There will be no recruitment for this job opening.")),
    "withdrawn": (N_("Withdrawn"), N_("You are no longer a candidate for this job.")),
}
