"""What brokers answer when they are asked about topics, and what a watch over them makes of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NodeNotReadyError, RequestTimedOutError

from shared.kafka.asking import ask
from shared.kafka.losses import CONFIRMED, Gone, Known, Lost, Said, Unknown, Unsure, Verdict, Whole
from shared.kafka.topics import certain_ends, certain_ids, create_topics, ends_of
from shared.kafka.watch import Watch
from shared.ops.settings import Settings
from tests.shared.kafka.answers import (
    EMPTY,
    FIRST,
    FORBIDDEN,
    NO_LEADER,
    NOT_LEADER,
    SECOND,
    UNKNOWN_TOPIC,
    Answering,
    metadata,
    offsets,
    topic,
)  # fmt: skip
from tests.shared.kafka.records import admin, delete_topics, publish
from tests.shared.kafka.records import topic as topic_of
from tests.shared.things import PUBLISHED
from tests.shared.waiting import equals, eventually

HERE = metadata(topic("things"))
GONE = metadata(topic("things", code=UNKNOWN_TOPIC, leaders=()))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HERE, Known(FIRST, {})),
        (GONE, Gone()),
        (EMPTY, Unknown("the broker that answers knows of no cluster")),
        (metadata(topic("things", code=UNKNOWN_TOPIC, leaders=()), brokers=(), controller=-1),
         Unknown("the broker that answers knows of no cluster")),
        (metadata(topic("things"), controller=-1), Unknown("the broker that answers knows of no cluster")),
        (metadata(), Unknown("the broker said nothing of it")),
        (metadata(topic("things", leaders=())), Unknown("the broker names no partition of it")),
        (metadata(topic("things", leaders=(1, -1, -1))), Unknown("nobody leads partition 1, 2", FIRST)),
        (metadata(topic("things", code=NO_LEADER, leaders=())), Unknown("LeaderNotAvailableError")),
        (metadata(topic("things", code=FORBIDDEN, leaders=())), Unknown("TopicAuthorizationFailedError")),
        (NodeNotReadyError(), Unknown("NodeNotReadyError: NodeNotReadyError")),
        (ConnectionResetError("cut"), Unknown("ConnectionResetError: cut")),
    ],
)  # fmt: skip
async def test_only_a_broker_that_answers_for_its_cluster_says_that_a_topic_is_gone(answer: Any, said: Said) -> None:
    assert await ask(Answering(answer), ["things"]) == {"things": said}


async def test_where_no_broker_is_known_nothing_is_known() -> None:
    assert await ask(Answering(HERE, node=None), ["things"]) == {"things": Unknown("no broker is known")}


async def test_a_broker_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Frozen(Answering):
        async def send(self, *_: Any) -> Any:
            await asyncio.Event().wait()

    monkeypatch.setattr("shared.kafka.asking.ASKING", 0.0)
    assert await ask(Frozen(), ["things"]) == {"things": Unknown("TimeoutError: ")}


async def test_the_leader_of_each_partition_says_where_it_ends() -> None:
    asked = Answering(metadata(topic("things", leaders=(1, 2, 1)), brokers=(1, 2)),
                      offsets({"things": {0: 5, 2: 6}}), offsets({"things": {1: 7}}))  # fmt: skip
    assert await ask(asked, ["things"], ends=True) == {"things": Known(FIRST, {0: 5, 1: 7, 2: 6})}


@pytest.mark.parametrize("code", [UNKNOWN_TOPIC, NOT_LEADER, NO_LEADER])
async def test_a_leader_that_does_not_know_its_partition_makes_the_topic_unknown(code: int) -> None:
    said = await ask(Answering(HERE, offsets({"things": {0: 0}}, code)), ["things"], ends=True)
    assert isinstance(said["things"], Unknown)


async def watched(*answers: Any, ends: bool = False) -> Sequence[Verdict]:
    """What a watch finds at each look, after something was acknowledged."""
    watch, asked = Watch(["things"]), Answering(*answers)
    return [await watch.look(asked, {"things/0": 4}, ends=ends) for _ in answers]


@pytest.mark.parametrize("bad", [EMPTY, NodeNotReadyError(), RequestTimedOutError(),
                                 metadata(topic("things", leaders=(-1,)))])  # fmt: skip
async def test_a_client_that_answers_with_nothing_and_then_right_has_lost_nothing(bad: Any) -> None:
    found = await watched(HERE, *[bad] * 9, HERE)
    assert [type(each) for each in found] == [Whole, *[Unsure] * 9, Whole]


async def test_a_topic_that_is_gone_is_known_to_be_after_a_few_single_requests() -> None:
    watch, asked = Watch(["things"]), Answering(HERE, GONE)
    found = [await watch.look(asked, {"things/0": 4}) for _ in range(1 + CONFIRMED)]
    assert [type(each) for each in found] == [Whole, *[Unsure] * (CONFIRMED - 1), Lost]
    assert len(asked.asked) == asked.looks == 1 + CONFIRMED


async def test_a_topic_that_was_made_anew_between_two_looks_is_lost_at_once() -> None:
    assert await watched(HERE, metadata(topic("things", SECOND))) == [Whole(), Lost("things was made anew")]


async def test_an_empty_partition_of_a_topic_that_is_there_has_lost_what_was_acknowledged() -> None:
    watch = Watch(["things"])
    found = await watch.look(Answering(HERE, offsets({"things": {0: 0}})), {"things/0": 4}, ends=True)
    assert found == Lost("things/0 had reached 4 and ends before 0 now")


async def test_a_real_broker_says_what_is_there_and_where_it_ends(settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, [])
    here, lineage = topic_of(settings), PUBLISHED.lineage_topic(settings.topic_prefix)
    async with admin(settings) as asking:

        async def known() -> Mapping[str, Said] | None:
            said = await ask(_client(asking), [here, lineage, "never-made"], ends=True)
            return None if any(isinstance(each, Unknown) for each in said.values()) else said

        said = await eventually(known, "the broker says what it has")
        ids = {said[each].id for each in (here, lineage)}
        assert len(ids) == 2
        assert said[lineage] == Known(said[lineage].id, {0: 1})
        assert said[here].ends == dict.fromkeys(range(settings.topic_partitions), 0)
        assert said["never-made"] == Gone()


def test_where_a_topic_ends_is_not_taken_for_nowhere_if_it_is_not_known() -> None:
    with pytest.raises(KafkaError, match="things: nobody answers"):
        certain_ends({"others": Known(FIRST, {0: 3}), "things": Unknown("nobody answers")})


def test_the_id_of_a_topic_is_known_whoever_leads_it_and_is_asked_again_if_it_is_not() -> None:
    said: dict[str, Said] = {
        "things": Known(FIRST, {}),
        "leaderless": Unknown("nobody leads partition 1", SECOND),
        "gone": Gone(),
    }
    assert certain_ids(said) == {"things": FIRST, "leaderless": SECOND}
    with pytest.raises(KafkaError, match="others: nobody answers"):
        certain_ids({**said, "others": Unknown("nobody answers")})


async def test_a_topic_that_is_surely_not_there_ends_nowhere(settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    lineage = PUBLISHED.lineage_topic(settings.topic_prefix)
    ends = {TopicPartition(lineage, 0): 0}
    await equals(ends, lambda: ends_of(settings, [lineage, "never-made"]), "the new topic alone has an end")


async def test_a_real_topic_made_anew_has_another_id(settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    topic = topic_of(settings)
    async with admin(settings) as asking:

        async def known() -> Known | None:
            said = (await ask(_client(asking), [topic]))[topic]
            return said if isinstance(said, Known) else None

        before = await eventually(known, "the topic")
        await delete_topics(settings)
        await create_topics(settings, [PUBLISHED])
        after = await eventually(known, "the topic that was made anew")
    assert before.id != after.id


def _client(asking: AIOKafkaAdminClient) -> Any:
    return asking._client
