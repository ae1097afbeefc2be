"""The statuses of an application: the one list, read by rules, views, mails, pages and the Careers page."""

from typing import Literal, Self

from shared.model.codes import Code
from shared.model.errors import N_


class Status(Code):
    """How far an application has come, as candidates see it (rules §1.10): the one list of statuses.

    label, meaning: catalogue keys; the meaning is one plain sentence, which is read long after, too.
    after: the statuses that this one can follow.
    """

    label: str
    meaning: str
    after: tuple[str, ...]

    def __new__(cls, code: str, label: str, meaning: str, *after: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label, self.meaning, self.after = code, label, meaning, after
        return self

    DRAFT = "draft", N_("Draft"), N_("The application was begun. It counts only once submitted for a job opening.")
    APPLIED = "applied", N_("Applied"), N_("The application was received. It can no longer be changed."), "draft"
    UNDER_CONSIDERATION = (
        "under_consideration",
        N_("Under consideration"),
        N_("Recruiters have begun to examine the application."),
        "applied",
    )
    SELECTED = (
        "selected",
        N_("Selected"),
        N_("You were selected for this job opening. You will be contacted."),
        "under_consideration",
    )
    ROSTERED = (
        "rostered",
        N_("Rostered"),
        N_("You were put on the reserve list and can be chosen for similar job openings later."),
        "under_consideration",
    )
    RECRUITMENT_COMPLETED = (
        "recruitment_completed",
        N_("Recruitment completed"),
        N_("The recruitment has ended, and you were not chosen for this job opening."),
        "under_consideration",
    )
    FILLED_FROM_ROSTER = (
        "filled_from_roster",
        N_("Filled from roster"),
        N_("The post was filled with somebody from the reserve list."),
        "under_consideration",
    )
    CANCELLED = (
        "cancelled",
        N_("Job opening cancelled"),
        N_("The job opening was cancelled. Nobody will be recruited for it."),
        "applied",
        "under_consideration",
    )
    WITHDRAWN = (
        "withdrawn",
        N_("Withdrawn"),
        N_("You withdrew your application. You cannot apply again for the same job opening."),
        "applied",
        "under_consideration",
    )

    @property
    def predecessors(self) -> frozenset["Status"]:
        return frozenset(map(Status.of, self.after))

    @property
    def withdrawable(self) -> bool:
        """Whether the candidate may still withdraw (R43): it is submitted and not decided."""
        return self in Status.WITHDRAWN.predecessors

    @property
    def final(self) -> bool:
        """Whether no other status can follow."""
        return not any(self in other.predecessors for other in Status)


Outcome = Literal[
    Status.SELECTED, Status.ROSTERED, Status.RECRUITMENT_COMPLETED, Status.FILLED_FROM_ROSTER, Status.CANCELLED
]
SetByHr = Literal[Status.UNDER_CONSIDERATION, Outcome]
