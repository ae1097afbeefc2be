"""What may be asked of a job opening."""

from datetime import date
from uuid import UUID

from services.vacancies.domain.content import Content
from services.vacancies.events import Language
from shared.model.message import Command
from shared.vocabulary.permissions import Owners


class Owned(Command):
    """What only those whose notice it is may ask. owners: whose notices are within reach of the one who asks.

    published_by: whose this one is, if its events are older than organisations and do not say.
    """

    owners: Owners = None
    published_by: str = ""


class Announcement(Content, Owned):
    """A job opening as it is first made known, or in one more language, everything else being as it was.

    The days are days in New York, the closing day included (R45).

    organisation: whose it will be.
    """

    organisation: str = ""
    job_opening_number: str
    language: Language
    opens_on: date
    closes_on: date


class PublishVacancy(Announcement):
    """Make a vacancy known, to be applied to here. archived: it may have closed already, as in an import."""

    archived: bool = False


class RegisterGalaxyNotice(Announcement):
    """List a vacancy of Galaxy for information: nobody can apply to it here (R7, R51)."""

    archived: bool = False


class AmendVacancy(Content, Owned):
    """Say something else from now on. Number, source and days stay.

    language: that of these words; None for that of the first notice. What is said in other languages stays.
    absorbs: a vacancy that is found under this one from now on.
    """

    language: Language | None = None
    absorbs: UUID | None = None


class ExtendDeadline(Owned):
    """Stay open until the end of a later day in New York."""

    closes_on: date


class CloseVacancy(Command):
    """Close, if the deadline has passed."""


class CancelVacancy(Owned):
    """There will be no recruitment."""

    reason: str = ""


class MergeVacancy(Owned):
    """Be another notice of the vacancy `into`, and no vacancy of its own any more."""

    into: UUID


VacancyCommand = (
    PublishVacancy | RegisterGalaxyNotice | AmendVacancy | ExtendDeadline | CloseVacancy | CancelVacancy | MergeVacancy
)
