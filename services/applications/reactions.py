"""What follows by itself: mails, applications that follow their vacancy, drafts that go with their account."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple, get_args
from uuid import UUID

from services.applications.domain.application import APPLICATION as APPLICATIONS
from services.applications.domain.commands import EraseFile, FollowVacancy
from services.applications.domain.equivalence.reading import level_name
from services.applications.domain.inputs import VacancyFacts
from services.applications.domain.steps import to_discard
from services.applications.events import (
    RETENTION,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    DraftCreated,
    DraftDiscarded,
    EquivalenceErrorReported,
    Status,
    StatusReached,
    TermsAccepted,
    VacancyUntargeted,
    reason_of,
    status_after,
)
from services.applications.projections import (
    APPLICATION,
    APPLICATIONS_OF,
    CANDIDATE,
    FOLLOWERS,
    VACANCY,
    VacancyDocument,
    described,
    parts_of,
)
from services.identity.events import AccountClosed, PersonalDataErased, account_of
from services.vacancies.events import VacancyAmended, VacancyCancelled, VacancyMerged
from shared.model.message import Recorded, derived_id, subject_of
from shared.model.reaction import Do, Effect, Erase, Known, Need, Reaction, Schedule, Send, Timer, TimerRule, Unschedule
from shared.vocabulary.fields import COUNTRIES

SWEEP_AFTER: Final = timedelta(minutes=1)
"""When a changed vacancy's applications are gone through once more, for those aimed at it meanwhile."""

AT_ONCE: Final = 200
"""Of 12,000 applications in one transaction none would follow: it would not end within its 30 seconds."""


def _mail(template: str, event: Recorded[Any], submitted: dict[str, Any], **more: str) -> Send:
    snapshot = submitted["snapshot"]
    candidate = snapshot["candidate"]
    return Send(
        id=derived_id(event.id, template),
        to=candidate["email"],
        template=f"applications/mail/{template}",
        language=snapshot["language"],
        params={
            "name": f"{candidate['given_names']} {candidate['family_name']}".strip(),
            "application_id": event.key,
            "number": submitted["job_opening_number"],
            "title": submitted["title"],
            "reference": submitted["reference"],
            "submitted_at": snapshot["submitted_at"],
            **more,
        },
        whose=account_of(event.data.candidate_id),
    )


def _confirm(event: Recorded[ApplicationSubmitted], _: Known) -> Iterable[Effect]:
    return [_mail("submitted", event, event.data.model_dump(mode="json"))]


CONFIRMATION: Final = Reaction("confirmation", (ApplicationSubmitted,), _confirm)


def _submitted(event: Recorded[Any], known: Known) -> dict[str, Any]:
    document = known.get(APPLICATION, event.key)
    if document is None or document["submitted"] is None:
        raise LookupError(f"application {event.key} is not in the view yet")
    return document["submitted"]


def _itself(event: Recorded[Any]) -> list[Need]:
    return [Need(APPLICATION, event.key)]


def _tell(event: Recorded[ApplicationOutcomeRecorded], known: Known) -> Iterable[Effect]:
    if event.data.outcome is not Status.CANCELLED:
        return []
    return [_mail("cancelled", event, _submitted(event, known), reason=event.data.reason)]


CANCELLATION: Final = Reaction("cancellation", (ApplicationOutcomeRecorded,), _tell, _itself)


def _moved(event: Recorded[StatusReached], known: Known) -> Iterable[Effect]:
    status = status_after(event.data)
    if status is None or status is Status.CANCELLED:
        return []
    words = {"reason": reason_of(event.data), "status": status.label, "meaning": status.meaning}
    return [_mail("status", event, _submitted(event, known), **words)]


_TOLD_OTHERWISE: Final = (DraftCreated, TermsAccepted, ApplicationSubmitted, DraftDiscarded, PersonalDataErased)
"""A submission has a mail of its own; the others are the candidate's own steps before it."""


STATUS: Final = Reaction(
    "status",
    tuple(event for event in get_args(StatusReached) if event not in _TOLD_OTHERWISE),
    _moved,
    _itself,
)


def _lost(event: Recorded[VacancyUntargeted], known: Known) -> Iterable[Effect]:
    """Whoever prepares an application learns that there is nothing to submit it to; a closed account learns nothing."""
    vacancy, who = (known.get(need.view, need.key) for need in _lost_needs(event))
    if vacancy is None:
        raise LookupError(f"vacancy {event.data.vacancy_id} is not in the view yet")
    if who is None or not who["email"]:
        return []
    params = {
        "name": f"{who['given_names']} {who['family_name']}".strip(),
        "application_id": event.key,
        "number": vacancy["job_opening_number"],
        "title": vacancy["title"],
        "reason": vacancy.get("reason", ""),
    }
    template = "applications/mail/untargeted"
    whose = account_of(event.data.candidate_id)
    return [Send(derived_id(event.id, "untargeted"), who["email"], template, who["language"], params, whose=whose)]


