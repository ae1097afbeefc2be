"""Old events decode for ever: of every version of every event ever published there is a stored sample.

Of those with personal fields there are two, in clear and sealed.

A sample is never edited. A new version of an event adds one, a new way to read an old one is an upcaster.
"""

import json
from collections.abc import AsyncIterator, Collection
from typing import Any, Final, NamedTuple

import pytest

from services.site import chosen
from shared.model.message import PART, Event, Published, personal_fields
from shared.runtime.schemas import SAMPLE, STREAM, samples_of, sealed_of
from shared.store.codec import CannotDecode, Codec, Raw, encode
from shared.store.database import open_pool
from shared.store.keys import PURPOSE, Keys
from shared.store.personal import subject_in
from tests.contracts.sealing import KEY
from tests.shared.keys import SEALER, keys_of, raw_of_event

PUBLISHED: Final = {service.name: service.published for service in chosen(None) if service.published.events}


class Sample(NamedTuple):
    """An event's data as it was published once."""

    service: str
    type: str
    version: int
    data: dict[str, Any]


def read(service: str) -> list[Sample]:
    """The service's samples; none if it has no file yet."""
    return [Sample(service, *version, data) for version, data in samples_of(service).items()]


STORED: Final = [sample for service in PUBLISHED for sample in read(service)]


def missing(published: Published, samples: list[Sample]) -> list[str]:
    """A sentence for each published version that has no sample."""
    there = {(sample.type, sample.version) for sample in samples}
    return [
        f"Version {version} of {event.__name__} has no sample: add its data as JSON to contracts/{published.service}"
        f'/samples.json under "{event.__name__}" and "{version}", and never change it again.'
        for event in published.events
        for version in range(1, event.schema_version + 1)
        if (event.__name__, version) not in there
    ]


def decoded(published: Published, sample: Sample) -> Event:
    """What is read of the sample today."""
    codec = Codec(published.events, published.upcasters)
    try:
        return codec.data(sample.type, sample.version, json.dumps(sample.data))
    except CannotDecode as error:
        message = f"{error}. It was published, so it must decode for ever: keep the event, or write an upcaster to it."
        raise AssertionError(message) from error


def forgotten(stored: Any, kept: Any, path: str = "") -> list[str]:
    """What the sample says that its event no longer does."""
    if isinstance(stored, dict) and isinstance(kept, dict):
        return [each for name in stored for each in forgotten(stored[name], kept.get(name), f"{path}.{name}")]
    if isinstance(stored, list) and isinstance(kept, list) and len(stored) == len(kept):
        pairs = enumerate(zip(stored, kept, strict=True))
        return [each for number, (one, other) in pairs for each in forgotten(one, other, f"{path}[{number}]")]
    return [] if stored == kept else [path]


@pytest.mark.parametrize("service", sorted(PUBLISHED))
def test_every_version_of_every_published_event_has_a_sample(service: str) -> None:
    without = missing(PUBLISHED[service], read(service))
    assert not without, "\n".join(without)


@pytest.mark.parametrize("sample", STORED, ids=lambda sample: f"{sample.type}-{sample.version}")
def test_every_sample_decodes_and_survives_being_written_again(sample: Sample) -> None:
    published = PUBLISHED[sample.service]
    event = decoded(published, sample)
    codec = Codec(published.events)
    assert codec.data(type(event).__name__, event.schema_version, encode(event)) == event
    if sample.version == event.schema_version:
        assert forgotten(sample.data, json.loads(encode(event))) == [], "a field was renamed: that is a new version"


SEALED: Final = [Sample(name, *version, data) for name in PUBLISHED for version, data in sealed_of(name).items()]
IN_CLEAR: Final = {sample[:3]: sample for sample in STORED}


def test_every_version_with_personal_fields_has_a_sealed_sample() -> None:
    events = {event.__name__: event for published in PUBLISHED.values() for event in published.events}
    personal = [sample[:3] for sample in STORED if personal_fields(events[sample.type])]
    assert [sample[:3] for sample in SEALED] == personal, "make contracts makes them"


