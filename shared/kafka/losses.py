"""What Kafka has lost, concluded from what brokers positively say: whatever they leave open is unknown, never lost."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

CONFIRMED: Final = 3
"""So many looks in a row have to say that a topic is gone before it is believed."""


class Known(NamedTuple):
    """The topic is there under this id. ends: where its partitions end, of those that were asked."""

    id: UUID
    ends: Mapping[int, int]


class Gone(NamedTuple):
    """A broker that answers for its cluster says that there is no such topic."""


class Unknown(NamedTuple):
    """Nothing can be concluded. why: for the operator. id: the topic's, if that much was said."""

    why: str
    id: UUID | None = None


Said = Known | Gone | Unknown


class Whole(NamedTuple):
    """As far as was asked, everything that was acknowledged is there."""


class Unsure(NamedTuple):
    """It has to be asked again."""

    why: str


class Lost(NamedTuple):
    """Something that was acknowledged is not there any more."""

    why: str


Verdict = Whole | Unsure | Lost
Look = Mapping[str, Said]
"""What was said of each topic at one moment."""


def verdict(looks: Sequence[Look], acknowledged: Mapping[str, int], ids: Mapping[str, UUID]) -> Verdict:
    """What the looks at the topics tell, the last of them being the one that counts.

    acknowledged: the last offset known of each partition, by "topic/partition". ids: those of the topics to which that
    was written, where they are known.
    """
    found = [
        _of_topic(topic, [look.get(topic, Unknown("not asked")) for look in looks],
                  _of_its_partitions(topic, acknowledged), ids.get(topic))
        for topic in sorted(looks[-1])
    ]  # fmt: skip
    return _worst(found)


def ids_of(look: Look) -> dict[str, UUID]:
    """The ids of the topics that are there."""
    return {topic: said.id for topic, said in look.items() if isinstance(said, Known)}


def _of_topic(topic: str, said: Sequence[Said], acknowledged: Mapping[int, int], id_: UUID | None) -> Verdict:
    last = said[-1]
    if isinstance(last, Unknown):
        return Unsure(f"{topic}: {last.why}")
    if isinstance(last, Gone):
        sure = len(said) >= CONFIRMED and all(isinstance(each, Gone) for each in said[-CONFIRMED:])
        return Lost(f"{topic} is gone") if sure and acknowledged else Unsure(f"{topic} is said not to be there")
    if acknowledged and id_ is not None and last.id != id_:
        return Lost(f"{topic} was made anew")
    for partition, end in sorted(last.ends.items()):
        if acknowledged.get(partition, -1) >= end:
            return Lost(f"{topic}/{partition} had reached {acknowledged[partition]} and ends before {end} now")
    return Whole()


def _of_its_partitions(topic: str, acknowledged: Mapping[str, int]) -> dict[int, int]:
    parted = [(*name.rpartition("/")[::2], offset) for name, offset in acknowledged.items()]
    return {int(partition): offset for name, partition, offset in parted if name == topic}


def _worst(found: Iterable[Verdict]) -> Verdict:
    for kind in (Lost, Unsure):
        for each in found:
            if isinstance(each, kind):
                return each
    return Whole()
