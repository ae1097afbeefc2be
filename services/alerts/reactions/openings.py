"""What happens to a job opening reaches those who saved it or prepare an application for it, in parts if they are many.

A timer decides by what is known when it fires, not by what was known when it was set: so it does not matter in which
order the events of vacancies, applications and candidates arrive, and nothing has to be taken back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, assert_never
from uuid import UUID

from services.alerts.domain import (
    LAPSES,
    MAILING,
    OPENING,
    EndMailing,
    LeaveAll,
    LeaveOpening,
    MoveOpening,
    NoteNews,
)
from services.alerts.events import MailKind, News, OpeningSaved, What
from services.alerts.projections import DRAFTS, SAVERS, VACANCIES, Saved
from services.alerts.reactions.known import vacancy
from services.applications.events import VacancyTargeted
from services.identity.events import AccountClosed
from services.vacancies.events import DeadlineExtended, VacancyAmended, VacancyCancelled, VacancyMerged
from shared.model.message import Recorded
from shared.model.parts import parts_of, spread
from shared.model.projection import AnyProjection
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Timer, TimerRule

DAYS: Final = (7, 2)
"""So many days before a deadline a reminder goes out."""
GRACE: Final = timedelta(days=1)
"""So late a reminder still goes out, as after a failure; a later one is left to the next."""
AGAIN_AFTER: Final = timedelta(minutes=1)
"""When a merged job opening's savers are looked for once more, and what a closed account has saved: for what was saved
in the same moment."""


class Wave(NamedTuple):
    """What is to reach everybody who saved a job opening, or prepares an application for it.

    mark: tells it from another of the same kind. at: who saved it later is not told, ISO 8601. version: of the notice,
    which who saved it in this one knows. into: the job opening that it has become part of.
    """

    vacancy_id: str
    what: What | Literal["merged", "lapsed"]
    mark: str = ""
    at: str = ""
    version: int = 0
    into: str = ""

    @classmethod
    def of(cls, timer: Timer) -> "Wave":
        return cls(**{name: value for name, value in timer.data.items() if name in cls._fields})

    def schedule(self, rule: str, due: datetime, **data: str) -> Schedule:
        key = ":".join([rule, self.what, self.vacancy_id, self.mark, *data.values()])
        return Schedule(key, due, rule, {**self._asdict(), **data})


def _members(vacancy_id: str, *views: AnyProjection) -> list[Need]:
    return [Need(view, part) for view in views for part in parts_of(vacancy_id)]


def _vacancy_of(vacancy_id: str) -> list[Need]:
    return [Need(VACANCIES, vacancy_id)]


def _spread(wave: Wave, known: Known, now: datetime) -> Iterable[Effect]:
    parts = {part: [*_reached(wave, part, known)] for part in parts_of(wave.vacancy_id)}
    return spread(parts, lambda part: wave.schedule(PART.name, now, part=part))


def _reached(wave: Wave, part: str, known: Known) -> Iterator[Do]:
    savers = known.get(SAVERS, part)
    for candidate_id, saved in (savers["savers"] if savers else {}).items():
        if _concerns(wave, saved):
            yield _to_saver(wave, UUID(candidate_id))
    if wave.what == "deadline" and (drafts := known.get(DRAFTS, part)):
        yield from _to_drafts(wave, drafts["drafts"])


def _concerns(wave: Wave, saved: Saved) -> bool:
    if wave.at and datetime.fromisoformat(saved["at"]) >= datetime.fromisoformat(wave.at):
        return False
    return wave.what != "amended" or saved["version"] < wave.version


def _to_saver(wave: Wave, candidate_id: UUID) -> Do:
    vacancy_id = UUID(wave.vacancy_id)
    match wave.what:
        case "merged":
            move = MoveOpening(
                candidate_id=candidate_id, vacancy_id=vacancy_id, into=UUID(wave.into), version=wave.version
            )
            return Do(OPENING, candidate_id, move)
        case "lapsed":
            return Do(
                OPENING, candidate_id, LeaveOpening(candidate_id=candidate_id, vacancy_id=vacancy_id, reason="lapsed")
            )
        case "deadline" | "amended" | "extended" | "cancelled" as what:
            kind = MailKind.OPENING_DEADLINES if what == "deadline" else MailKind.OPENING_CHANGES
            news = News(kind=kind, what=what, vacancy_id=vacancy_id, mark=wave.mark)
            return Do(MAILING, candidate_id, NoteNews(candidate_id=candidate_id, news=news))
        case _:
            assert_never(wave.what)


def _to_drafts(wave: Wave, drafts: Mapping[str, str]) -> Iterator[Do]:
    for application_id, candidate_id in drafts.items():
        news = News(
            kind=MailKind.DRAFT_DEADLINES, what="deadline", vacancy_id=UUID(wave.vacancy_id),
            application_id=UUID(application_id), mark=wave.mark,
        )  # fmt: skip
        yield Do(MAILING, UUID(candidate_id), NoteNews(candidate_id=UUID(candidate_id), news=news))


def _part_needs(timer: Timer) -> list[Need]:
    return [Need(SAVERS, timer.data["part"]), Need(DRAFTS, timer.data["part"])]


PART: Final = TimerRule("wave", lambda timer, known: _reached(Wave.of(timer), timer.data["part"], known), _part_needs)


def reminders(vacancy_id: str, closes_at: datetime, now: datetime) -> Iterator[Schedule]:
    """The timers of a job opening's deadline that still lie ahead."""
    for days in DAYS:
        due = closes_at - timedelta(days=days)
        if due > now:
            yield Schedule(f"near:{vacancy_id}:{days}", due, "near", {"vacancy_id": vacancy_id, "days": days})


