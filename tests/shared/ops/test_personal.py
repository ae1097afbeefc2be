"""Personal data stay where they belong: canaries in events come out in no log, no metric and no parked error."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg
import pytest
from prometheus_client import generate_latest

from shared.model.errors import Invalid, Problem
from shared.model.message import Recorded, personal_fields
from shared.model.reaction import Schedule, TimerRule
from shared.ops.context import Context
from shared.processing.execution import Caused, carry_out
from shared.processing.handlers import ViewHandler
from shared.processing.timers import Timers
from shared.store.appending import ANY, Write
from shared.store.codec import CannotDecode, Codec
from shared.store.event_store import Store
from tests.shared.logged import logged
from tests.shared.things import COUNTER, TOTALS, Raised, own_views, render, subscription_on
from tests.shared.waiting import settled

CANARY = "Kanarienvogel"
HANDLER = "view:totals:1"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged("DEBUG") as stream:
        yield stream


class Gossip(ViewHandler):
    """Fails in a way that quotes what the event says of a person."""

    error: Exception

    async def apply(self, connection: Any, name: str, events: Sequence[Recorded[Any]]) -> None:  # noqa: ARG002
        raise self.error


ERRORS = [
    ValueError(f"cannot fold {CANARY!r}"),
    KeyError(CANARY),
    LookupError(f'no document "{CANARY}"'),
    Invalid(Problem("family_name", "%(value)s is not a name", {"value": CANARY})),
    ValueError(f"the address {CANARY}@example.org is not known"),
    asyncpg.UniqueViolationError(f"duplicate key\nDETAIL:  Key (name)=({CANARY}) already exists."),
    ValueError(f"first line\nsecond line with {CANARY}"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_what_a_failing_handler_quotes_of_a_person_is_neither_logged_nor_kept_with_what_is_parked(
    store: Store, lines: io.StringIO, error: Exception
) -> None:
    await store.append([Write("counter-1", ANY, [Raised(by_much=1, note=CANARY)])])
    await settled(store.pool)
    subscription, handler = subscription_on(store), Gossip(TOTALS)
    handler.error = error
    await subscription.advance(handler)
    assert not await subscription.resume(handler, "counter-1")
    said = await store.pool.fetchval("select error from parked")
    assert type(error).__name__ in said
    assert CANARY not in said
    assert "parked" in lines.getvalue()
    assert CANARY not in lines.getvalue()
    assert CANARY not in generate_latest(subscription.metrics.registry).decode()


async def test_what_a_failing_timer_quotes_of_a_person_is_not_logged(store: Store, lines: io.StringIO) -> None:
    def fire(*_: Any) -> Any:
        raise ValueError(f"nobody called {CANARY!r}")

    async with store.pool.acquire() as connection, connection.transaction():
        due = await connection.fetchval("select now() - interval '1 day'")
        await carry_out(connection, store, render, [Caused(Context(), [Schedule("t", due, "gossip")])], "test")
    assert await Timers(store, render, [TimerRule("gossip", fire)], own_views(store)).fire_due() == 1
    assert "timer failed" in lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_data_that_cannot_be_decoded_are_named_by_their_fields_only() -> None:
    for data in (f'{{"by_much": "{CANARY}"}}', f"{CANARY}", f'{{"note": "{CANARY}"}}', f'["{CANARY}"]'):
        with pytest.raises(CannotDecode) as caught:
            Codec(COUNTER.events).data("Raised", 1, data)
        assert CANARY not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_model_knows_which_of_its_fields_are_personal() -> None:
    assert personal_fields(Raised) == {"note"}
