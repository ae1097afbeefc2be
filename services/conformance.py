"""The conformance kit's command, and what it plays: a job opening, two applications, and one applicant's account."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Annotated, Final
from uuid import uuid4

import httpx
import typer

from services.applications.events import PUBLISHED as APPLICATIONS
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AttachmentAdded,
    DraftCreated,
    DraftSaved,
    Status,
)
from services.identity.events import ACCOUNT, AccountClosed, CandidateRegistered, EmailVerified, PersonalDataErased
from services.identity.events import PUBLISHED as IDENTITY
from services.vacancies.events import PUBLISHED as VACANCIES
from services.vacancies.events import DeadlineExtended, DutyStation, VacancyAmended, VacancyCancelled, VacancyPublished
from shared.conformance.report import report
from shared.conformance.stage import Begin
from shared.conformance.story import Stream, stream_of
from shared.conformance.subscriber import SECONDS, Subscriber
from shared.model.message import Event, Published
from shared.runtime.schemas import Version, samples_of

TITLE: Final = "Water and Sanitation Engineer"
NAMES: Final = ("Anneliese", "Probekandidatin")

FORGOTTEN: Final = (
    AccountClosed(),
    PersonalDataErased(goes=ACCOUNT),
)
"""What ends the stream of an account."""

PLAYED: Final = frozenset(
    published.topic(category)
    for published, category in ((VACANCIES, "vacancy"), (APPLICATIONS, "application"), (IDENTITY, "account"))
)
"""The topics of which there are events in it."""


def play(
    url: Annotated[str, typer.Option(help="Your handler: it takes an event by POST, and says by GET what it holds.")],
    topic: Annotated[list[str] | None, typer.Option(help="Plays events of this topic only; may be repeated.")] = None,
) -> None:
    """Plays what Kafka may do to a subscriber at its own handler, and says what it got wrong; docs/integration.md."""
    if unknown := set(topic or ()) - PLAYED:
        played = ", ".join(sorted(PLAYED))
        raise typer.BadParameter(f"no events of {', '.join(sorted(unknown))}; there are some of {played}")
    with httpx.Client(timeout=SECONDS) as client:
        right = report(Subscriber(client, url), story(topic or ()), lambda line: print(line, flush=True))
    raise typer.Exit(0 if right else 1)


def story(topics: Collection[str] = ()) -> Begin:
    """What begins it, with ids that nobody has seen; of these topics only, if any is named."""

    def begin(*, closed: bool) -> list[Stream]:
        streams = _streams(closed=closed)
        return [each for each in streams if not topics or each.deliveries[0].topic in topics]

    return begin


def _streams(*, closed: bool) -> list[Stream]:
    vacancy, first, second, anna, boris = (uuid4() for _ in range(5))
    number = f"26-{vacancy.hex[:8].upper()}"
    return [
        _stream(VACANCIES, "vacancy", vacancy, *_vacancy(number)),
        _stream(IDENTITY, "account", anna, *_account(anna.hex), *(FORGOTTEN if closed else ()), over=closed),
        _stream(
            APPLICATIONS, "application", first,
            DraftCreated(candidate_id=anna),
            DraftSaved(candidate_id=anna, section="letter", values={"letter": "I apply."}),
            _submitted(anna, vacancy, number),
            ApplicationMovedUnderConsideration(candidate_id=anna, reason="On the long list"),
            ApplicationOutcomeRecorded(candidate_id=anna, outcome=Status.RECRUITMENT_COMPLETED),
        ),
        _stream(
            APPLICATIONS, "application", second,
            DraftCreated(candidate_id=boris),
            AttachmentAdded(
                candidate_id=boris, attachment_id=uuid4(), name="diploma.pdf", content_type="application/pdf",
                size=1000, sha256="0" * 64,
            ),
            _submitted(boris, vacancy, number),
            ApplicationWithdrawn(candidate_id=boris),
        ),
    ]  # fmt: skip


def _stream(published: Published, category: str, key: object, *events: Event, over: bool = False) -> Stream:
    return stream_of(published, category, key, list(enumerate(events, 1)), forgotten=over)


def _vacancy(number: str) -> list[Event]:
    opens, closes, later = (datetime(2026, month, 1, 4, 59, 59, tzinfo=UTC) for month in (11, 12, 12))
    later = later.replace(day=15)
    notice = VacancyPublished(
        job_opening_number=number, language="en", title=TITLE, description="<p>Plans drinking water networks.</p>",
        network="LOGNET", family="ENG", category="P", level="P-3", duty_stations=(DutyStation(code="GENEVA"),),
        department="DESA", opens_at=opens, closes_at=closes, organisation="Conformance",
    )  # fmt: skip
    amended = notice.model_dump() | {"title": f"Senior {TITLE}", "closes_at": later, "version": 2}
    return [notice, DeadlineExtended(closes_at=later), VacancyAmended(**amended), VacancyCancelled(reason="No budget")]


def _account(mark: str) -> list[Event]:
    given, family = (f"{name}-{mark[:12]}" for name in NAMES)
    before, now = f"{mark}@example.org", f"{mark}@example.net"
    registered = CandidateRegistered(
        user_code="P7K4-2QXM", email=before, title="ms", given_names=given, family_name=family,
        birth_date=date(1990, 11, 23), language="fr", link="none",
    )  # fmt: skip
    return [registered, EmailVerified(email=before), EmailVerified(email=now, first=False)]


def _submitted(candidate: object, vacancy: object, number: str) -> ApplicationSubmitted:
    sample = samples_of(APPLICATIONS.service)[Version("ApplicationSubmitted", ApplicationSubmitted.schema_version)]
    return ApplicationSubmitted.model_validate(
        {
            **sample,
            "candidate_id": candidate,
            "vacancy_id": vacancy,
            "job_opening_number": number,
            "title": TITLE,
            "reference": f"2026-{uuid4().hex[:4].upper()}-{uuid4().hex[:4].upper()}",
        }
    )
