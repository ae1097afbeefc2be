"""The declaration of a service, and of the site that several make together: data, no logic."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from fastapi import APIRouter

from shared.kafka.access import Party
from shared.model.decider import AnyDecider
from shared.model.local_index import LocalIndex
from shared.model.message import Event, Published
from shared.model.projection import AnyProjection
from shared.model.reaction import Do, Memory, Reaction, TimerRule
from shared.model.setting import Setting
from shared.ops.sealing import Resealed
from shared.store.codec import Codec
from shared.store.erasing import Forgets, nothing_more

if TYPE_CHECKING:
    from shared.runtime.kernel import Kernel


@dataclass(frozen=True)
class Service:
    """What a service is made of; its main.py is one such declaration.

    indexes: what each of its processes keeps of its views, to ask what SQL answers slowly.
    reseal: seals anew what it keeps sealed, beside the keys of subjects, under the master key of before.
    settings: what an operator may set for this service alone, by name: POSTULO_<NAME>.
    addresses: paths outside its prefix that it answers, where a standard wants them there (RFC 8615).
    uploads: paths of its doors whose bodies may hold files; to any other the gateway lets smaller ones through.
    on_erased: by the category of a subject, what has the store say of one with this id that it is erased, where it was
        restored from a backup that does not.
    forgets: deletes what it keeps of an erased subject beside events, views, mails and forms.
    """

    name: str
    published: Published
    deciders: Sequence[AnyDecider] = ()
    projections: Sequence[AnyProjection] = ()
    indexes: Sequence[LocalIndex[Any]] = ()
    reactions: Sequence[Reaction] = ()
    timers: Sequence[TimerRule] = ()
    consumes: Sequence[Published] = ()
    routers: Sequence[APIRouter] = ()
    commands: typer.Typer | None = None
    on_start: "Callable[[Kernel], Awaitable[None]] | None" = None
    reseal: "Callable[[Kernel], Awaitable[Resealed]] | None" = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    addresses: Sequence[str] = ()
    uploads: Sequence[str] = ()
    on_erased: Mapping[str, Callable[[str], Do]] = field(default_factory=dict)
    forgets: Forgets = nothing_more

    def __post_init__(self) -> None:
        listeners: list[AnyProjection | Reaction] = [*self.projections, *self.reactions]
        for listener in listeners:
            self.is_own(listener)
        if foreign := [index.view.name for index in self.indexes if not self.is_own(index.view)]:
            raise TypeError(f"{self.name}: an index follows own events alone, not those of other services: {foreign}")
        if stray := set(self.published.events) - self.own_events:
            raise TypeError(f"{self.name} publishes what no decider has: {sorted(event.__name__ for event in stray)}")

    @property
    def memories(self) -> tuple[Memory, ...]:
        """What its reactions keep in the process, each once."""
        return tuple(dict.fromkeys(memory for reaction in self.reactions for memory in reaction.memories))

    @property
    def keeps_files(self) -> bool:
        """Whether its processes have something to keep in a folder of their own from one start to the next."""
        return bool(self.indexes or self.memories)

    def foreign_codec(self) -> Codec:
        """What reads the events of the services that it listens to."""
        return Codec(
            (event for published in self.consumes for event in published.events),
            {key: upcaster for published in self.consumes for key, upcaster in published.upcasters.items()},
        )

    @property
    def own_events(self) -> frozenset[type[Event]]:
        return frozenset(event for decider in self.deciders for event in decider.events)

    def is_own(self, listener: AnyProjection | Reaction) -> bool:
        """Whether it listens to the service's own events; raises TypeError if to both, or to some that never come."""
        heard = self.own_events.union(*(published.events for published in self.consumes))
        if stray := set(listener.on) - heard:
            names = sorted(event.__name__ for event in stray)
            raise TypeError(f"{self.name}: {listener.name} listens to {names}: no decider here has them, and no service"
                            " that is consumed publishes them")  # fmt: skip
        own = set(listener.on) & self.own_events
        if own and own != set(listener.on):
            raise TypeError(
                f"{self.name}: {listener.name} listens to own and to other services' events; make two of it"
            )
        return bool(own)

    def topics(self, prefix: str = "postulo") -> set[str]:
        """The topics that its views and reactions need."""
        listeners: list[AnyProjection | Reaction] = [*self.projections, *self.reactions]
        wanted = {event for listener in listeners if not self.is_own(listener) for event in listener.on}
        return {topic for published in self.consumes for topic in published.topics(prefix, wanted)}

    def party(self, sessions: "SessionKeeper", prefix: str = "postulo") -> Party:
        """What it does on Kafka: what it publishes, and the topics that it reads, that of sessions' ends among them."""
        heard = {*self.topics(prefix), sessions.topic(prefix)}
        spoken = [each for each in (*self.consumes, sessions.published) if heard & each.topics(prefix)]
        told = {each.keys_topic(prefix) for each in self.key_makers}
        return Party(self.published, frozenset(heard | told | {each.lineage_topic(prefix) for each in spoken}))

    @property
    def key_makers(self) -> list[Published]:
        """Who makes the keys that it needs: itself, and whomever it listens to."""
        makers = {each.service: each for each in (self.published, *self.consumes) if each.subjects}
        return list(makers.values())


class SessionKeeper(NamedTuple):
    """Who keeps the sessions: the service that is asked for them, and the fact with which it says that one is over."""

    published: Published
    ended: type[Event]

    @property
    def name(self) -> str:
        return self.published.service

    def topic(self, prefix: str = "postulo") -> str:
        """The topic on which it says so; the event's key is the session's id."""
        (topic,) = self.published.topics(prefix, [self.ended])
        return topic


class Site(NamedTuple):
    """What several services make together behind one address.

    names: all of them. home: the one that answers where no service's own prefix stands.
    """

    names: tuple[str, ...]
    home: str
    sessions: SessionKeeper
