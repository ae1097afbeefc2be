"""Carrying out commands and effects: load, decide, append; then mails and timers in the same transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, NamedTuple

import orjson

from shared.model.decider import AnyDecider
from shared.model.errors import CHANGED_SINCE, NoLongerSo
from shared.model.message import Command, Event, Recorded, WithSecret
from shared.model.reaction import Do, Effect, Erase, Schedule, Send, Unschedule
from shared.ops.context import Context, current
from shared.store.appending import Write
from shared.store.database import Connection
from shared.store.erasing import want_erased
from shared.store.event_store import Store
from shared.store.snapshots import States

Rendered = tuple[str, str, str]
Render = Callable[[str, str, Mapping[str, Any]], Rendered]
"""render(template, language, params) -> (subject, text, html)"""


class Caused(NamedTuple):
    """Effects and the conversation in which they happen."""

    context: Context
    effects: Sequence[Effect]


@dataclass
class _Changed:
    """An aggregate to which commands have led to events, each in its conversation."""

    decider: AnyDecider
    state: Any
    events: list[Event] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)


def _decided(steps: Iterable[tuple[Do, Context]], before: States) -> dict[str, _Changed]:
    """What these commands lead to, by stream, decided in order; raises what `decide` refuses with."""
    found: dict[str, _Changed] = {}
    for step, context in steps:
        stream, decider = step.decider.stream(step.key), step.decider
        of = found.setdefault(stream, _Changed(decider, before.aggregates[stream].state))
        command = _stamped(step.command, before, context)
        for event in decider.decide(command, of.state):
            if type(event) not in decider.events:
                raise TypeError(f"{decider.category}: {type(event).__name__} is not among its events")
            of.state = decider.evolve(of.state, event)
            of.events.append(event)
            of.contexts.append(context)
    return {stream: of for stream, of in found.items() if of.events}


def _stamped(command: Command, before: States, context: Context) -> Command:
    """With the database's clock, whoever acts, and a secret if it takes one."""
    secret = {"secret": token_urlsafe(24)} if isinstance(command, WithSecret) else {}
    return command.model_copy(update={"at": before.now, "by": command.by or context.actor, **secret})


async def _append(
    store: Store,
    before: States,
    changed: Mapping[str, _Changed],
    connection: Connection | None,
    actor: str | None = None,
) -> tuple[Recorded[Any], ...]:
    writes = [Write(stream, before.version(stream), of.events, of.contexts) for stream, of in changed.items()]
    recorded = await store.append(writes, connection=connection, actor=actor)
    for stream, last in {event.stream: event for event in recorded}.items():
        of = changed[stream]
        store.snapshots.note(of.decider, before.aggregates[stream], of.events, last, of.state)
    return recorded


async def execute(store: Store, steps: Sequence[Do], connection: Connection | None = None) -> tuple[Recorded[Any], ...]:
    """Two round trips: what the aggregates are, and the append of what was decided. Raises Refused or WrongVersion.

    What the caller expected is looked at last (RFC 9110 §13.2.1), and holds until the append.
    """
    before = await store.states([(step.decider, step.key) for step in steps], connection)
    here = current()
    changed = _decided([(step, here) for step in steps], before)
    _compare(steps, before, here)
    return await _append(store, before, changed, connection)


def _compare(steps: Iterable[Do], before: States, here: Context) -> None:
    for category, stream in {(step.decider.category, step.decider.stream(step.key)) for step in steps}:
        if category in here.expected and before.version(stream) not in here.expected[category]:
            raise NoLongerSo.because(CHANGED_SINCE)


async def carry_out(connection: Connection, store: Store, render: Render, caused: Sequence[Caused], actor: str) -> None:
    """All effects in the caller's transaction, the append first, so that no stream's order can be inverted."""
    steps = [(effect, context) for context, effects in caused for effect in effects if isinstance(effect, Do)]
    if steps:
        before = await store.states([(step.decider, step.key) for step, _ in steps], connection)
        await _append(store, before, _decided(steps, before), connection, actor)
    for context, wished in caused:
        if subjects := [effect.subject for effect in wished if isinstance(effect, Erase)]:
            await want_erased(connection, subjects, context.causation)
    effects = [effect for _, effects in caused for effect in effects]
    mails = [(effect, context) for context, wished in caused for effect in wished if isinstance(effect, Send)]
    await _queue(connection, render, mails)
    await _set_timers(connection, [effect for effect in effects if isinstance(effect, Schedule | Unschedule)])


async def _set_timers(connection: Connection, effects: Sequence[Schedule | Unschedule]) -> None:
    """The last effect on a timer holds."""
    last = {effect.key: effect for effect in effects}
    gone = [key for key, effect in last.items() if isinstance(effect, Unschedule)]
    rows = [
        (effect.key, effect.rule, effect.due, orjson.dumps(effect.data).decode())
        for effect in last.values()
        if isinstance(effect, Schedule)
    ]
    if gone:
        await connection.execute("delete from timers where key = any($1)", gone)
    if rows:
        await connection.execute(
            "insert into timers (key, rule, due, data)"
            " select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[]) on conflict (key) do update"
            " set rule = excluded.rule, due = excluded.due, data = excluded.data, claimed = null",
            *map(list, zip(*rows, strict=True)),
        )


async def _queue(connection: Connection, render: Render, mails: Sequence[tuple[Send, Context]]) -> None:
    if not mails:
        return
    rows = [
        (mail.id, mail.to, mail.template, *render(mail.template, mail.language, mail.params),
         orjson.dumps(mail.headers).decode(), mail.about, mail.whose, context.correlation, context.trace)
        for mail, context in mails
    ]  # fmt: skip
    await connection.execute(
        "insert into mails (id, recipient, template, subject, body_text, body_html, headers, about, whose, correlation,"
        " trace, queued_at, due) select mail.*, now(), now() from"
        " unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::text[],"
        " $9::text[], $10::uuid[], $11::text[]) as mail (id, recipient, template, subject, body_text, body_html,"
        " headers, about, whose, correlation, trace)"
        " where not exists (select from erased_subjects as gone where gone.subject = mail.whose)"
        " on conflict (id) do nothing",
        *map(list, zip(*rows, strict=True)),
    )
