"""A ticket whole, on the page of whoever asked and at the agents' desk."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from fastapi import Response

from services.support.domain import MESSAGE, STANDARD_ANSWER
from services.support.pages.words import STATUSES, nature_of
from services.support.projections import TicketDocument
from shared.model.errors import Problem
from shared.web import PageContext


class Tried(NamedTuple):
    """What somebody wrote that was not taken, and why."""

    values: Mapping[str, Any]
    problems: Sequence[Problem]
    status: int


NOTHING: Final = Tried({}, (), 200)


def whole(page: PageContext, template: str, document: TicketDocument, tried: Tried = NOTHING, **more: Any) -> Response:
    """The thread, and a form to write in it that keeps what was typed."""
    return page.render(
        template,
        tried.status,
        ticket=document,
        nature=nature_of(document["nature"]),
        status_of=STATUSES[document["status"]],
        answer=STANDARD_ANSWER,
        fields=MESSAGE,
        values=tried.values,
        problems=tried.problems,
        **more,
    )
