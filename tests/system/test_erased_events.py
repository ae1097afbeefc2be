"""What is left of events whose subject is erased still folds: rules, views and rebuilds go on over empty values."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest

from services.__main__ import chosen
from shared.model.decider import AnyDecider
from shared.model.message import Published, Recorded, personal_fields
from shared.model.projection import AnyProjection
from shared.runtime.schemas import STREAM, Version, samples_of
from shared.store.codec import Codec
from shared.store.folding import encoded
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
    documents: dict[str, Any] = {}
    for published in SOURCES.values():
        for category in published.aggregates:
            for event in emptied(published, category):
                if type(event.data) in view.on:
                    for key in view.keys(event):
                        documents[key] = view.evolve(documents.get(key), event)
    for document in documents.values():
        assert encoded(document), f"{service}: {view.name}"
