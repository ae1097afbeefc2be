"""Reading what is there: tables by SQL of our own, topics by a plain client, the mailbox's folder. No code of ours."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.evidence import Event, Queued, Record, Store
from tests.faults.site import Site

SERVICES: Final = ("identity", "profile", "applications", "vacancies", "alerts", "support", "careers")
CONTRACTS: Final = Path(__file__).resolve().parents[2] / "contracts"
QUIET_MS: Final = 500

_UNREST: Final = """with head as (
        select transaction, position from events order by transaction desc, position desc limit 1),
    live as (select c.* from checkpoints as c left join views as v on c.handler like 'view:' || v.view || ':%'
        where v.view is null or c.handler = 'view:' || v.view || ':' || v.live)
    select (select count(*) from parked) as parked,
        (select count(*) from mails where due is not null) as mails,
        (select count(*) from timers where due <= now()) as timers,
        (select count(*) from erasures where subject not in (select subject from holds)) as erasures,
        (select count(*) from head, relay where (relay.transaction, relay.position) < (head.transaction, head.position))
            as relay,
        (select count(*) from head, live where (live.transaction, live.position) < (head.transaction, head.position))
            as behind,
        (select count(*) from events) as events"""


def published() -> dict[str, frozenset[str]]:
    """The event types by topic, as the contracts name them."""
    found = {}
    for file in CONTRACTS.glob("*/asyncapi.json"):
        for channel in json.loads(file.read_text())["channels"].values():
            if not channel["address"].endswith((".lineage.v1", ".keys.v1")):
                found[channel["address"]] = frozenset(channel["messages"])
    return found


async def unrest(connection: asyncpg.Connection) -> dict[str, int]:
    """How much of each kind is still to do in a service; and how many events there are."""
    row = await connection.fetchrow(_UNREST)
    return dict(row or {})


async def store(connection: asyncpg.Connection) -> Store:
    """Everything that the oracle asks of a service's database."""
    events = await connection.fetch("select id, stream, version, type, data::text as data, correlation from events")
    streams = await connection.fetch("select stream, version from streams")
    marks = await connection.fetch("select handler, array_agg(event) as ids from handled group by handler")
    live = {row["view"]: row["live"] for row in await connection.fetch("select view, live from views")}
    mails = "select id, template, due is not null, due is null and sent_at is null from mails"
    return Store(
        events=[Event(*row.values())._replace(data=json.loads(row["data"])) for row in events],
        streams={row["stream"]: row["version"] for row in streams},
        handled={row["handler"]: frozenset(row["ids"]) for row in marks if _is_live(row["handler"], live)},
        parked=[(row["handler"], row["id"]) for row in await connection.fetch("select handler, id from parked")],
        mails=[Queued(*row.values()) for row in await connection.fetch(mails)],
        holders=await _holders(connection),
    )


def _is_live(handler: str, live: Mapping[str, int]) -> bool:
    """Of a view, only the generation that is shown."""
    kind, _, rest = handler.partition(":")
    view, _, generation = rest.rpartition(":")
    return kind != "view" or generation == str(live.get(view, 1))


async def _holders(connection: asyncpg.Connection) -> frozenset[UUID]:
    if not await connection.fetchval("select to_regclass('file_holders') is not null"):
        return frozenset()
    return frozenset(row["holder"] for row in await connection.fetch("select holder from file_holders"))


async def documents(connection: asyncpg.Connection) -> dict[tuple[str, str], Any]:
    """What each view shows, by its name and key."""
    rows = await connection.fetch(
        "select d.view, d.key, d.document::text as document from documents as d left join views as v on v.view = d.view"
        " where d.generation = coalesce(v.live, 1)"
    )
    return {(row["view"], row["key"]): json.loads(row["document"]) for row in rows}


async def records(site: Site) -> list[Record]:
    """Every event on Kafka, partition by partition."""
    consumer = AIOKafkaConsumer(**site.kafka_client(), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = await _places(consumer, published())
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning()
        found: list[Record] = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            batches = await consumer.getmany(timeout_ms=QUIET_MS)
            found += [_record(each) for batch in batches.values() for each in batch]
        return found
    finally:
        await consumer.stop()


async def _places(consumer: AIOKafkaConsumer, topics: Mapping[str, Any]) -> list[TopicPartition]:
    there = await consumer.topics()
    while not topics.keys() <= there:
        await asyncio.sleep(QUIET_MS / 1000)
        there = await consumer.topics()
    for topic in topics:
        await consumer._client.add_topic(topic)
    return [TopicPartition(topic, n) for topic in topics for n in consumer.partitions_for_topic(topic) or ()]


def _record(found: Any) -> Record:
    headers = {name: value.decode(errors="replace") for name, value in found.headers}
    try:
        return Record(found.topic, UUID(headers["ce_id"]), headers["ce_subject"], int(headers["ce_sequence"]),
                      headers["ce_type"], json.loads(found.value))  # fmt: skip
    except (KeyError, ValueError, TypeError):
        return Record(found.topic, None, "", 0, "", {})


class Mail(NamedTuple):
    """A mail in the mailbox. name: its Message-ID up to the @; at: when it came, by `time.time`."""

    name: str
    to: str
    template: str
    text: str
    at: float

    @property
    def service(self) -> str:
        return self.template.partition("/")[0]


class Post:
    """The mailbox's folder, read as it grows: it keeps its last mails only."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, set[str]()
        self.mails: list[Mail] = []

    def look(self) -> None:
        for path in sorted(self._folder.glob("*.eml")):
            if path.name not in self._read:
                self._read.add(path.name)
                self.mails.append(_mail(path.read_bytes(), path.stat().st_mtime))

    def arrived(self) -> Counter[str]:
        self.look()
        return Counter(mail.name for mail in self.mails)

    def to(self, address: str, template: str) -> Iterator[Mail]:
        """The newest first."""
        self.look()
        return (mail for mail in reversed(self.mails) if (mail.to, mail.template) == (address, template))


def _mail(content: bytes, at: float) -> Mail:
    message = message_from_bytes(content, policy=default)
    body = message.get_body(("plain",))
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    text = str(body.get_content()) if body else ""
    return Mail(name, str(message["To"]), str(message["X-Postulo-Template"]), text, at)
