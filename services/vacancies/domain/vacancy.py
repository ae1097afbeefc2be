"""The vacancy: published once, amended and extended while it is open, closed at its deadline, perhaps cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, assert_never
from uuid import UUID, uuid5

from services.vacancies.domain.content import Content, completed, problems
from services.vacancies.domain.days import closing, day_of, opening
from services.vacancies.events import (
    DeadlineExtended,
    Language,
    Source,
    State,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyEvent,
    VacancyPublished,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Forbidden, Invalid, NotFound, Problem, refuse_if
from shared.model.message import Command
from shared.vocabulary.permissions import Owners, within_reach

VACANCIES: Final = UUID("6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911")
"""The namespace of vacancy ids."""

LONGEST_NUMBER: Final = 100
FURTHEST: Final = timedelta(days=3 * 366)

Status = Literal["unknown"] | State


class Owned(Command):
    """What only those whose notice it is may ask. owners: whose notices are within reach of the one who asks.

    published_by: whose this one is, if its events are older than organisations and do not say.
    """

    owners: Owners = None
    published_by: str = ""


class Announcement(Content, Owned):
    """A notice as it is first made known. The days are days in New York, the closing day included (R45).

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
    """Say something else from now on. Number, language, source and days stay."""


class ExtendDeadline(Owned):
    """Stay open until the end of a later day in New York."""

    closes_on: date


class CloseVacancy(Command):
    """Close, if the deadline has passed."""


class CancelVacancy(Owned):
    """There will be no recruitment."""

    reason: str = ""


VacancyCommand = PublishVacancy | RegisterGalaxyNotice | AmendVacancy | ExtendDeadline | CloseVacancy | CancelVacancy


@dataclass(frozen=True)
class Vacancy:
    """What is known of a vacancy: as first announced, and the latest, with the deadline as extended."""

    status: Status = "unknown"
    announced: VacancyPublished | None = None
    content: VacancyContent | None = None
    reason: str = ""

    @property
    def extended(self) -> bool:
        """Whether the deadline is later than first announced."""
        return bool(self.announced and self.content and self.content.closes_at > self.announced.closes_at)


def vacancy_id(job_opening_number: str, language: str) -> UUID:
    """One vacancy a number and language, however the number is spaced or capitalised."""
    return uuid5(VACANCIES, f"{''.join(job_opening_number.split()).casefold()}/{language}")


def decide(command: VacancyCommand, vacancy: Vacancy) -> Sequence[VacancyEvent]:
    if isinstance(command, Owned) and vacancy.announced:
        _within_reach(command, vacancy.announced)
    match command:
        case PublishVacancy():
            return _announce(command, "inspira", vacancy)
        case RegisterGalaxyNotice():
            return _announce(command, "galaxy", vacancy)
        case AmendVacancy():
            return _amend(command, _published(vacancy), vacancy.status)
        case ExtendDeadline():
            return _extend(command, _published(vacancy), vacancy.status)
        case CloseVacancy():
            over = command.at >= _published(vacancy).closes_at
            return [VacancyClosed()] if over and vacancy.status == "open" else []
        case CancelVacancy():
            _published(vacancy)
            return [VacancyCancelled(reason=command.reason)] if vacancy.status != "cancelled" else []
        case _:
            assert_never(command)


def evolve(vacancy: Vacancy, event: VacancyEvent) -> Vacancy:
    match event:
        case VacancyPublished():
            return Vacancy("open", event, event)
        case VacancyAmended():
            return replace(vacancy, content=event)
        case DeadlineExtended(closes_at=closes_at):
            known = _published(vacancy)
            return replace(vacancy, content=known.model_copy(update={"closes_at": closes_at}))
        case VacancyClosed():
            return replace(vacancy, status="closed")
        case VacancyCancelled(reason=reason):
            return replace(vacancy, status="cancelled", reason=reason)
        case _:
            assert_never(event)


def _published(vacancy: Vacancy) -> VacancyContent:
    if vacancy.content is None:
        raise NotFound.because(N_("There is no such job opening"))
    return vacancy.content


def _within_reach(command: Owned, notice: VacancyPublished) -> None:
    if not within_reach(command.owners, notice.organisation or command.published_by):
        message = N_(
            "The job opening %(number)s was not published by your organisation."
            " Ask whoever published it, or an administrator, to make the change"
        )
        raise Forbidden.because(message, number=notice.job_opening_number)


