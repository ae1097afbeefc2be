"""The declaration of a reaction: a fact, and what it causes. Pure; `processing/execution.py` carries it out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from shared.model.decider import AnyDecider
from shared.model.message import Command, Event, Recorded
from shared.model.projection import AnyProjection, Projection

D = TypeVar("D", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Do:
    """Carry out a command on the aggregate with this key."""

    decider: AnyDecider
    key: object
    command: Command


@dataclass(frozen=True)
class Send:
    """Queue a mail. `id` is derived from the fact, so that a replay queues nothing twice; it becomes the Message-ID.

    template: `<service>/mail/<name>`; `<template>.txt` and `<template>.html` are rendered in `language` with `params`,
    the first line of the text being the subject.
    headers: further header lines, such as List-Unsubscribe; `{public_url}` stands for the site's address.
    about: the id of what a page shows, on which whoever waits for the mail learns that it was given up.
    whose: the subject whose mail it is, named as its stream: once that is erased, it does not leave any more. Empty
        for who is nobody's subject.
    """

    id: UUID
    to: str
    template: str
    language: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    whose: str = field(kw_only=True)


@dataclass(frozen=True)
class Schedule:
    """Wake the timer rule `rule` at `due` with `data` (JSON). The same key again replaces the earlier timer."""

    key: str
    due: datetime
    rule: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unschedule:
    """Forget the timer with this key, if there is one."""

    key: str


@dataclass(frozen=True)
class Erase:
    """Destroy the key of one of the service's subjects, named as its stream, once its own views have seen why.

    Who is held is erased when that ends.
    """

    subject: str


Effect = Do | Send | Schedule | Unschedule | Erase


class Need(NamedTuple):
    """A document that a reaction wants to see."""

    view: AnyProjection
    key: str


class Known:
    """The documents a reaction asked for, the folds it keeps in memory, and what the operator has set."""

    def __init__(
        self, documents: Mapping[Need, Any], memories: Mapping[str, Any] | None = None,
        setting: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self._documents = documents
        self._memories = memories or {}
        self._setting = setting

    def setting(self, name: str) -> str:
        """What is set for a setting that the service declares, or its default. Raises KeyError for another."""
        if self._setting is None:
            raise KeyError(name)
        return self._setting(name)

    def get(self, view: Projection[D], key: object) -> D | None:
        """The document, or None if there is none; raises KeyError if it was not asked for in `needs`."""
        return cast("D | None", self._documents[Need(view, str(key))])

    def memory(self, memory: "Memory") -> Any:
        """The object that this memory has folded up to now."""
        return self._memories[memory.name]


class BrokenMemory(Exception):
    """A fold kept in memory cannot take an event of its own service: nothing it decides could be trusted."""


@dataclass(frozen=True)
class Memory:
    """A fold of the service's own events kept in the process, not in a table: ready at start, kept current.

    start: makes the empty object; fold: brings one event into it, in place.
    dump, load: the object as parts of bytes, in an order that counts, and back. `load` raises ValueError.
    """

    name: str
    on: tuple[type[Event], ...]
    start: Callable[[], Any]
    fold: Callable[[Any, Recorded[Any]], None]
    dump: Callable[[Any], Iterable[bytes]]
    load: Callable[[Iterable[bytes]], Any]


def nothing(_event: Recorded[Any]) -> Iterable[Need]:
    return ()


@dataclass(frozen=True)
class Reaction:
    """Facts, and what follows from each.

    name: unique in its service. on: event types, all of its own service or all of others.
    react: the effects of one event, given the documents named by `needs` and the `memories`; pure.
    from_the_first: where it is new in a running system it takes up the past too; only for the service's own events.
    """

    name: str
    on: tuple[type[Event], ...]
    react: Callable[[Recorded[Any], Known], Iterable[Effect]]
    needs: Callable[[Recorded[Any]], Iterable[Need]] = nothing
    memories: tuple[Memory, ...] = ()
    from_the_first: bool = False

    @property
    def looks(self) -> bool:
        """Whether it decides by more than the event: by views, or by what it remembers."""
        return self.needs is not nothing or bool(self.memories)


class Timer(NamedTuple):
    """A timer that is due: its key, its data, and the database's time at which it was claimed."""

    key: str
    data: Mapping[str, Any]
    now: datetime


def no_needs(_timer: Timer) -> Iterable[Need]:
    return ()


@dataclass(frozen=True)
class TimerRule:
    """What happens when a timer with this rule's name falls due. Firing twice must change nothing more than once.

    erases: somebody is erased then, whom the timer's data name as `subject`; whoever is held, once that ends.
    """

    name: str
    fire: Callable[[Timer, Known], Iterable[Effect]]
    needs: Callable[[Timer], Iterable[Need]] = no_needs
    erases: bool = False

    @property
    def looks(self) -> bool:
        """Whether it decides by views, too."""
        return self.needs is not no_needs
