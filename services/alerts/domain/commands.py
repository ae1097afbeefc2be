"""What can be asked of a saved search, and the fields a candidate fills in for it (R46–R48)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.alerts.events import Rhythm
from shared.model.errors import N_
from shared.model.message import Command
from shared.vocabulary.fields import Field, Option, display
from shared.vocabulary.search import CRITERIA, Criteria

RHYTHMS = (
    Option("at_once", N_("At once")),
    Option("daily", N_("Once a day")),
    Option("weekly", N_("Once a week")),
)
NAME = Field("name", N_("Name of the search"), required=True, length=100)
ALERT = Field("alert", N_("Use as job alert"), kind="checkbox")
EMAIL = Field(
    "email",
    N_("Send job alert notifications to"),
    kind="email",
    required=True,
    when=("alert", ("yes",)),
    autocomplete="email",
)
RHYTHM = Field("rhythm", N_("How often"), kind="choice", options=RHYTHMS, required=True, when=("alert", ("yes",)))
FIELDS = (NAME, ALERT, EMAIL, RHYTHM)
EVERYTHING = N_("All job openings")


def proposed_name(criteria: Criteria, language: str, translate: Callable[[str], str]) -> str:
    """What a search can be called until its owner finds better: what it looks for, in words."""
    values = criteria.values()
    words = [text for field in CRITERIA if (text := display(field, values[field.name], language, translate))]
    name = ", ".join(words) or translate(EVERYTHING)
    return name if len(name) <= NAME.most else f"{name[: NAME.most - 1].rstrip(' ,')}…"


class OfCandidate(Command):
    """What only the candidate whose search it is may ask."""

    candidate_id: UUID


class SaveSearch(OfCandidate):
    """R46. `token` is a fresh random secret for the unsubscribe link.

    proven: mails may go to `email` at once; to another they go when somebody there has said yes.
    """

    name: str
    criteria: Criteria
    alert: bool = False
    email: str = ""
    rhythm: Rhythm = "daily"
    language: str = "en"
    token: str
    proven: bool = False


class EnableAlert(OfCandidate):
    """R47: mails from now on, or to another address, or in another rhythm. `token`, `proven`: as in SaveSearch."""

    email: str
    rhythm: Rhythm
    token: str
    proven: bool = False


class ConfirmAlert(Command):
    """R48: somebody at this address said yes to the owner's alerts."""

    email: str


class DisableAlert(OfCandidate):
    pass


class Unsubscribe(Command):
    """Switches the alert off for whoever holds the link of one of its mails."""

    token: str


class RenameSearch(OfCandidate):
    name: str


class RenewSearch(OfCandidate):
    """R49: another 365 days from now."""


class DeleteSearch(OfCandidate):
    pass


class WarnOfExpiry(Command):
    pass


class ExpireSearch(Command):
    pass


class RecordMatch(Command):
    """A vacancy that can be applied for until `closes_at` fits the search."""

    vacancy_id: UUID
    closes_at: datetime


class SendDigest(Command):
    pass


TimeCommand = WarnOfExpiry | ExpireSearch | RecordMatch | SendDigest
"""What time and vacancies ask for."""

SearchCommand = (
    SaveSearch | EnableAlert | ConfirmAlert | DisableAlert | Unsubscribe | RenameSearch | RenewSearch | DeleteSearch
    | TimeCommand
)  # fmt: skip
