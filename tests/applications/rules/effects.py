"""What reactions and timers lead to, given documents."""

from typing import Any

from shared.model.message import Event
from shared.model.reaction import Effect, Reaction, Send
from shared.model.testing import recorded
from tests.applications.test_reactions import known
from tests.applications.values import DRAFT

STREAM = f"application-{DRAFT}"
Documents = dict[str, dict[str, Any]]


def effects(
    reaction: Reaction, event: Event, documents: Documents, stream: str = STREAM, version: int = 1
) -> list[Effect]:
    """What the event leads to, given these documents."""
    return list(reaction.react(recorded(event, stream, version), known(reaction, event, stream, **documents)))


def mail(reaction: Reaction, event: Event, documents: Documents, version: int = 1) -> Send:
    """The one mail that the event leads to."""
    [sent] = effects(reaction, event, documents, version=version)
    assert isinstance(sent, Send)
    return sent
