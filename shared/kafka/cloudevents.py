"""Events on Kafka: CloudEvents 1.0 in binary mode, the envelope in headers (ce_…), the data as the JSON value."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from shared.model.message import START
from shared.store.codec import Raw

Headers = list[tuple[str, bytes]]

NEVER = datetime.fromtimestamp(0, UTC)
_UNREADABLE = UUID("6f1f7f0a-7d1b-5c52-9f59-3f0f3b6a2f11")


def schema_address(public_url: str, service: str, event_type: str, version: int) -> str:
    """Where the schema of this version of an event type is served to everybody."""
    return f"{public_url}/{service}/schemas/{event_type}/{version}.json"


def data_address(public_url: str, dataref: str, stream: str) -> str:
    """Where who may read it fetches what is personal in an event of this stream; "" where there is no such place."""
    return f"{public_url}{dataref.format(id=stream.partition('-')[2])}" if dataref else ""


def headers_of(raw: Raw, service: str, lineage: str, public_url: str, dataref: str = "") -> Headers:
    """The headers of an event: id, source, type, time, subject (stream), sequence (version) and the conversation.

    lineage: the name of the store that it comes from. dataref: the path of its personal data (`Event.dataref`), or "".
    The sequence is padded, since CloudEvents orders it as text.
    """
    pairs = {
        "ce_specversion": "1.0",
        "ce_id": str(raw.id),
        "ce_source": f"/postulo/{service}",
        "ce_type": raw.type,
        "ce_time": raw.at.isoformat(),
        "ce_subject": raw.stream,
        "ce_sequence": f"{raw.version:020}",
        "ce_dataschema": schema_address(public_url, service, raw.type, raw.schema_version),
        "ce_dataref": data_address(public_url, dataref, raw.stream),
        "ce_schemaversion": str(raw.schema_version),
        "ce_correlationid": str(raw.correlation),
        "ce_causationid": str(raw.causation or ""),
        "ce_actor": raw.actor,
        "ce_lineage": lineage,
        "traceparent": raw.trace,
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in pairs.items() if value]


def lineage_of(record: Any) -> str:
    """The name of the store that the record says it comes from; "" if it says none, as those from before there were."""
    return header_of(record, "ce_lineage")


def header_of(record: Any, name: str) -> str:
    """What a header of the record says; "" if it is not there."""
    found = next((value for each, value in record.headers or () if each == name), None)
    return bytes(found or b"").decode(errors="replace")


def from_record(record: Any) -> Raw:
    """A Kafka record as an event. A record that is not an event becomes one of type "", which no handler takes."""
    headers = dict(record.headers or ())
    try:
        return _sound(_read(record, {name: value.decode() for name, value in headers.items()}))
    except (KeyError, ValueError, AttributeError, OverflowError):
        name = f"{record.topic}/{record.partition}/{record.offset}"
        unreadable = uuid5(_UNREADABLE, name)
        return Raw(unreadable, name, 0, "", 0, "{}", unreadable, None, "", "", NEVER, START)


def _sound(raw: Raw) -> Raw:
    """The event, if it can be kept; raises ValueError."""
    texts = (raw.stream, raw.type, raw.actor, raw.trace, raw.source)
    if any("\0" in text for text in texts) or not (0 < raw.version < 2**63 and 0 < raw.schema_version < 2**15):
        raise ValueError("not an event of ours")
    return raw._replace(at=raw.at.astimezone(UTC))


def _read(record: Any, headers: dict[str, str]) -> Raw:
    causation = headers.get("ce_causationid")
    return Raw(
        id=UUID(headers["ce_id"]),
        stream=headers["ce_subject"],
        version=int(headers["ce_sequence"]),
        type=headers["ce_type"],
        schema_version=int(headers.get("ce_schemaversion", "1")),
        data=record.value or b"{}",
        correlation=UUID(headers.get("ce_correlationid") or headers["ce_id"]),
        causation=UUID(causation) if causation else None,
        actor=headers.get("ce_actor", ""),
        trace=headers.get("traceparent", ""),
        at=datetime.fromisoformat(headers["ce_time"]),
        position=START,
        source=headers["ce_source"].rpartition("/")[2],
    )
