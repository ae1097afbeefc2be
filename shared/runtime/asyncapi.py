"""The AsyncAPI 3 document of a service: a channel a topic, and in it one named message a type and version."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from shared.kafka.cloudevents import data_address, schema_address
from shared.kafka.lineages import ANNOUNCED
from shared.model.message import Event, Published
from shared.ops.settings import Settings
from shared.runtime.schemas import CONTRACTS, SAMPLE, STREAM, Version, all_schemas, samples_of, sealed_of
from shared.store.codec import without

_NOTHING: Final = {"type": "object", "title": ANNOUNCED, "description": "Nothing: the headers say it."}
_LINEAGE: Final = "lineage"
_SCHEMAS: Final = "#/components/schemas/"
_ONWARD: Final = (
    "Deduplicate on `ce_id`: delivery is at least once. Pass over types that you do not know and ignore fields that"
    " you do not know: both may come. Events with one `ce_subject` arrive in the order of `ce_sequence`, which has gaps"
    " where an event does not leave the service."
)
_SECURITY: Final = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}
_EXAMPLE: Final = {
    "ce_specversion": "1.0",
    "ce_id": str(SAMPLE),
    "ce_time": "2026-11-23T12:00:00.123456+00:00",
    "ce_sequence": "00000000000000000001",
    "ce_lineage": "5d1c2f0e7a9b4c3d8e6f1a2b3c4d5e6f",
    "ce_correlationid": "0199c3a2-7b10-7c41-9d52-0123456789aa",
    "ce_actor": "machine:hr",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "content-type": "application/json",
}


def asyncapi_of(published: Published, consumes: Iterable[str], settings: Settings) -> dict[str, Any]:
    """The document. consumes: the topics that the service reads itself, which others document."""
    messages = _Messages(published, settings.public_url)
    topics = "".join(f"\n- `{topic}`" for topic in sorted(consumes))
    reads = f"\n\nIt reads itself:\n{topics}" if topics else ""
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:postulo:{published.service}",
        "info": {
            "title": f"Postulo: {published.service}",
            "version": "1.0.0",
            "description": f"What happened in {published.service}, as CloudEvents 1.0 in binary mode, kept for ever: a"
            " new subscriber reads from the first offset. What is about a person stands encrypted in `personal`,"
            " and who may read it fetches it from `ce_dataref`;"
            " `x-extensible-enum` lists values that may become more." + reads,
            "tags": [{"name": published.service, "description": f"The service {published.service}."}],
        },
        "defaultContentType": "application/json",
        "servers": _servers(settings),
        "channels": {
            **{name: _channel(published, name, settings, messages) for name in published.aggregates},
            **({_LINEAGE: _announcements(published, settings)} if published.aggregates else {}),
        },
        "operations": {f"publish_{name}": _publishing(name, messages.of(name)) for name in published.aggregates}
        | ({f"publish_{_LINEAGE}": _publishing(_LINEAGE, [ANNOUNCED])} if published.aggregates else {}),
        "components": {
            "messages": {**messages.all, **({ANNOUNCED: _announced(published.service)} if messages.all else {})},
            "messageTraits": {"CloudEvents": _cloudevents(published.service)},
            "schemas": {**messages.schemas, **({ANNOUNCED: _NOTHING} if messages.all else {})},
            **({"securitySchemes": _logins(settings)} if "sasl" in settings.kafka_security else {}),
        },
    }


def _servers(settings: Settings) -> dict[str, Any]:
    secure = settings.kafka_security != "plaintext"
    login = {"security": [{"$ref": "#/components/securitySchemes/login"}]} if "sasl" in settings.kafka_security else {}
    hosts = (settings.kafka_public or settings.kafka).split(",")
    return {
        f"kafka{number}": {
            "host": host.strip(),
            "protocol": "kafka-secure" if secure else "kafka",
            "description": "A broker to begin with.",
            **login,
        }
        for number, host in enumerate(hosts, 1)
    }


def _logins(settings: Settings) -> dict[str, Any]:
    return {"login": {"type": _SECURITY[settings.kafka_mechanism], "description": "An operator gives the login."}}


def _channel(published: Published, name: str, settings: Settings, messages: "_Messages") -> dict[str, Any]:
    topic = published.topic(name, settings.topic_prefix)
    return {
        "address": topic,
        "title": f"What happens to each {name}",
        "description": f"The header `ce_type` selects the message, with `ce_schemaversion` where there are several"
        f" versions of one type. The key is the stream, `{name}-` and an id, so that what happens to one {name} is in"
        f" order. {_ONWARD}",
        "servers": [{"$ref": f"#/servers/{server}"} for server in _servers(settings)],
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages.of(name)},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _publishing(name: str, messages: Iterable[str]) -> dict[str, Any]:
    return {
        "action": "send",
        "summary": f"What happens to each {name} is published.",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{key}"} for key in messages],
    }


def _announcements(published: Published, settings: Settings) -> dict[str, Any]:
    topic = published.lineage_topic(settings.topic_prefix)
    return {
        "address": topic,
        "title": "The stores that events come from",
        "description": "Announces each store before anything of it is published, for ever. Where the broker lets"
        " strangers write, take no record whose `ce_lineage` is not announced here.",
        "servers": [{"$ref": f"#/servers/{server}"} for server in _servers(settings)],
        "messages": {ANNOUNCED: {"$ref": f"#/components/messages/{ANNOUNCED}"}},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _announced(service: str) -> dict[str, Any]:
    """No event of a stream: the envelope lacks what only those have."""
    named = _cloudevents(service)["headers"]["properties"]
    names = ("ce_specversion", "ce_id", "ce_source", "ce_time", "ce_subject", "ce_lineage", "content-type")
    headers = {name: named[name] for name in names}
    headers["ce_type"] = {"type": "string", "description": "What happened; it selects the message.", "const": ANNOUNCED}
    example = {name: _EXAMPLE[name] for name in names if name in _EXAMPLE}
    example |= {"ce_type": ANNOUNCED, "ce_source": f"/postulo/{service}", "ce_subject": _EXAMPLE["ce_lineage"]}
    told = "There is a store of this name, and what bears it comes from this service."
    return {
        "name": ANNOUNCED,
        "title": ANNOUNCED,
        "summary": told,
        "description": f"{told}\n\nOn receipt: take records with this `ce_lineage` from now on.",
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers, "required": list(headers)},
        "payload": {"$ref": _SCHEMAS + ANNOUNCED},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The store's name."}, "bindingVersion": "0.5.0"}
        },
        "examples": [{"name": ANNOUNCED, "summary": told, "headers": example, "payload": {}}],
    }


class _Messages:
    """The messages by key, and the schemas that they share; of two definitions of one name, one has a longer name."""

    def __init__(self, published: Published, public_url: str) -> None:
        self.published, self.public_url = published, public_url
        self.schemas: dict[str, Any] = {}
        self.all: dict[str, Any] = {}
        self._categories: dict[str, list[str]] = {name: [] for name in published.aggregates}
        events = {event.__name__: (name, event) for name, types in published.aggregates.items() for event in types}
        samples = {**samples_of(published.service, CONTRACTS), **sealed_of(published.service, CONTRACTS)}
        for version, schema in sorted(all_schemas(published).items(), key=lambda each: (each[0].type, -each[0][1])):
            if version.type in events:
                category, event = events[version.type]
                key = version.type if version.version == event.schema_version else f"{version.type}V{version.version}"
                self._categories[category].append(key)
                self.all[key] = self._message(key, version, event, category, schema, samples.get(version))

    def of(self, category: str) -> list[str]:
        """The keys of the messages on this channel."""
        return self._categories[category]

    def _message(  # noqa: PLR0917 - one argument a part
        self,
        key: str,
        version: Version,
        event: type[Event],
        category: str,
        schema: dict[str, Any],
        sample: dict[str, Any] | None,
    ) -> dict[str, Any]:
        fixed = self._fixed(version)
        fetched = "What is personal is fetched from `ce_dataref`." if event.dataref else ""
        told = [schema.get("description", ""), f"On receipt: {event.receipt}", fetched, _ONWARD]
        title = version.type if key == version.type else f"{version.type}, version {version.version}"
        message = {
            "name": version.type,
            "title": title,
            "summary": schema.get("description", title).partition("\n")[0],
            "description": "\n\n".join(filter(None, told)),
            "contentType": "application/json",
            "traits": [{"$ref": "#/components/messageTraits/CloudEvents"}],
            "headers": {
                "type": "object",
                "properties": {name: {"type": "string", "const": value} for name, value in fixed.items()},
                "required": list(fixed),
            },
            "payload": self._hoisted(key, schema),
        }
        if sample is not None:
            headers = {**_EXAMPLE, "ce_source": f"/postulo/{self.published.service}", **fixed}
            headers["ce_subject"] = f"{category}-{STREAM}"
            headers["ce_dataschema"] = schema_address(self.public_url, self.published.service, *version)
            if event.dataref:
                headers["ce_dataref"] = data_address(self.public_url, event.dataref, headers["ce_subject"])
            payload = orjson.loads(without(orjson.dumps(sample), ())) if event in self.published.redacted else sample
            message["examples"] = [{"name": key, "summary": title, "headers": headers, "payload": payload}]
        return message

    def _fixed(self, version: Version) -> dict[str, str]:
        return {"ce_type": version.type, "ce_schemaversion": str(version.version)}

    def _hoisted(self, key: str, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema as a component, and its definitions beside it."""
        definitions = schema.get("$defs", {})
        names = {name: self._name_of(name, key, part) for name, part in definitions.items()}
        for name, part in definitions.items():
            self.schemas[names[name]] = _referring(part, names)
        body = {name: part for name, part in schema.items() if name not in ("$schema", "$defs")}
        self.schemas[key] = _referring(body, names)
        return {"$ref": _SCHEMAS + key}

    def _name_of(self, name: str, key: str, part: dict[str, Any]) -> str:
        taken = name in {event.__name__ for event in self.published.events}
        same = self.schemas.get(name) in (None, _referring(part, {}))
        return name if same and not taken else f"{key}{name}"