def _announce(command: PublishVacancy | RegisterGalaxyNotice, source: Source, vacancy: Vacancy) -> list[VacancyEvent]:
    found = [*_number(command), *problems(command, command.language), *_no_questions(command, source)]
    refuse_if([*found, *_too_far(command.closes_on, day_of(command.at))])
    published = VacancyPublished(
        **completed(command, command.language),
        job_opening_number=command.job_opening_number.strip(),
        language=command.language,
        source=source,
        organisation=command.organisation,
        opens_at=opening(command.opens_on, command.at),
        closes_at=closing(command.closes_on),
    )
    if vacancy.announced and vacancy.content:
        return _again(published, vacancy.announced, vacancy.content)
    refuse_if(_days(command))
    return [published, VacancyClosed()] if published.closes_at <= command.at else [published]


def _again(wanted: VacancyPublished, *known: VacancyContent) -> list[VacancyEvent]:
    """Doing again what is done changes nothing, even after an amendment or an extension."""
    if any(_same(wanted, content) for content in known):
        return []
    message = N_("The notice %(number)s is already published and says something else. Amend or extend it instead")
    raise Conflict.because(message, "job_opening_number", number=wanted.job_opening_number)


def _same(one: VacancyContent, other: VacancyContent) -> bool:
    return _said(one) == _said(other) and (one.source, one.closes_at) == (other.source, other.closes_at)


def _said(content: VacancyContent) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.model_fields if name in VacancyContent.model_fields}


def _number(command: Announcement) -> list[Problem]:
    number = command.job_opening_number.strip()
    if number and len(number) <= LONGEST_NUMBER and number.isprintable():
        return []
    gaps = {"most": LONGEST_NUMBER}
    return [Problem("job_opening_number", N_("The job opening number has 1 to %(most)s printable characters"), gaps)]


def _no_questions(content: Content, source: Source) -> list[Problem]:
    if source == "galaxy" and content.questions:
        return [Problem("questions", N_("A Galaxy notice has no questions: nobody applies for it here"))]
    return []


def _days(command: PublishVacancy | RegisterGalaxyNotice) -> list[Problem]:
    """Tomorrow is accepted as the first day, since it has begun elsewhere; a notice opens when it is published."""
    today = day_of(command.at)
    found: list[Problem] = []
    if command.opens_on > today + timedelta(days=1):
        gaps = {"value": command.opens_on.isoformat()}
        found.append(Problem("opens_on", N_("%(value)s lies ahead. Publish the notice on its first day"), gaps))
    if command.closes_on < command.opens_on:
        gaps = {"value": command.closes_on.isoformat(), "opens": command.opens_on.isoformat()}
        found.append(Problem("closes_on", N_("The closing day %(value)s is before the first day %(opens)s"), gaps))
    elif closing(command.closes_on) <= command.at and not command.archived:
        found.append(Problem("closes_on", PASSED, {"value": command.closes_on.isoformat()}))
    return found


PASSED: Final = N_("The end of %(value)s has passed in New York. Give a closing day that lies ahead")


def _too_far(day: date, today: date) -> list[Problem]:
    if day <= today + FURTHEST:
        return []
    message = N_("%(value)s is too far away: a notice closes within three years")
    return [Problem("closes_on", message, {"value": day.isoformat()})]


def _amend(command: AmendVacancy, known: VacancyContent, status: Status) -> list[VacancyEvent]:
    refuse_if([*problems(command, known.language), *_no_questions(command, known.source)])
    said = {**known.model_dump(), **completed(command, known.language)}
    amended = VacancyAmended.model_validate({**said, "version": known.version + 1})
    if _said(amended) == _said(known):
        return []
    _still_open(known, status, command.at)
    return [amended]


def _extend(command: ExtendDeadline, known: VacancyContent, status: Status) -> list[VacancyEvent]:
    refuse_if(_too_far(command.closes_on, day_of(command.at)))
    closes_at = closing(command.closes_on)
    if closes_at == known.closes_at:
        return []
    _still_open(known, status, command.at)
    if closes_at < known.closes_at:
        gaps = {"value": command.closes_on.isoformat(), "known": day_of(known.closes_at).isoformat()}
        message = N_("%(value)s is earlier than the present closing day %(known)s. A deadline can only be extended")
        raise Invalid.because(message, "closes_on", **gaps)
    return [DeadlineExtended(closes_at=closes_at)]


def _still_open(known: VacancyContent, status: Status, now: datetime) -> None:
    if status == "cancelled":
        raise Conflict.because(N_("The job opening %(number)s has been cancelled"), number=known.job_opening_number)
    if status == "closed" or now > known.closes_at:
        gaps = {"number": known.job_opening_number, "closes_at": known.closes_at.astimezone(UTC).isoformat()}
        raise Conflict.because(N_("The job opening %(number)s closed on %(closes_at)s"), **gaps)


VACANCY: Final = Decider[VacancyCommand, Vacancy, VacancyEvent](
    category="vacancy",
    initial=Vacancy(),
    decide=decide,
    evolve=evolve,
    events=(VacancyPublished, VacancyAmended, DeadlineExtended, VacancyClosed, VacancyCancelled),
)
