"""What candidates think of the site: said by them, read by support."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson

from services.support.domain.feedback import FEEDBACK, FEEDBACK_FIELDS, GiveFeedback
from services.support.projections import FEEDBACK as VIEW
from services.support.projections import FeedbackDocument
from shared.auth import Who
from shared.model.errors import refuse_if
from shared.runtime.kernel import Kernel
from shared.store.limits import Limit, keep_within
from shared.vocabulary.fields import check

OFTEN: Final = Limit("feedback", 10, timedelta(hours=1))
_PAGE: Final = """select document::text from documents_of_view
    order by document->>'given_at' desc, key limit $2 offset $3"""
_COUNTED: Final = "select (document->>'rating')::int as rating, count(*) as number from documents_of_view group by 1"


class Read(NamedTuple):
    """A page of what was said, the newest first, and how often each rating was given."""

    said: list[FeedbackDocument]
    counts: dict[int, int]


async def give(kernel: Kernel, who: Who, values: dict[str, Any]) -> None:
    """Raises Invalid, which counts for nothing, and TooMany for who changes it all the time."""
    refuse_if(check(FEEDBACK_FIELDS, values))
    await keep_within(kernel.pool, OFTEN, who.account_id)
    await kernel.execute(FEEDBACK, who.account_id, GiveFeedback(candidate_id=who.account_id, values=values))


async def mine(kernel: Kernel, who: Who) -> FeedbackDocument | None:
    return await kernel.views.get(VIEW, who.account_id)


async def page_of(kernel: Kernel, limit: int, offset: int) -> Read:
    rows = await kernel.views.fetch(VIEW, _PAGE, limit, offset)
    counts = await kernel.views.fetch(VIEW, _COUNTED)
    return Read([orjson.loads(row[0]) for row in rows], {row["rating"]: row["number"] for row in counts})