def _referring(part: Any, names: Mapping[str, str]) -> Any:
    """The same with references to components. What stands beside a reference is kept, for AsyncAPI would ignore it."""
    if isinstance(part, list):
        return [_referring(inner, names) for inner in part]
    if not isinstance(part, dict):
        return part
    rest = {name: _referring(inner, names) for name, inner in part.items() if name != "$ref"}
    if not isinstance(part.get("$ref"), str):
        return rest if "$ref" not in part else {**rest, "$ref": _referring(part["$ref"], names)}
    name = part["$ref"].rpartition("/")[2]
    reference = {"$ref": _SCHEMAS + names.get(name, name)}
    return {**rest, "allOf": [reference]} if rest else reference


def _cloudevents(service: str) -> dict[str, Any]:
    def text(description: str, **more: Any) -> dict[str, Any]:
        return {"type": "string", "description": description, **more}

    headers = {
        "ce_specversion": text("The version of CloudEvents.", const="1.0"),
        "ce_id": text("The event: the same however often it arrives.", format="uuid"),
        "ce_source": text("The service that it comes from.", const=f"/postulo/{service}"),
        "ce_type": text("What happened; it selects the message."),
        "ce_time": text("When it happened, by the clock of the service's store.", format="date-time"),
        "ce_subject": text("The stream: what it happened to, as the aggregate's name, a hyphen and its id."),
        "ce_sequence": text(
            "Its number in the stream, from 1, padded to 20 digits so that the order of texts is that of numbers."
            " Records from before are not padded: compare numbers.",
            pattern="^[0-9]{1,20}$",
        ),
        "ce_dataschema": text("Where the JSON Schema of the value is. Records from before lack it.", format="uri"),
        "ce_dataref": text(
            "Where who may read it fetches what is personal in the event, with a token of the scope that this address"
            " asks for. Absent where there is no such place.",
            format="uri",
        ),
        "ce_schemaversion": text("The version of the type's schema.", pattern="^[0-9]+$"),
        "ce_lineage": text(
            "The random name of the store that it comes from, which the channel `lineage` announces. Records from"
            " before lack it."
        ),
        "ce_correlationid": text("The conversation: what began it and all that followed share it.", format="uuid"),
        "ce_causationid": text("The event that it follows from, if it follows from one.", format="uuid"),
        "ce_actor": text("Who did it, a kind and an id, such as `candidate:…` or `machine:…`; absent if nobody did."),
        "traceparent": text("The trace, as W3C Trace Context has it."),
        "content-type": text("What the value is.", const="application/json"),
    }
    optional = {"ce_dataschema", "ce_dataref", "ce_lineage", "ce_causationid", "ce_actor", "traceparent"}
    return {
        "description": "The envelope: CloudEvents 1.0 in the binary mode of its Kafka binding.",
        "headers": {
            "type": "object",
            "properties": headers,
            "required": [name for name in headers if name not in optional],
        },
        "correlationId": {
            "description": "What began a conversation and all that followed share it.",
            "location": "$message.header#/ce_correlationid",
        },
        "bindings": {
            "kafka": {
                "key": text("The stream, as in `ce_subject`: one aggregate's events are in one partition, in order."),
                "bindingVersion": "0.5.0",
            }
        },
    }
