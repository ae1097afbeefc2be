"""What both doors do with requests for accommodation, and the list of those within somebody's reach."""
# ruff: noqa: S608 - only names of ours are put into the text; every value is a parameter.

from typing import Any, Final, NamedTuple, TypedDict
from uuid import UUID

import orjson

from services.applications.domain.accommodation import ACCOMMODATION as RULES
from services.applications.domain.accommodation import (
    NONE,
    AskAccommodation,
    RecordReading,
    WithdrawAccommodation,
)
from services.applications.domain.state import restored
from services.applications.projections import (
    ACCOMMODATION,
    AccommodationDocument,
    ApplicationDocument,
    SubmissionDocument,
)
from services.applications.use_cases.applications import own
from services.applications.use_cases.submissions import BETWEEN, openings_of, place_of
from services.applications.use_cases.submitted import submitted
from shared.auth import Who
from shared.model.errors import Gone, NotFound
from shared.runtime.kernel import Kernel
from shared.store.documents import live
from shared.vocabulary.permissions import Owners

_SENT: Final = f"""select line.document from documents as line
    where line.view = 'submissions' and line.generation = {live("'submissions'")} and line.key = asked.key"""
_OWNER: Final = f"""coalesce(sent.document->>'organisation', (select opening.document->>'organisation'
        from documents as opening where opening.view = 'vacancy' and opening.generation = {live("'vacancy'")}
        and opening.key = sent.document->>'vacancy_id'), '')"""
_AT: Final = """greatest((asked.document->>'changed_at') collate "C", (sent.document->>'submitted_at') collate "C")"""
_LINES: Final = f"""select asked.key, {_AT} as at, asked.document->>'status' as status, sent.document::text as sent
    from documents_of_view as asked cross join lateral ({_SENT}) as sent
    where ({_AT}, asked.key) > ($2::text, $3::text) and ($5::text[] is null or {_OWNER} = any($5))
        and ($6::text[] is null or sent.document->>'vacancy_id' = any($6))
    order by at, asked.key limit $4"""


class AccommodationLine(TypedDict):
    """A request in a list, and nothing of what is needed. changed_at: of the request, or when it could be read."""

    application_id: str
    candidate_id: str
    vacancy_id: str
    job_opening_number: str
    reference: str
    status: str
    changed_at: str


class Page(NamedTuple):
    """Lines, and the place after them if there are more."""

    lines: list[AccommodationLine]
    next: str


def is_open(document: ApplicationDocument) -> bool:
    """Whether something can still be asked for the application."""
    state = restored(document)
    return state.is_draft or state.is_pending


async def mine(kernel: Kernel, application_id: object) -> AccommodationDocument | None:
    """The request that stands for an application of the candidate's."""
    found = await kernel.current(ACCOMMODATION, RULES, application_id)
    return found if found and found["status"] == "requested" else None


async def ask(kernel: Kernel, who: Who, application_id: UUID, values: dict[str, Any]) -> None:
    """Asks for what is needed, or for something else than before."""
    document = await own(kernel, who, application_id)
    command = AskAccommodation(candidate_id=who.account_id, values=values, is_open=is_open(document))
    await kernel.execute(RULES, application_id, command)


async def withdraw(kernel: Kernel, who: Who, application_id: UUID) -> None:
    """Nothing is needed any more."""
    await own(kernel, who, application_id)
    await kernel.execute(RULES, application_id, WithdrawAccommodation(candidate_id=who.account_id))


async def read(kernel: Kernel, owners: Owners, application_id: UUID) -> AccommodationDocument:
    """The request for a submitted application within reach, and a note of who has read it; Gone once it is erased."""
    await submitted(kernel, owners, application_id)
    await kernel.execute(RULES, application_id, RecordReading())
    found = await kernel.current(ACCOMMODATION, RULES, application_id)
    if found is None:
        raise NotFound.because(NONE)
    if found["status"] == "erased":
        raise Gone.because(NONE)
    return found


async def page_of(kernel: Kernel, owners: Owners, vacancy_id: UUID | None, after: str, limit: int) -> Page:
    """The requests for submitted applications within reach, what changed longest ago first. Invalid: `after` is none.

    All of them are looked at: there are few beside the applications.
    """
    within = None if owners is None else sorted(owners)
    openings = None if vacancy_id is None else await openings_of(kernel, owners, vacancy_id)
    rows = await kernel.views.fetch(ACCOMMODATION, _LINES, *place_of(after), limit + 1, within, openings)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page([_line(row) for row in rows[:limit]], f"{last['at']}{BETWEEN}{last['key']}" if last else "")


def _line(row: Any) -> AccommodationLine:
    sent: SubmissionDocument = orjson.loads(row["sent"])
    return AccommodationLine(
        application_id=row["key"],
        candidate_id=sent["candidate_id"],
        vacancy_id=sent["vacancy_id"],
        job_opening_number=sent["job_opening_number"],
        reference=sent["reference"],
        status=row["status"],
        changed_at=row["at"],
    )
