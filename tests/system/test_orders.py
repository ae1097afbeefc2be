"""A view of what others say comes to the same in whatever order their streams arrive, each in its own order."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.events import AccountClosed
from services.profile.events import ProfileClosed
from services.site import chosen
from shared.model.message import Recorded
from shared.model.projection import AnyProjection
from shared.runtime.declaration import Service
from shared.runtime.schemas import Version, samples_of
from shared.store.codec import Codec
from tests.shared.keys import raw_of_event

VIEWS: Final = [(each, view) for each in chosen(None) for view in each.projections if not each.is_own(view)]
SPACE: Final = UUID("0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b77")
BEGINS: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
STREAMS: Final = 3
"""Of each aggregate: the candidate's own is one, whose key is the candidate."""
OWN: Final = ("account", "profile", "opening")
"""Aggregates of which a candidate has one, under the candidate's id."""
CLOSING: Final = {AccountClosed, ProfileClosed}
"""One follows from the other."""
Stream = list[Recorded[Any]]


@st.composite
def histories(draw: st.DrawFn, service: Service, view: AnyProjection) -> list[Stream]:
    """Streams that begin as they do in life, and go on with some of what follows, some of it several times."""
    found, closed = [], draw(st.booleans())
    for published in service.consumes:
        codec, samples = Codec(published.events, published.upcasters), samples_of(published.service)
        for category, kinds in published.aggregates.items():
            heard = [kind for kind in kinds if kind in view.on]
            for number in range(STREAMS if heard else 0):
                times = [1, *(int(closed) if kind in CLOSING else draw(st.integers(0, 3)) for kind in heard[1:])]
                stream: Stream = []
                key = _key(samples, category, number)
                for kind in (kind for kind, often in zip(heard, times, strict=True) for _ in range(often)):
                    said = dict(samples[Version(kind.__name__, kind.schema_version)])
                    if category in OWN and "candidate_id" in said:
                        said["candidate_id"] = str(key)
                    if "vacancy_id" in said:
                        said["vacancy_id"] = str(uuid5(SPACE, str(draw(st.integers(0, 40)))))
                    data = codec.data(kind.__name__, kind.schema_version, orjson.dumps(said))
                    raw = raw_of_event(data, orjson.dumps(said))._replace(
                        stream=f"{category}-{key}", version=len(stream) + 1,
                        source=published.service, at=BEGINS + timedelta(minutes=draw(st.integers(0, 500))),
                    )  # fmt: skip
                    stream.append(codec.decode_fields(raw, said))
                found.append(stream)
    return found


def _key(samples: Any, category: str, number: int) -> UUID:
    """The candidate of the samples is the first account."""
    candidates = (said["candidate_id"] for said in samples.values() if said.get("candidate_id"))
    own = category in OWN and number == 0
    return UUID(next(candidates, str(CANDIDATE))) if own else uuid5(SPACE, f"{category}{number}")


CANDIDATE: Final = UUID(next(s["candidate_id"] for s in samples_of("applications").values() if s.get("candidate_id")))


def folded(view: AnyProjection, events: Iterable[Recorded[Any]]) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    for event in events:
        for key in view.keys(event):
            documents[key] = view.evolve(documents.get(key), event)
    return {key: document for key, document in documents.items() if document is not None}


def in_order(streams: list[Stream], order: list[int]) -> Stream:
    """order: the number of the stream from which the next event comes."""
    left = [iter(stream) for stream in streams]
    return [next(left[number]) for number in order]


@pytest.mark.parametrize(("service", "view"), VIEWS, ids=[f"{each.name}-{view.name}" for each, view in VIEWS])
@settings(max_examples=40)
@given(data=st.data())
def test_the_order_of_streams_changes_nothing(service: Service, view: AnyProjection, data: st.DataObject) -> None:
    streams = data.draw(histories(service, view))
    order = [number for number, stream in enumerate(streams) for _ in stream]
    one, other = data.draw(st.permutations(order)), data.draw(st.permutations(order))
    assert folded(view, in_order(streams, one)) == folded(view, in_order(streams, other))
