"""What a candidate is told by mail of an application, and what the office reads."""

from collections.abc import Iterable
from typing import Any, Final, get_args

from services.applications.domain.equivalence.reading import level_name
from services.applications.events import (
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
from services.applications.projections import APPLICATION, CANDIDATE, VACANCY
from services.identity.events import PersonalDataErased, account_of
from shared.model.message import Recorded, derived_id, subject_of
from shared.model.reaction import Effect, Known, Need, Reaction, Send
from shared.vocabulary.fields import COUNTRIES


def _mail(template: str, event: Recorded[Any], submitted: dict[str, Any], **more: str) -> list[Send]:
    """None about what was submitted and is erased."""
    return [_to_candidate(template, event, submitted, **more)] if submitted["snapshot"] else []


def _to_candidate(template: str, event: Recorded[Any], submitted: dict[str, Any], **more: str) -> Send:
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
    return _mail("submitted", event, event.data.model_dump(mode="json"))


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
    return _mail("cancelled", event, _submitted(event, known), reason=event.data.reason)


CANCELLATION: Final = Reaction("cancellation", (ApplicationOutcomeRecorded,), _tell, _itself)


def _moved(event: Recorded[StatusReached], known: Known) -> Iterable[Effect]:
    status = status_after(event.data)
    if status is None or status is Status.CANCELLED:
        return []
    words = {"reason": reason_of(event.data), "status": status.label, "meaning": status.meaning}
    return _mail("status", event, _submitted(event, known), **words)


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
