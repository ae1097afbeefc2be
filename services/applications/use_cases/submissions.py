"""The lists of submitted applications: in the order of their last change, page by page, within somebody's reach."""
# ruff: noqa: S608 - only names of ours are put into the text; every value is a parameter.

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from services.applications.events import Status
from services.applications.projections import SUBMISSIONS, VACANCY, SubmissionDocument
from services.applications.projections.submissions import moment
from shared.model.errors import N_, Invalid
from shared.runtime.kernel import Kernel
from shared.store.documents import live
from shared.vocabulary.permissions import Owners, within_reach

BETWEEN: Final = "~"
NO_PLACE: Final = N_("This is not the `next` of a page of this list")
LONGEST: Final = 100

_AT: Final = "((document->>'changed_at') collate \"C\")"
_LINES: Final = f"""select key, {_AT} as at, document from documents_of_view
    where view = 'submissions' and document->>'status' = status and ({_AT}, key) > ($2::text, $3::text)"""
_ORDERED: Final = f"order by {_AT}, key limit $4"
_STATUSES: Final = "unnest($5::text[]) as status"
# Each look goes along an index in its order and ends after a page, whatever lies before and behind it.
_ALL: Final = f"select line.* from {_STATUSES} cross join lateral ({_LINES} {_ORDERED}) as line"
_OF_VACANCIES: Final = f"""select line.* from {_STATUSES} cross join unnest($6::text[]) as vacancy
    cross join lateral ({_LINES} and document->>'vacancy_id' = vacancy {_ORDERED}) as line"""
# Lines from before events named the organisation are asked for by their job openings: there come no more of them.
_OF_OWNERS: Final = f"""select line.* from {_STATUSES} cross join unnest($6::text[]) as owner
    cross join lateral ({_LINES} and document->>'organisation' = owner {_ORDERED}) as line
    union all select line.* from {_STATUSES} cross join lateral (
        {_LINES} and document->>'organisation' is null and exists (
            select from documents as opening where opening.view = 'vacancy'
                and opening.key = documents_of_view.document->>'vacancy_id'
                and opening.generation = {live("'vacancy'")}
                and coalesce(opening.document->>'organisation', '') = any($6)
        ) {_ORDERED}) as line"""


class Asked(NamedTuple):
    """Which lines: of a job opening, with a status, changed after a time; None for all. after: of an earlier page."""

    vacancy_id: object = None
    status: Status | None = None
    changed_after: datetime | None = None
    after: str = ""
    limit: int = 100


class Page(NamedTuple):
    """Lines, and the place after them if there are more."""

    lines: list[SubmissionDocument]
    next: str


async def page_of(kernel: Kernel, owners: Owners, asked: Asked) -> Page:
    """The lines after the place asked for. Raises Invalid where that is none."""
    sql, args = await _looks(kernel, owners, asked.vacancy_id)
    statuses = [asked.status.value] if asked.status else [status.value for status in Status]
    rows = await kernel.views.fetch(
        SUBMISSIONS, f"select key, document::text as line from ({sql}) as lines order by at, key limit $4",
        *_place(asked), asked.limit + 1, statuses, *args,
    )  # fmt: skip
    lines: list[SubmissionDocument] = [orjson.loads(row["line"]) for row in rows[: asked.limit]]
    last = lines[-1] if len(rows) > asked.limit else None
    return Page(lines, f"{last['changed_at']}{BETWEEN}{last['id']}" if last else "")


async def _looks(kernel: Kernel, owners: Owners, vacancy_id: object) -> tuple[str, Sequence[Any]]:
    if vacancy_id is None:
        return (_ALL, ()) if owners is None else (_OF_OWNERS, [sorted(owners)])
    return _OF_VACANCIES, [await openings_of(kernel, owners, vacancy_id)]


async def openings_of(kernel: Kernel, owners: Owners, vacancy_id: object) -> list[str]:
    """The ids of a job opening and of the notices that are part of it now; none where it is out of reach."""
    known = await kernel.views.get(VACANCY, vacancy_id)
    if known is None or not within_reach(owners, known.get("organisation", "")):
        return []
    return [str(vacancy_id), *known.get("absorbed", ())]


def _place(asked: Asked) -> tuple[str, str]:
    since = (moment(asked.changed_after), BETWEEN) if asked.changed_after else ("", "")
    return max(since, place_of(asked.after))


def place_of(after: str) -> tuple[str, str]:
    """The moment and the id after which a page begins. Raises Invalid where that is none."""
    at, between, key = after.partition(BETWEEN)
    if after and not (between and at and key):
        raise Invalid.because(NO_PLACE, "after")
    return at, key
