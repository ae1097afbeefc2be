"""Topics and users for Strimzi, from the same lists as `python -m services topics` and `access`."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from shared.kafka import topics
from shared.kafka.access import Rule, rules_of
from shared.ops.settings import Settings
from shared.runtime.declaration import Service, Site

CLUSTER: Final = {"strimzi.io/cluster": "kafka"}
API: Final = "kafka.strimzi.io/v1"
TOLD: Final = (Path(__file__).parent / "base" / "settings" / "settings.env").read_text()
SHARED: Final = dict(line.split("=", 1) for line in TOLD.splitlines())
"""What pods are told, the relays among them, which make a topic that is missing: as Strimzi would, or its partitions
would be raised."""
SETTINGS: Final = Settings(
    kafka_security="sasl_ssl", kafka_user="postulo-{service}", kafka_password="of no use here",  # noqa: S106
    topic_partitions=int(SHARED["POSTULO_TOPIC_PARTITIONS"]), topic_replicas=int(SHARED["POSTULO_TOPIC_REPLICAS"]),
)  # fmt: skip


def kafka_topics(services: Sequence[Service]) -> Iterator[dict[str, Any]]:
    """Every topic, as `topics` would create it."""
    for each in services:
        for topic in topics._topics(each.published, SETTINGS):  # noqa: SLF001 - its list is the one that counts
            yield {
                "apiVersion": API,
                "kind": "KafkaTopic",
                "metadata": {"name": topic.name, "labels": CLUSTER},
                "spec": {
                    "partitions": topic.num_partitions,
                    "replicas": topic.replication_factor,
                    "config": {name: _number(value) for name, value in topic.topic_configs.items()},
                },
            }


def kafka_users(services: Sequence[Service], site: Site) -> Iterator[dict[str, Any]]:
    """Every service's user with what it may do, which is all that it may."""
    parties = [each.party(site.sessions, SETTINGS.topic_prefix) for each in services]
    for user, rules in groupby(rules_of(parties, SETTINGS), key=lambda rule: rule.user):
        yield {
            "apiVersion": API,
            "kind": "KafkaUser",
            "metadata": {"name": user, "labels": CLUSTER},
            "spec": {
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": list(_acls(list(rules)))},
            },
        }


def _acls(rules: Sequence[Rule]) -> Iterator[dict[str, Any]]:
    """One entry a topic or group, with all that may be done to it."""
    for resource, name, pattern in dict.fromkeys((rule.resource, rule.name, rule.pattern) for rule in rules):
        operations = [rule.operation for rule in rules if (rule.resource, rule.name) == (resource, name)]
        yield {
            "resource": {"type": resource, "name": name, "patternType": pattern.replace("prefixed", "prefix")},
            "operations": [operation.capitalize() for operation in operations],
        }


def _number(value: str) -> int | float | str:
    """Strimzi wants numbers to be numbers."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
