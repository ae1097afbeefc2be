"""Who may do what on Kafka: only a service writes its topics, and readers from outside read."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import DeleteAclsRequest

from services.site import SITE
from services.site import chosen as named
from shared.kafka.access import ALLOW, OPERATIONS, PATTERNS, RESOURCES, Party, Rule, let_in, rules_of
from shared.kafka.connection import client
from shared.kafka.joining import consume
from shared.kafka.topics import create_topics
from shared.model.message import Published
from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import Settings
from shared.ops.tasks import Tasks
from shared.processing.handlers import ViewHandler
from shared.store.appending import Write
from shared.store.event_store import Store
from tests.shared.kafka.records import admin, drained, listening, member, publish_rubbish, records_of, relay_of, topic
from tests.shared.kafka.secured import Broker, chosen
from tests.shared.kafka.test_keys import reader_of
from tests.shared.things import PUBLISHED, TOTALS, Raised, documents, subscription_on
from tests.shared.waiting import equals, eventually, running

# aiokafka leaves a connection open that is being made when its client is stopped; the collector closes it, and says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

USERS = {"kafka_security": "sasl_ssl", "kafka_user": "on-{service}", "kafka_password": "x"}


def test_each_topic_is_written_by_its_own_service_and_read_by_those_that_listen() -> None:
    without = {"kafka_password": "", "kafka_passwords": "/nowhere"}
    settings = Settings.model_validate({**USERS, **without, "kafka_readers": "hr-geneva, audit"})
    rules = [*rules_of([service.party(SITE.sessions) for service in named(None)], settings)]
    writers = {rule.name: rule.user for rule in rules if rule.operation == "write"}
    assert len(writers) == len([rule for rule in rules if rule.operation == "write"])
    assert {name: user.removeprefix("on-") for name, user in writers.items()} == {
        name: name.split(".")[1] for name in writers
    }
    assert {rule.name for rule in rules if rule.user == "on-careers" and rule.operation != "read"} == set()
    sessions = SITE.sessions.topic()
    assert {rule.user for rule in rules if rule.name == sessions and rule.operation == "read"} == {
        *(f"on-{service.name}" for service in named(None)), "hr-geneva", "audit",
    }  # fmt: skip
    keys = {service.published.keys_topic() for service in named(None) if service.published.subjects}
    told = {topic for service in named(None) for topic in service.published.all_topics()}
    assert [str(rule) for rule in rules if rule.user == "audit"] == [
        *(f"audit may read topic {name}" for name in sorted(told - keys)), "audit may read group beginning with audit.",
    ]  # fmt: skip
    assert len(keys) == 3
    assert {rule.user for rule in rules if rule.name in keys} == {f"on-{service.name}" for service in named(None)}
    assert Rule("on-alerts", "read", "topic", "postulo.vacancies.lineage.v1") in rules


def test_a_password_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = Settings.model_validate({**USERS, "kafka_password": "", "kafka_passwords": str(tmp_path)})
    (tmp_path / "alerts").write_text("secret-1\n")
    assert (settings.of_service("alerts").kafka_user, settings.of_service("alerts").kafka_password) == (
        "on-alerts", "secret-1",
    )  # fmt: skip
    with pytest.raises(Misconfigured, match=r"POSTULO_KAFKA_PASSWORDS .*has no file “support”"):
        settings.of_service("support")


def _support_and_careers(site: Settings) -> tuple[Published, list[Rule]]:
    """What support publishes, and the rules by which it does and careers listens."""
    published, careers = PUBLISHED._replace(service="support"), PUBLISHED._replace(service="careers", aggregates={})
    reads = frozenset(published.all_topics(site.topic_prefix))
    return published, [*rules_of([Party(published, frozenset()), Party(careers, reads)], site)]


def test_where_kafka_knows_no_users_a_rule_is_of_any() -> None:
    assert str(Rule("", "read", "topic", "news")) == "(any user) may read topic news"


async def test_a_broker_lets_in_whom_the_list_names_and_nobody_else(
    store: Store, other: Store, settings: Settings, broker: Broker
) -> None:
    """The services' users are those of the platform: support publishes, careers listens, subscriber reads."""
    site = chosen(settings, kafka=broker.address, **broker.of_services)
    published, rules = _support_and_careers(site)
    administrator = site.of_kafka_s_administrator()
    await create_topics(administrator, [published])
    assert await let_in(administrator, rules) == list(dict.fromkeys(rules))
    await equals([], lambda: let_in(administrator, rules), "the broker has learnt all rules")

    await store.append([Write("counter-1", 0, [Raised(by_much=1, note="Élodie"), Raised(by_much=2)])])
    relay = relay_of(store, site.of_service("support"), published=published)
    listener = site.of_service("careers")
    async with running(relay.run(), reader_of(other, listener, published).run()), listening(
        listener, subscription_on(other), [ViewHandler(TOTALS)], group="careers", published=[published]
    ):  # fmt: skip
        await equals({"1": {"total": 3, "versions": [1, 2]}}, lambda: documents(other.pool), "all has arrived")
        await drained(store)

    there = published.topic("counter", site.topic_prefix)
    reader = site.model_copy(
        update={"kafka_user": "subscriber", "kafka_password": _password_of_subscriber(site)}
    )  # fmt: skip
    assert len(await records_of(reader, there)) == 2
    for stranger in (reader, listener):
        with pytest.raises(TopicAuthorizationFailedError):
            await publish_rubbish(stranger, [(b"{}", [])], there)
    assert len(await records_of(reader, there)) == 2
    keys = published.keys_topic(site.topic_prefix)
    assert [record.key for record in await records_of(listener, keys)] == [b"counter-1"]
    with pytest.raises(TopicAuthorizationFailedError):
        await _read(reader, keys, "subscriber.night")
    assert await _read(reader, there, "subscriber.night") == 2
    with pytest.raises(GroupAuthorizationFailedError):
        await _read(reader, there, f"{site.topic_prefix}.careers")


