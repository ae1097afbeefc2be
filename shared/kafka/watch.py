"""A leader's watch over its topics: what it has heard of them since it leads, and what that means."""

from collections import deque
from collections.abc import Collection, Mapping
from uuid import UUID

from aiokafka import TopicPartition

from shared.kafka.asking import Asked, ask, ends_in
from shared.kafka.losses import CONFIRMED, Look, Verdict, Whole, ids_of, verdict


class Watch:
    """topics: what the service publishes on. Its ids are those of the topics as they were found whole."""

    def __init__(self, topics: Collection[str]) -> None:
        self.topics = frozenset(topics)
        self._ids: dict[str, UUID] = {}
        self._looks = deque[Look](maxlen=CONFIRMED)

    async def look(self, client: Asked, acknowledged: Mapping[str, int], *, ends: bool = False) -> Verdict:
        """Asks once: a single request, or with `ends` one more to each leader."""
        self._looks.append(await ask(client, self.topics, ends=ends))
        found = verdict(list(self._looks), acknowledged, self._ids)
        if isinstance(found, Whole):
            self._ids |= ids_of(self._looks[-1])
        return found

    @property
    def ends(self) -> dict[TopicPartition, int]:
        """Where each partition ended at the last look, of those that were asked."""
        return ends_in(self._looks[-1]) if self._looks else {}
