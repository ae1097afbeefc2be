"""What brokers answer when they are asked about topics, and a client that hands out such answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiokafka.protocol.offset import OffsetResponse_v3

from shared.kafka.asking import TopicsAnswer, TopicsRequest

FIRST, SECOND = UUID(int=1), UUID(int=2)
UNKNOWN_TOPIC, NO_LEADER, NOT_LEADER, FORBIDDEN = 3, 5, 6, 29
"""Codes of Kafka's protocol."""


def partition(number: int, leader: int = 1, code: int = 0) -> tuple[Any, ...]:
    return code, number, leader, 0, [1], [1], [], {}


def topic(name: str, id_: UUID = FIRST, *, code: int = 0, leaders: Sequence[int] = (1,)) -> tuple[Any, ...]:
    return code, name, id_, False, [partition(n, leader) for n, leader in enumerate(leaders)], -1, {}


def metadata(*topics: tuple[Any, ...], brokers: Sequence[int] = (1,), controller: int = 1) -> TopicsAnswer:
    return TopicsAnswer(0, [(id_, "here", 9092, None, {}) for id_ in brokers], "cluster", controller, [*topics], {})


EMPTY = metadata(brokers=(), controller=-1)
"""Of a broker that is fenced, or has just begun."""


def offsets(ends: Mapping[str, Mapping[int, int]], code: int = 0) -> OffsetResponse_v3:
    topics = [(name, [(n, code, -1, end) for n, end in partitions.items()]) for name, partitions in ends.items()]
    return OffsetResponse_v3(0, topics)


class Answering:
    """A client that answers in this order, the last for ever; what is an error it raises."""

    def __init__(self, *answers: Any, node: int | None = 1) -> None:
        self.answers, self.node, self.asked = [*answers], node, list[Any]()

    def get_random_node(self) -> int | None:
        return self.node

    async def send(self, _node: Any, request: Any) -> Any:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def looks(self) -> int:
        return sum(isinstance(each, TopicsRequest) for each in self.asked)