@pytest.fixture
async def keys(database: str) -> AsyncIterator[Keys]:
    """The key of everybody whose sealed samples there are, as another service has learnt it."""
    pool = await open_pool(database, 2, "test")
    subjects = {subject_in(sample.data[PART]) for sample in SEALED}
    async with pool.acquire() as connection:
        found = keys_of(pool)
        await found.learn(connection, [(each, SEALER.sealed(PURPOSE, KEY, each)) for each in subjects])
    yield found
    await pool.close()


def carried(sample: Sample) -> Raw:
    """The sample in its envelope."""
    data, service = json.dumps(sample.data), sample.service
    raw = raw_of_event(decoded(PUBLISHED[service], IN_CLEAR[sample[:3]]), data, f"any-{STREAM}", service)
    return raw._replace(id=SAMPLE, schema_version=sample.version)


async def test_every_sealed_sample_is_read_like_the_one_in_clear_and_emptied_once_it_is_erased(keys: Keys) -> None:
    for sample in SEALED:
        published = PUBLISHED[sample.service]
        codec, raw = Codec(published.events, published.upcasters), carried(sample)
        sealed, clear = await keys.decoded(codec, [raw, carried(IN_CLEAR[sample[:3]])])
        assert (sealed.data, sealed.erased) == (clear.data, False), sample.type

    await keys.pool.execute("insert into erased_subjects (subject) select subject from subject_keys")
    await keys.pool.execute("delete from subject_keys")
    later = keys_of(keys.pool)
    for sample in SEALED:
        published, in_clear = PUBLISHED[sample.service], IN_CLEAR[sample[:3]]
        event = decoded(published, in_clear)
        [read] = await later.decoded(Codec(published.events, published.upcasters), [carried(sample)])
        hidden = set(personal_fields(type(event)))
        assert read.erased
        assert read.data.model_dump(exclude=hidden) == event.model_dump(exclude=hidden), sample.type
        left = json.dumps(read.data.model_dump(mode="json", include=hidden), ensure_ascii=False)
        assert [each for each in texts_in(in_clear.data, hidden) if f'"{each}"' in left] == [], sample.type


def texts_in(data: Any, names: Collection[str] | None = None) -> list[str]:
    """All texts in the data, of these fields only if any are named."""
    if isinstance(data, dict):
        return [text for name, value in data.items() if names is None or name in names for text in texts_in(value)]
    if isinstance(data, list):
        return [text for value in data for text in texts_in(value)]
    return [data] if isinstance(data, str) and data else []


class Raised(Event):
    """An event whose second version says what the first left out."""

    schema_version = 2

    by: int
    reason: str


def things(**upcasters: Any) -> Published:
    return Published("things", {"counter": (Raised,)}, {("Raised", 1): upcasters["lift"]} if upcasters else {})


FIRST = Sample("things", "Raised", 1, {"by": 3})


def test_a_version_without_sample_is_named_with_what_to_do() -> None:
    (sentence,) = missing(things(), [FIRST])
    assert sentence.startswith(
        "Version 2 of Raised has no sample: add its data as JSON to contracts/things/samples.json"
    )


def test_an_old_version_needs_an_upcaster_and_a_lost_event_is_a_failure() -> None:
    lifted = decoded(things(lift=lambda data: {**data, "reason": "unknown"}), FIRST)
    assert lifted == Raised(by=3, reason="unknown")
    for sample in (FIRST, FIRST._replace(type="Lowered"), FIRST._replace(version=2)):
        with pytest.raises(AssertionError, match="must decode for ever"):
            decoded(things(), sample)


def test_a_field_that_is_no_longer_read_is_noticed() -> None:
    assert forgotten({"by": 3, "places": [{"code": "GVA"}]}, {"by": 3, "places": [{"name": "GVA"}]}) == [
        ".places[0].code"
    ]
