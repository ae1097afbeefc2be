"""What follows by itself: mails to candidates and to the office, and applications that follow their vacancy."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from services.applications.domain.application import APPLICATION as APPLICATIONS
from services.applications.domain.commands import FollowVacancy
from services.applications.domain.equivalence.reading import level_name
from services.applications.domain.facts import VacancyFacts
from services.applications.events import ApplicationOutcomeRecorded, ApplicationSubmitted, EquivalenceErrorReported
from services.applications.projections import APPLICATION, FOLLOWERS, VACANCY, described, parts_of
from services.vacancies.events import VacancyAmended, VacancyCancelled
from shared.fields import COUNTRIES
from shared.message import Recorded, derived_id
from shared.reaction import Do, Effect, Known, Need, Reaction, Schedule, Send, Timer, TimerRule

SWEEP_AFTER: Final = timedelta(minutes=1)
"""When a changed vacancy's applications are gone through once more, for those aimed at it meanwhile."""


def _mail(template: str, event: Recorded[Any], submitted: dict[str, Any], reason: str = "") -> Send:
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
            "reason": reason,
        },
    )


def _confirm(event: Recorded[ApplicationSubmitted], _: Known) -> Iterable[Effect]:
    return [_mail("submitted", event, event.data.model_dump(mode="json"))]


CONFIRMATION: Final = Reaction("confirmation", (ApplicationSubmitted,), _confirm)


def _tell(event: Recorded[ApplicationOutcomeRecorded], known: Known) -> Iterable[Effect]:
    if event.data.outcome != "cancelled":
        return []
    document = known.get(APPLICATION, event.key)
    if document is None or document["submitted"] is None:
        raise LookupError(f"application {event.key} is not in the view yet")
    return [_mail("cancelled", event, document["submitted"], event.data.reason)]


CANCELLATION: Final = Reaction(
    "cancellation", (ApplicationOutcomeRecorded,), _tell, lambda event: [Need(APPLICATION, event.key)]
)


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
        )
    ]


CONSULTATION: Final = Reaction("consultation", (EquivalenceErrorReported,), _consult)


def _needs(vacancy_id: str) -> list[Need]:
    return [Need(VACANCY, vacancy_id), *(Need(FOLLOWERS, part) for part in parts_of(vacancy_id))]


def _follow(vacancy: dict[str, Any], reason: str, known: Known) -> Iterator[Do]:
    command = FollowVacancy(vacancy=VacancyFacts.model_validate(vacancy), reason=reason)
    for part in parts_of(vacancy["id"]):
        document = known.get(FOLLOWERS, part)
        for application_id in document["applications"] if document else ():
            yield Do(APPLICATIONS, application_id, command)


def _changed(event: Recorded[VacancyAmended | VacancyCancelled], known: Known) -> Iterable[Effect]:
    document = known.get(VACANCY, event.key)
    if document is None:
        raise LookupError(f"vacancy {event.key} is not in the view yet")
    reason = ""
    if isinstance(event.data, VacancyCancelled):
        vacancy, reason = {**document, "state": "cancelled"}, event.data.reason
    else:
        vacancy = dict(described(event.key, event.data, document["state"]))
    data = {"vacancy_id": event.key}
    again = Schedule(f"follow/{event.key}/{event.version}", event.at + SWEEP_AFTER, "follow", data)
    return [*_follow(vacancy, reason, known), again]


FOLLOW: Final = Reaction("follow", (VacancyAmended, VacancyCancelled), _changed, lambda event: _needs(event.key))


def _sweep(timer: Timer, known: Known) -> Iterable[Effect]:
    document = known.get(VACANCY, timer.data["vacancy_id"])
    if document is None:
        raise LookupError(f"vacancy {timer.data['vacancy_id']} is not in the view yet")
    return _follow(dict(document), document.get("reason", ""), known)


SWEEP: Final = TimerRule("follow", _sweep, lambda timer: _needs(timer.data["vacancy_id"]))

ALL: Final = (CONFIRMATION, CANCELLATION, CONSULTATION, FOLLOW)
TIMERS: Final = (SWEEP,)
