"""Why a candidate withdraws, if they say so: the form's fields, read by pages, API and HR."""

from typing import Final, Self

from shared.model.codes import Code
from shared.model.errors import N_
from shared.vocabulary.fields import Field, Option


class WithdrawalReason(Code):
    """Why an application is withdrawn. label: a catalogue key."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label = code, label
        return self

    ANOTHER_JOB = "another_job", N_("I have found another job")
    THE_POST = "the_post", N_("The post or its conditions are not right for me")
    THE_PLACE = "the_place", N_("The duty station is not right for me")
    TOO_LONG = "too_long", N_("The recruitment takes too long")
    PERSONAL = "personal", N_("For personal reasons")
    OTHER = "other", N_("For another reason")


MOST: Final = 1_000
"""Characters of what can be added."""

WITHDRAWAL_FIELDS: Final = (
    Field(
        "reason", N_("Why do you withdraw? (optional)"), "choice",
        options=tuple(Option(each.value, each.label) for each in WithdrawalReason),
        hint=N_("You need not say it. Recruiters of this job opening read what you say."),
        statement=N_("Why it was withdrawn"),
    ),
    Field(
        "explanation", N_("Anything that you wish to add (optional)"), "textarea", length=MOST,
        statement=N_("What was added"),
    ),
)  # fmt: skip
