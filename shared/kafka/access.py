"""Who may do what on Kafka: a list beside the topics, which `topics` brings a broker up to.

The relay of a service may write its topics and nobody else; a service reads the topics that it listens to, in the group
of its name; readers from outside read every topic but those with keys, in groups that begin with their name.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from shared.kafka.connection import client, explained
from shared.model.message import Published
from shared.ops.settings import Settings

ANY: Final = 1
TOPIC, GROUP = 2, 3
LITERAL, PREFIXED = 3, 4
ALLOW: Final = 3
OPERATIONS: Final = {"read": 3, "write": 4, "create": 5}
RESOURCES: Final = {"topic": TOPIC, "group": GROUP}
PATTERNS: Final = {"literal": LITERAL, "prefixed": PREFIXED}


class Party(NamedTuple):
    """A service on Kafka: what it publishes, and the topics that it reads."""

    published: Published
    reads: frozenset[str]


class Rule(NamedTuple):
    """A user may do something to what has this name, or whose name begins so."""

    user: str
    operation: str
    resource: str
    name: str
    pattern: str = "literal"

    def __str__(self) -> str:
        beginning = " beginning with" if self.pattern == "prefixed" else ""
        return f"{self.user or '(any user)'} may {self.operation} {self.resource}{beginning} {self.name}"


def rules_of(parties: Iterable[Party], settings: Settings) -> Iterator[Rule]:
    """Everything that these services and the readers from outside may do."""
    prefix, parties = settings.topic_prefix, list(parties)
    for published, reads in parties:
        user = settings.kafka_user_of(published.service)
        own = published.all_topics(prefix)
        for topic in sorted(own):
            yield from (Rule(user, operation, "topic", topic) for operation in ("create", "write"))
        yield from (Rule(user, "read", "topic", topic) for topic in sorted({*own, *reads}))
        yield Rule(user, "read", "group", f"{prefix}.{published.service}")
    open_to_all = sorted({topic for published, _ in parties for topic in published.topics(prefix)} | {
        published.lineage_topic(prefix) for published, _ in parties if published.aggregates
    })  # fmt: skip
    for reader in settings.kafka_readers:
        yield from (Rule(reader, "read", "topic", topic) for topic in open_to_all)
        yield Rule(reader, "read", "group", f"{reader}.", "prefixed")


async def let_in(settings: Settings, rules: Iterable[Rule]) -> list[Rule] | None:
    """Makes what is missing and returns it; None from a broker that checks no access. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**client(settings))
    try:
        await explained(admin.start(), settings)
        try:
            there = await _known(admin)
        except SecurityDisabled:
            return None
        missing = [rule for rule in dict.fromkeys(rules) if rule not in there]
        for rule in missing:
            await _make(admin, rule)
        return missing
    finally:
        await admin.close()


async def _known(admin: AIOKafkaAdminClient) -> set[Rule]:
    answer: Any = await admin._send_to_controller(  # noqa: SLF001 - it offers no access rules
        DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)
    )
    _check(answer.error_code, answer.error_message)
    return {
        Rule(principal.removeprefix("User:"), _name(OPERATIONS, operation), _name(RESOURCES, kind), name,
             _name(PATTERNS, pattern))
        for kind, name, pattern, rules in answer.resources
        for principal, host, operation, permission in rules
        if (host, permission) == ("*", ALLOW)
    }  # fmt: skip


async def _make(admin: AIOKafkaAdminClient, rule: Rule) -> None:
    answer: Any = await admin._send_to_controller(  # noqa: SLF001 - it offers no access rules
        CreateAclsRequest(
            RESOURCES[rule.resource], rule.name, PATTERNS[rule.pattern], f"User:{rule.user}", "*",
            OPERATIONS[rule.operation], ALLOW,
        )
    )  # fmt: skip
    for code, message in answer.creation_responses:
        _check(code, message)


def _check(code: int, message: str | None) -> None:
    if code:
        kind: type[KafkaError] = for_code(code)
        raise kind(message or "")


def _name(codes: dict[str, int], code: int) -> str:
    return next((name for name, known in codes.items() if known == code), str(code))
