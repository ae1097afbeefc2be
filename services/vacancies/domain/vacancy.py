"""The vacancy: published once, amended and extended while it is open, closed at its deadline, perhaps cancelled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, assert_never
from uuid import UUID, uuid5

from services.vacancies.domain.commands import (
    AmendVacancy,
    Announcement,
    CancelVacancy,
    CloseVacancy,
    ExtendDeadline,
    MergeVacancy,
    Owned,
    PublishVacancy,
    RegisterGalaxyNotice,
    VacancyCommand,
)
from services.vacancies.domain.content import FACTS, WORDS, Content, completed, differences, problems, with_texts
from services.vacancies.domain.days import closing, day_of, opening
from services.vacancies.events import (
    VACANCY_EVENTS,
    DeadlineExtended,
    Language,
    Question,
    Source,
    State,
    Translation,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyEvent,
    VacancyMerged,
    VacancyPublished,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Forbidden, Invalid, NotFound, Problem, refuse_if
from shared.model.reasons import Reason
from shared.vocabulary.permissions import within_reach

VACANCIES: Final = UUID("6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911")
"""The namespace of vacancy ids."""

LONGEST_NUMBER: Final = 100
FURTHEST: Final = timedelta(days=3 * 366)

Status = Literal["unknown"] | State


@dataclass(frozen=True)
class Vacancy:
    """What is known of a vacancy: as first announced, and the latest, with the deadline as extended."""

    status: Status = "unknown"
    announced: VacancyPublished | None = None
    content: VacancyContent | None = None
    reason: str = ""
    merged_into: UUID | None = None

    @property
    def extended(self) -> bool:
        """Whether the deadline is later than first announced."""
        return bool(self.announced and self.content and self.content.closes_at > self.announced.closes_at)

    def speaks(self, language: Language) -> bool:
        """Whether there is a notice in this language."""
        return bool(self.content and any(notice.language == language for notice in self.content.notices))


def vacancy_id(job_opening_number: str) -> UUID:
    """One vacancy a number, however that is spaced or capitalised (R42)."""
    return uuid5(VACANCIES, folded(job_opening_number))


def folded(job_opening_number: str) -> str:
    return "".join(job_opening_number.split()).casefold()


def decide(command: VacancyCommand, vacancy: Vacancy) -> Sequence[VacancyEvent]:
    if isinstance(command, Owned) and vacancy.announced:
        _within_reach(command, vacancy.announced)
    match command:
        case PublishVacancy() | RegisterGalaxyNotice():
            return _announce(command, vacancy)
        case AmendVacancy():
            return _amend(command, _published(vacancy), vacancy.status)
        case ExtendDeadline():
            return _extend(command, _published(vacancy), vacancy.status)
        case CloseVacancy():
            over = command.at >= _published(vacancy).closes_at
            return [VacancyClosed()] if over and vacancy.status == "open" else []
        case CancelVacancy():
            absorbed = _published(vacancy).absorbed
            ending = VacancyCancelled(reason=command.reason, absorbed=absorbed)
            return [ending] if vacancy.status != "cancelled" else []
        case MergeVacancy(into=into):
            return [VacancyMerged(into=into)] if vacancy.content and vacancy.merged_into != into else []
        case _:
            assert_never(command)


def evolve(vacancy: Vacancy, event: VacancyEvent) -> Vacancy:
    match event:
        case VacancyPublished():
            return Vacancy("open", event, _said(event))
        case VacancyAmended():
            return replace(vacancy, content=_said(event))
        case DeadlineExtended(closes_at=closes_at):
            known = _published(vacancy)
            return replace(vacancy, content=known.model_copy(update={"closes_at": closes_at}))
        case VacancyClosed():
            return replace(vacancy, status="closed")
        case VacancyCancelled(reason=reason):
            return replace(vacancy, status="cancelled", reason=reason)
        case VacancyMerged(into=into):
            return replace(vacancy, merged_into=into)
        case _:
            assert_never(event)


def _said(event: VacancyContent) -> VacancyContent:
    """What the notice says, whichever event says it."""
    return VacancyContent.model_construct(**dict(event))


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
        raise Forbidden.because(message, reason=Reason.OF_ANOTHER, number=notice.job_opening_number)


def _announce(command: PublishVacancy | RegisterGalaxyNotice, vacancy: Vacancy) -> list[VacancyEvent]:
    source: Source = "galaxy" if isinstance(command, RegisterGalaxyNotice) else "inspira"
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
        return _again(published, vacancy.announced, vacancy.content, vacancy.status, command.at)
    refuse_if(_days(command))
    return [published, VacancyClosed()] if published.closes_at <= command.at else [published]


def _again(
    wanted: VacancyPublished, announced: VacancyPublished, known: VacancyContent, status: Status, now: datetime
) -> list[VacancyEvent]:
    """Doing again what is done changes nothing, even after an amendment or an extension; one more language is added."""
    days = [] if wanted.closes_at in (announced.closes_at, known.closes_at) else ["closes_on"]
    source = [] if wanted.source == known.source else ["source"]
    if not (days or source) and _says(announced, wanted):
        return []
    if found := [*source, *differences(known, wanted), *days]:
        message = N_(
            "The job opening %(number)s is already published and says something else (%(parts)s)."
            " Amend or extend it instead"
        )
        gaps = {"number": wanted.job_opening_number, "parts": ", ".join(found)}
        raise Conflict.because(message, "job_opening_number", reason=Reason.KNOWN_OTHERWISE, **gaps)
    return _changed(known, wanted.notices, with_texts(known.questions, wanted.questions), status, now)


def _says(known: VacancyContent, wanted: VacancyContent) -> bool:
    """Whether this is all said already."""
    return not differences(known, wanted) and {notice.language for notice in wanted.notices} <= {
        notice.language for notice in known.notices
    }


def _changed(
    known: VacancyContent,
    notices: Iterable[Translation],
    questions: tuple[Question, ...],
    status: Status,
    now: datetime,
    **facts: Any,
) -> list[VacancyEvent]:
    """These notices and facts instead of those that are known; one more language alone is no new version."""
    said = {notice.language: notice for notice in (*known.notices, *notices)}
    first = said.pop(known.language)
    parts = {**known.model_dump(), **facts, **first.model_dump(), "questions": questions}
    amended = VacancyAmended.model_validate({**parts, "translations": tuple(said.values())})
    if amended.model_dump() == known.model_dump():
        return []
    if not differences(known, amended):
        return [amended]
    _still_open(known, status, now)
    return [amended.model_copy(update={"version": known.version + 1})]


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
        found.append(Problem("opens_on", N_("%(value)s is in the future. Publish the notice on its first day"), gaps))
    if command.closes_on < command.opens_on:
        gaps = {"value": command.closes_on.isoformat(), "opens": command.opens_on.isoformat()}
        found.append(Problem("closes_on", N_("The closing day %(value)s is before the first day %(opens)s"), gaps))
    elif closing(command.closes_on) <= command.at and not command.archived:
        found.append(Problem("closes_on", PASSED, {"value": command.closes_on.isoformat()}))
    return found


PASSED: Final = N_("The end of %(value)s has passed in New York. Give a closing day in the future")


def _too_far(day: date, today: date) -> list[Problem]:
    if day <= today + FURTHEST:
        return []
    message = N_("%(value)s is too far away: a notice closes within three years")
    return [Problem("closes_on", message, {"value": day.isoformat()})]


def _amend(command: AmendVacancy, known: VacancyContent, status: Status) -> list[VacancyEvent]:
    language = command.language or known.language
    questions = with_texts(known.questions, command.questions)
    asked = command.model_copy(update={"questions": questions})
    refuse_if([*problems(asked, language, known.language), *_no_questions(command, known.source)])
    said = completed(command, known.language)
    facts = {name: said[name] for name in FACTS}
    if [station.code for station in command.duty_stations] == [station.code for station in known.duty_stations]:
        facts["duty_stations"] = said["duty_stations"] if language == known.language else known.duty_stations
    if command.absorbs:
        facts["absorbed"] = tuple(dict.fromkeys((*known.absorbed, command.absorbs)))
    words = Translation(language=language, **{name: said[name] for name in WORDS if name != "language"})
    return _changed(known, (words, *command.translations), questions, status, command.at, **facts)


def _extend(command: ExtendDeadline, known: VacancyContent, status: Status) -> list[VacancyEvent]:
    refuse_if(_too_far(command.closes_on, day_of(command.at)))
    closes_at = closing(command.closes_on)
    if closes_at == known.closes_at:
        return []
    _still_open(known, status, command.at)
    if closes_at < known.closes_at:
        gaps = {"value": command.closes_on.isoformat(), "known": day_of(known.closes_at).isoformat()}
        message = N_("%(value)s is earlier than the present closing day %(known)s. A deadline can only be extended")
        raise Invalid(Problem("closes_on", message, gaps))
    return [DeadlineExtended(closes_at=closes_at)]


def _still_open(known: VacancyContent, status: Status, now: datetime) -> None:
    if status == "cancelled":
        message = N_("The job opening %(number)s has been cancelled")
        raise Conflict.because(message, reason=Reason.VACANCY_NOT_OPEN, number=known.job_opening_number)
    if status == "closed" or now > known.closes_at:
        gaps = {"number": known.job_opening_number, "closes_at": known.closes_at.astimezone(UTC).isoformat()}
        message = N_("The job opening %(number)s closed on %(closes_at)s")
        raise Conflict.because(message, reason=Reason.VACANCY_NOT_OPEN, **gaps)


VACANCY: Final = Decider[VacancyCommand, Vacancy, VacancyEvent](
    category="vacancy",
    initial=Vacancy(),
    decide=decide,
    evolve=evolve,
    events=VACANCY_EVENTS,
)
