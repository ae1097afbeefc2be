"""What is left of events whose subject is erased still folds, and nothing that follows from it fails."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import pytest

from services.site import chosen
from services.vacancies.events import VacancyMerged
from shared.model.decider import AnyDecider
from shared.model.message import Published, Recorded, personal_fields
from shared.model.projection import AnyProjection
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Send
from shared.model.testing import given
from shared.runtime.declaration import Service
from shared.runtime.schemas import STREAM, Version, samples_of
from shared.store.codec import Codec
from shared.store.folding import encoded
from shared.web.environment import Web
from shared.web.mails import render_mail
from tests.shared.keys import raw_of_event

SERVICES: Final = chosen(None)
SOURCES: Final = {service.name: service.published for service in SERVICES}


def emptied(published: Published, category: str) -> Iterator[Recorded[Any]]:
    """One event of each type of the aggregate, as one stream, without what was personal."""
    codec, samples = Codec(published.events, published.upcasters), samples_of(published.service)
    for number, event in enumerate(published.aggregates[category], 1):
        said = samples[Version(event.__name__, event.schema_version)]
        plain = {name: value for name, value in said.items() if name not in personal_fields(event)}
        raw = raw_of_event(codec.data(event.__name__, event.schema_version, orjson.dumps(said)), orjson.dumps(plain))
        raw = raw._replace(stream=f"{category}-{STREAM}", version=number, source=published.service)
        yield codec.decode_fields(raw, plain, erased=bool(personal_fields(event)))


DECIDERS: Final = [
    (service.published, decider)
    for service in SERVICES
    for decider in service.deciders
    if decider.category in service.published.aggregates
]
VIEWS: Final = [(service.name, view) for service in SERVICES for view in service.projections]


@pytest.mark.parametrize(("published", "decider"), DECIDERS, ids=lambda each: getattr(each, "category", ""))
def test_rules_fold_what_is_left(published: Published, decider: AnyDecider) -> None:
    events = list(emptied(published, decider.category))
    assert any(event.erased for event in events) == any(map(personal_fields, published.aggregates[decider.category]))
    decider.fold(event.data for event in events)


@pytest.mark.parametrize(("service", "view"), VIEWS, ids=lambda each: getattr(each, "name", str(each)))
def test_views_fold_what_is_left(service: str, view: AnyProjection) -> None:
    """In the order of the aggregates; what is kept can be written down."""
    for document in folded(view, everything()).values():
        assert encoded(document), f"{service}: {view.name}"


def everything() -> list[Recorded[Any]]:
    """One event of each type of every service, in the order of the aggregates."""
    return [
        event
        for published in SOURCES.values()
        for category in published.aggregates
        for event in emptied(published, category)
    ]


def folded(view: AnyProjection, events: Iterable[Recorded[Any]]) -> dict[str, Any]:
    """The view's documents after these."""
    documents: dict[str, Any] = {}
    for event in events:
        if type(event.data) in view.on:
            for key in view.keys(event):
                documents[key] = view.evolve(documents.get(key), event)
    return documents


OF_ANOTHER: Final = {VacancyMerged}
"""Nothing personal; its sample is part of a vacancy that no sample tells of."""
REACTIONS: Final = [(service, reaction) for service in SERVICES for reaction in service.reactions]


def heard(service: Service, reaction: Reaction) -> Iterator[tuple[Recorded[Any], list[Recorded[Any]]]]:
    """What it listens to, each with everything up to then; its own service's events or those of others, as it is."""
    all_of_them, own = everything(), service.is_own(reaction)
    for number, event in enumerate(all_of_them, 1):
        is_own = event.category in service.published.aggregates
        if type(event.data) in reaction.on and is_own == own and type(event.data) not in OF_ANOTHER:
            yield event, all_of_them[:number]


def known_to(service: Service, reaction: Reaction, event: Recorded[Any], before: Sequence[Recorded[Any]]) -> Known:
    """What its views and memories hold by then, those of others all, and its settings.

    One document stands for another that no sample tells of.
    """
    memories = {memory.name: memory.start() for memory in reaction.memories}
    for memory in reaction.memories:
        for told in before:
            if type(told.data) in memory.on:
                memory.fold(memories[memory.name], told)
    documents = {
        need: found(need, folded(need.view, before if service.is_own(need.view) else everything()))
        for need in reaction.needs(event)
    }
    return Known(documents, memories, lambda name: service.settings[name].default)


def found(need: Need, documents: Mapping[str, Any]) -> Any:
    return documents.get(need.key) or next(filter(None, documents.values()), None)


@pytest.mark.parametrize(
    ("service", "reaction"), REACTIONS, ids=[f"{service.name}-{reaction.name}" for service, reaction in REACTIONS]
)
def test_what_follows_from_what_is_left_fails_nowhere(service: Service, reaction: Reaction) -> None:
    for event, before in heard(service, reaction):
        for effect in reaction.react(event, known_to(service, reaction, event, before)):
            carried_out(service, effect, before)


def carried_out(service: Service, effect: Effect, before: Sequence[Recorded[Any]]) -> None:
    """A command is not refused; a mail can be written, and belongs to somebody, so that it is dropped with them."""
    if isinstance(effect, Do):
        past = [event.data for event in before if event.category == effect.decider.category]
        given(effect.decider, *past).when(effect.command).accepted()
    if isinstance(effect, Send):
        assert effect.whose
        params = {"public_url": "https://careers.test", **effect.params}
        assert render_mail(effect.template, effect.language, params, Web.of(service.name)).subject