async def test_who_was_put_out_of_its_group_is_in_it_again_when_the_broker_lets_it_in(
    store: Store, other: Store, settings: Settings, broker: Broker
) -> None:
    """As after a cluster was lost with its access rules, which somebody then makes again."""
    site = chosen(settings, kafka=broker.address, **broker.of_services)
    published, rules = _support_and_careers(site)
    administrator, listener = site.of_kafka_s_administrator(), site.of_service("careers")
    await create_topics(administrator, [published])
    await let_in(administrator, rules)
    await equals([], lambda: let_in(administrator, rules), "the broker has learnt all rules")
    tasks = Tasks("careers")
    to, member_of = member(
        listener, subscription_on(other), [ViewHandler(TOTALS)], group="careers", published=[published]
    )
    tasks.start("consumer", partial(consume, to, member_of, listener))
    relay = relay_of(store, site.of_service("support"), published=published)
    try:
        async with running(relay.run(), reader_of(other, listener, published).run()):
            await store.append([Write("counter-1", 0, [Raised(by_much=1)])])
            await equals({"1": {"total": 1, "versions": [1]}}, lambda: documents(other.pool), "it listens")
            await _taken_away(administrator, Rule(listener.kafka_user, "read", "group", f"{site.topic_prefix}.careers"))
            await eventually(partial(_value, lambda: tasks.restarts), "it was put out")
            await store.append([Write("counter-1", 1, [Raised(by_much=2)])])
            await let_in(administrator, rules)
            await equals({"1": {"total": 3, "versions": [1, 2]}}, lambda: documents(other.pool), "it listens again")
    finally:
        await tasks.stop()


async def _value(of: Callable[[], int]) -> int:
    return of()


async def _taken_away(settings: Settings, rule: Rule) -> None:
    async with admin(settings) as asking:
        answer: Any = await asking._send_to_controller(
            DeleteAclsRequest(
                RESOURCES[rule.resource], rule.name, PATTERNS[rule.pattern], f"User:{rule.user}", "*",
                OPERATIONS[rule.operation], ALLOW,
            )
        )  # fmt: skip
    assert [code for code, *_ in answer.filter_responses] == [0]


async def test_a_broker_that_checks_no_access_is_told_apart(settings: Settings) -> None:
    assert await let_in(settings, [Rule("anna", "read", "topic", topic(settings))]) is None


def _password_of_subscriber(site: Settings) -> str:
    return Path(site.kafka_passwords, "subscriber").read_text().strip()


async def _read(settings: Settings, there: str, group: str) -> int:
    consumer: Any = AIOKafkaConsumer(
        there, **client(settings), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        found: list[Any] = []
        async with asyncio.timeout(30):
            while len(found) < 2:
                found += [r for each in (await consumer.getmany(timeout_ms=500)).values() for r in each]
        return len(found)
    finally:
        await consumer.stop()
