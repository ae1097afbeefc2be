"""What both doors show of a saved search beyond its document."""

from services.alerts.projections import SearchDocument, awaits, days_left, live
from shared.processing.mail import given_up
from shared.runtime.kernel import Kernel


class Shown(SearchDocument):
    """live: it finds vacancies still. awaits_confirmation: nothing goes to its address before a yes (R48).

    undelivered: the last mail about it was given up, and it still goes to the same address.
    """

    live: bool
    days_left: int
    awaits_confirmation: bool
    undelivered: bool


async def shown(kernel: Kernel, *documents: SearchDocument) -> list[Shown]:
    now, lost = await kernel.now(), await given_up(kernel.pool, *(document["id"] for document in documents))
    return [
        Shown(
            **document,
            live=live(document, now),
            days_left=days_left(document, now),
            awaits_confirmation=awaits(document),
            undelivered=document["alert"] and lost.get(document["id"]) == document["email"],
        )
        for document in documents
    ]