def _near(timer: Timer, known: Known) -> Iterable[Effect]:
    """Unless the job opening is over; later, if it was extended meanwhile."""
    vacancy_id, days = timer.data["vacancy_id"], timer.data["days"]
    about = known.get(VACANCIES, vacancy_id)
    if about is None or about["over"]:
        return []
    due = datetime.fromisoformat(about["closes_at"]) - timedelta(days=days)
    if due > timer.now:
        return [Schedule(timer.key, due, NEAR.name, timer.data)]
    if timer.now - due > GRACE:
        return []
    return _spread(Wave(vacancy_id, "deadline", f"{about['closes_at']} {days}"), known, timer.now)


def _near_needs(timer: Timer) -> list[Need]:
    return [*_lapse_needs(timer), *_members(timer.data["vacancy_id"], DRAFTS)]


NEAR: Final = TimerRule("near", _near, _near_needs)


def _lapse(timer: Timer, known: Known) -> Iterable[Effect]:
    vacancy_id = timer.data["vacancy_id"]
    due = datetime.fromisoformat(vacancy(known, vacancy_id)["closes_at"]) + LAPSES
    if due > timer.now:
        return [Schedule(timer.key, due, LAPSE.name, timer.data)]
    return _spread(Wave(vacancy_id, "lapsed"), known, timer.now)


def _lapse_needs(timer: Timer) -> list[Need]:
    return [*_vacancy_of(timer.data["vacancy_id"]), *_members(timer.data["vacancy_id"], SAVERS)]


LAPSE: Final = TimerRule("lapse", _lapse, _lapse_needs)


def _watch(event: Recorded[OpeningSaved], known: Known) -> Iterable[Effect]:
    vacancy_id = str(event.data.vacancy_id)
    closes_at = datetime.fromisoformat(vacancy(known, vacancy_id)["closes_at"])
    lapse = Schedule(f"lapse:{vacancy_id}", closes_at + LAPSES, LAPSE.name, {"vacancy_id": vacancy_id})
    return [*reminders(vacancy_id, closes_at, event.at), lapse]


WATCH: Final = Reaction("watch", (OpeningSaved,), _watch, lambda event: _vacancy_of(str(event.data.vacancy_id)))


def _aim(event: Recorded[VacancyTargeted], known: Known) -> Iterable[Effect]:
    vacancy_id = str(event.data.vacancy_id)
    return reminders(vacancy_id, datetime.fromisoformat(vacancy(known, vacancy_id)["closes_at"]), event.at)


AIM: Final = Reaction("aim", (VacancyTargeted,), _aim, lambda event: _vacancy_of(str(event.data.vacancy_id)))


def _change(
    event: Recorded[VacancyAmended | DeadlineExtended | VacancyCancelled | VacancyMerged], known: Known
) -> Iterable[Effect]:
    key, at = event.key, event.at.isoformat()
    match event.data:
        case VacancyAmended(version=version):
            return _spread(Wave(key, "amended", str(version), at, version), known, event.at)
        case DeadlineExtended(closes_at=closes_at):
            extended = Wave(key, "extended", closes_at.isoformat(), at)
            return [*_spread(extended, known, event.at), *reminders(key, closes_at, event.at)]
        case VacancyCancelled():
            return _spread(Wave(key, "cancelled", "", at), known, event.at)
        case VacancyMerged(into=into):
            version = vacancy(known, into).get("version", 0)
            merged = Wave(key, "merged", str(into), version=version, into=str(into))
            return [*_spread(merged, known, event.at), merged.schedule(SWEEP.name, event.at + AGAIN_AFTER)]
        case _:
            assert_never(event.data)


def _change_needs(event: Recorded[Any]) -> list[Need]:
    into = _vacancy_of(str(event.data.into)) if isinstance(event.data, VacancyMerged) else []
    return [*into, *_members(event.key, SAVERS)]


CHANGE: Final = Reaction(
    "change", (VacancyAmended, DeadlineExtended, VacancyCancelled, VacancyMerged), _change, _change_needs
)
"""One more language alone is no new version, so that nobody is told of it."""

SWEEP: Final = TimerRule(
    "sweep",
    lambda timer, known: _spread(Wave.of(timer), known, timer.now),
    lambda timer: _members(timer.data["vacancy_id"], SAVERS),
)


def _leave_all(candidate_id: str) -> Do:
    return Do(OPENING, UUID(candidate_id), LeaveAll(candidate_id=UUID(candidate_id)))


def _forget(event: Recorded[AccountClosed], _known: Known) -> Iterable[Effect]:
    candidate_id = UUID(event.key)
    yield _leave_all(event.key)
    yield Do(MAILING, candidate_id, EndMailing(candidate_id=candidate_id))
    yield Schedule(f"forget:{event.key}", event.at + AGAIN_AFTER, AGAIN.name, {"candidate_id": event.key})


FORGET: Final = Reaction("forget_openings", (AccountClosed,), _forget)
AGAIN: Final = TimerRule("forget_openings", lambda timer, _: [_leave_all(timer.data["candidate_id"])])

ALL: Final = (WATCH, AIM, CHANGE, FORGET)
TIMERS: Final = (NEAR, LAPSE, PART, SWEEP, AGAIN)