def _lost_needs(event: Recorded[VacancyUntargeted]) -> list[Need]:
    return [Need(VACANCY, str(event.data.vacancy_id)), Need(CANDIDATE, str(event.data.candidate_id))]


LOST: Final = Reaction("lost", (VacancyUntargeted,), _lost, _lost_needs)


OFFICE_LANGUAGE: Final = "en"


def _consult(event: Recorded[EquivalenceErrorReported], _: Known) -> Iterable[Effect]:
    """R72: the office reads what the candidate says, and whom to answer."""
    fact = event.data
    diploma = {name: " ".join(text.split()) for name, text in fact.diploma.model_dump().items()}
    params = {
        **fact.model_dump(include={"name", "email", "user_code", "explanation", "entry_id"}),
        **diploma,
        "country": COUNTRIES.label(fact.diploma.country, OFFICE_LANGUAGE),
        "proposed": level_name(fact.proposed or "", str),
        "claimed": level_name(fact.claimed, str),
    }
    return [
        Send(
            id=derived_id(event.id, "equivalence"),
            to=fact.office,
            template="applications/mail/equivalence",
            language=OFFICE_LANGUAGE,
            params=params,
            headers={"Reply-To": fact.email},
            whose=subject_of(fact, event.stream),
        )
    ]


CONSULTATION: Final = Reaction("consultation", (EquivalenceErrorReported,), _consult)


def _vacancies(vacancy_id: str, into: str = "") -> list[Need]:
    return [Need(VACANCY, key) for key in (vacancy_id, into) if key]


def _needs(vacancy_id: str, into: str = "") -> list[Need]:
    return [*_vacancies(vacancy_id, into), *(Need(FOLLOWERS, part) for part in parts_of(vacancy_id))]


class Change(NamedTuple):
    """A change of a vacancy that applications follow, named by the event's `moment` in the vacancy's stream.

    into: the vacancy that this one has become part of.
    """

    vacancy_id: str
    moment: int = 0
    version: int = 0
    cancelled: bool = False
    into: str = ""

    def known_in(self, known: Known) -> VacancyDocument:
        """The vacancy as it is known now; raises LookupError if this change is not yet."""
        document = known.get(VACANCY, self.into or self.vacancy_id)
        if document is None or document["version"] < self.version:
            raise LookupError(f"vacancy {self.vacancy_id} is not in the view yet")
        if self.into and self.vacancy_id not in document.get("absorbed", ()):
            raise LookupError(f"vacancy {self.vacancy_id} is not part of {self.into} in the view yet")
        if self.cancelled and document["state"] != "cancelled":
            raise LookupError(f"the end of vacancy {self.vacancy_id} is not in the view yet")
        return document

    def language_in(self, known: Known) -> str:
        """Of the notice that was a vacancy of its own; "" if it was none."""
        document = known.get(VACANCY, self.vacancy_id) if self.into else None
        return document["language"] if document else ""

    def schedule(self, rule: str, key: str, due: datetime, **data: str) -> Schedule:
        return Schedule(f"{rule}/{key}/{self.moment}", due, rule, {**self._asdict(), **data})

    @classmethod
    def of(cls, timer: Timer) -> "Change":
        return cls(**{name: value for name, value in timer.data.items() if name in cls._fields})


def _followed(change: Change, vacancy: VacancyDocument, known: Known, now: datetime) -> Iterator[Effect]:
    """All applications, if they are few; else each part in a transaction of its own."""
    found = [(part, known.get(FOLLOWERS, part)) for part in parts_of(change.vacancy_id)]
    parts = {part: document["applications"] for part, document in found if document}
    if sum(map(len, parts.values())) <= AT_ONCE:
        return _follow(vacancy, change.language_in(known), *parts.values())
    return (change.schedule("follow_part", part, now, part=part) for part in parts)


def _follow(vacancy: VacancyDocument, language: str, *parts: Iterable[str]) -> Iterator[Do]:
    facts, reason = VacancyFacts.model_validate(vacancy), vacancy.get("reason", "")
    command = FollowVacancy(vacancy=facts, reason=reason, language=language)
    return (Do(APPLICATIONS, application_id, command) for application_id in chain(*parts))


def _changed(event: Recorded[VacancyAmended | VacancyCancelled | VacancyMerged], known: Known) -> Iterable[Effect]:
    document = known.get(VACANCY, event.key)
    if document is None:
        raise LookupError(f"vacancy {event.key} is not in the view yet")
    if isinstance(event.data, VacancyMerged):
        change = Change(event.key, event.version, into=str(event.data.into))
        vacancy = change.known_in(known)
    elif isinstance(event.data, VacancyCancelled):
        change = Change(event.key, event.version, document["version"], cancelled=True)
        vacancy = VacancyDocument({**document, "state": "cancelled", "reason": event.data.reason})
    else:
        change = Change(event.key, event.version, event.data.version, cancelled=False)
        vacancy = described(document, event.key, event.data)
    again = change.schedule("follow", event.key, event.at + SWEEP_AFTER)
    return [*_followed(change, vacancy, known, event.at), again]


def _followed_in(event: Recorded[VacancyAmended | VacancyCancelled | VacancyMerged]) -> list[Need]:
    return _needs(event.key, str(event.data.into) if isinstance(event.data, VacancyMerged) else "")


FOLLOW: Final = Reaction("follow", (VacancyAmended, VacancyCancelled, VacancyMerged), _changed, _followed_in)


def _sweep(timer: Timer, known: Known) -> Iterable[Effect]:
    change = Change.of(timer)
    return _followed(change, change.known_in(known), known, timer.now)


SWEEP: Final = TimerRule("follow", _sweep, lambda timer: _needs(timer.data["vacancy_id"], timer.data.get("into", "")))


def _part_needs(timer: Timer) -> list[Need]:
    return [*_vacancies(timer.data["vacancy_id"], timer.data.get("into", "")), Need(FOLLOWERS, timer.data["part"])]


def _part(timer: Timer, known: Known) -> Iterable[Effect]:
    document = known.get(FOLLOWERS, timer.data["part"])
    change = Change.of(timer)
    return _follow(change.known_in(known), change.language_in(known), document["applications"] if document else ())


PART: Final = TimerRule("follow_part", _part, _part_needs)


def _discard(candidate_id: str, known: Known) -> Iterator[Effect]:
    """What was submitted stays."""
    document = known.get(APPLICATIONS_OF, candidate_id)
    rows = document["applications"] if document else []
    drafts = [UUID(row["id"]) for row in rows if row["status"] == Status.DRAFT]
    return chain.from_iterable(to_discard(draft, UUID(candidate_id)) for draft in drafts)


def _forget(event: Recorded[AccountClosed], known: Known) -> Iterable[Effect]:
    """Once more later, for a draft that was created in the same moment."""
    again = Schedule(f"discard/{event.key}", event.at + SWEEP_AFTER, "discard", {"candidate_id": event.key})
    return [*_discard(event.key, known), again]


FORGET: Final = Reaction("forget", (AccountClosed,), _forget, lambda event: [Need(APPLICATIONS_OF, event.key)])

DISCARD: Final = TimerRule(
    "discard",
    lambda timer, known: _discard(timer.data["candidate_id"], known),
    lambda timer: [Need(APPLICATIONS_OF, timer.data["candidate_id"])],
)


def _over(submitted_at: datetime, vacancy: VacancyDocument | None, known: Known) -> datetime:
    """When what was submitted is to be erased: so many days after the end of its job opening."""
    end = datetime.fromisoformat(vacancy["closes_at"]) if vacancy else submitted_at
    return max(end, submitted_at) + timedelta(days=int(known.setting(RETENTION)))


def _vacancy_of(event: Recorded[ApplicationSubmitted | PersonalDataErased]) -> list[Need]:
    return [Need(VACANCY, str(event.data.vacancy_id))] if isinstance(event.data, ApplicationSubmitted) else []


def _keep_for_a_while(event: Recorded[ApplicationSubmitted | PersonalDataErased], known: Known) -> Iterable[Effect]:
    key, fact = f"erase/{event.key}", event.data
    if isinstance(fact, PersonalDataErased):
        return [Unschedule(key)]
    vacancy_id, at = str(fact.vacancy_id), event.at.isoformat()
    data = {"subject": event.stream, "application_id": event.key, "vacancy_id": vacancy_id, "submitted_at": at}
    return [Schedule(key, _over(event.at, known.get(VACANCY, vacancy_id), known), ERASURE.name, data)]


def _erase_file(timer: Timer, known: Known) -> Iterable[Effect]:
    """Unless the job opening has been prolonged meanwhile."""
    submitted_at = datetime.fromisoformat(timer.data["submitted_at"])
    due = _over(submitted_at, known.get(VACANCY, timer.data["vacancy_id"]), known)
    if due > timer.now:
        return [Schedule(timer.key, due, ERASURE.name, timer.data)]
    return [Do(APPLICATIONS, timer.data["application_id"], EraseFile())]


ERASURE: Final = TimerRule(
    "erase_file", _erase_file, lambda timer: [Need(VACANCY, timer.data["vacancy_id"])], erases=True
)
KEEP: Final = Reaction(
    "keep_for_a_while", (ApplicationSubmitted, PersonalDataErased), _keep_for_a_while, _vacancy_of, from_the_first=True
)
DESTROY: Final = Reaction("erase", (PersonalDataErased,), lambda event, _: [Erase(event.stream)])

ALL: Final = (CONFIRMATION, CANCELLATION, STATUS, LOST, CONSULTATION, FOLLOW, FORGET, KEEP, DESTROY)
TIMERS: Final = (SWEEP, PART, DISCARD, ERASURE)
