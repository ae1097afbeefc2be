"""The oracle: what was lost, what happened twice, and what does not agree. Pure; knows events and tables, no code.

Accepted = stored = on Kafka = handled by every consumer; streams without a gap; mails, slots, numbers, files once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

from tests.faults.evidence import Command, Event, Evidence, Fact, Outcome, Record, Store
from tests.faults.listening import LISTENS
from tests.faults.told import told

LOST: Final = "lost"
DOUBLED: Final = "doubled"
WRONG: Final = "wrong"


class Finding(NamedTuple):
    """Something that is not as promised; about: the command's id, the stream, the event's id."""

    kind: str
    what: str
    about: str

    @property
    def name(self) -> tuple[str, str, str]:
        """The same while its numbers change: once found, it is no news."""
        return self.kind, NUMBER.sub("", self.what), self.about.partition(":")[0]


NUMBER: Final = re.compile(r"\d+")
Check = Callable[[Evidence], Iterator[Finding]]


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that any check finds."""
    return [finding for check in CHECKS for finding in check(evidence)]


def versions(evidence: Evidence) -> Iterator[Finding]:
    """Each stream counts from one without a gap, and ends where its row says."""
    for service, store in evidence.stores.items():
        found = defaultdict[str, list[int]](list)
        for event in store.events:
            found[event.stream].append(event.version)
        for stream in sorted(found.keys() | store.streams.keys()):
            have, said = sorted(found[stream]), store.streams.get(stream, 0)
            if have != list(range(1, said + 1)):
                yield Finding(WRONG, f"versions {have} of {said}", f"{service} {stream}")


def commands(evidence: Evidence) -> Iterator[Finding]:
    """What was accepted is stored; and nothing more often than it was asked for."""
    asked = defaultdict[Fact, list[Command]](list)
    for command in evidence.commands:
        if command.outcome is not Outcome.REFUSED and command.fact.stream:
            asked[command.fact].append(command)
    stored = Counter(
        Fact(service, event.type, event.stream, event.data.get("section", ""))
        for service, event in _asked_for(evidence)
    )
    for fact, wishes in asked.items():
        accepted = [each for each in wishes if each.outcome is Outcome.ACCEPTED]
        if stored[fact] < len(accepted):
            yield Finding(LOST, f"{stored[fact]} {fact.type} for {len(accepted)} accepted", _named(fact, accepted))
        if stored[fact] > (most := sum(map(_most, wishes))):
            yield Finding(DOUBLED, f"{stored[fact]} {fact.type} for {most} asked", _named(fact, wishes))


def _most(command: Command) -> int:
    """What replaces a section as a whole (PUT) may be carried out again behind another window's, each time it is sent:
    the last one counts.
    """
    return max(1, command.tries) if command.fact.part else 1


def _asked_for(evidence: Evidence) -> Iterator[tuple[str, Event]]:
    """All events but what a draft has, by the same request, from the one that it was made from."""
    made = {(event.stream, event.correlation) for event in _of(evidence, "applications", "DraftCreated")}
    for service, event in _events(evidence):
        if event.type == "DraftCreated" or (event.stream, event.correlation) not in made:
            yield service, event


def _named(fact: Fact, wishes: Iterable[Command]) -> str:
    return f"{fact.stream}: {' '.join(each.id for each in wishes)}"


def created(evidence: Evidence) -> Iterator[Finding]:
    """Nobody has more of what a command makes than was asked for, also where no answer told its stream."""
    for service, kind in CREATED:
        wishes = [each for each in evidence.commands if each.fact[:2] == (service, kind)]
        asked = Counter(each.who for each in wishes if each.outcome is not Outcome.REFUSED)
        made = Counter(str(event.data["candidate_id"]) for event in _of(evidence, service, kind))
        for who in asked:
            if made[who] > asked[who]:
                yield Finding(DOUBLED, f"{made[who]} {kind} for {asked[who]} asked", who)


CREATED: Final = (("applications", "DraftCreated"), ("support", "TicketOpened"), ("alerts", "SearchSaved"))


def answers(evidence: Evidence) -> Iterator[Finding]:
    """What an answer said was written is there."""
    there = {event.id for _, event in _events(evidence)}
    for command in evidence.commands:
        if missing := [str(each) for each in command.wrote if each not in there]:
            yield Finding(LOST, f"{command.kind} was answered, its events are not stored", f"{command.id}: {missing}")


def published(evidence: Evidence) -> Iterator[Finding]:
    """What leaves a service is on Kafka as it is stored, and nothing else is."""
    stored = {event.id: (service, event) for service, event in _events(evidence)}
    said = {record.id: record for record in evidence.records if record.id}
    for event in _leaving(evidence):
        if event.id not in said:
            yield Finding(LOST, f"{event.type} is stored, not on Kafka", f"{event.stream} {event.id}")
    for record in evidence.records:
        if record.id in evidence.planted or record.id is None:
            continue
        if record.id not in stored:
            yield Finding(WRONG, f"{record.type} is on {record.topic}, in no store", f"{record.stream} {record.id}")
        elif not _same(record, stored[record.id][1]):
            yield Finding(WRONG, f"{record.type} is another on Kafka", f"{record.stream} {record.id}")


def _same(record: Record, event: Event) -> bool:
    """Field by field, ciphertext included; some leave without what is personal in them."""
    envelope = (record.stream, record.version, record.type) == (event.stream, event.version, event.type)
    kept = {**event.data, **({} if "personal" in record.data else {"personal": None})}
    return envelope and {"personal": None, **record.data} == {"personal": None, **kept}


def order(evidence: Evidence) -> Iterator[Finding]:
    """Of each stream, what is on Kafka for the first time comes behind what happened before."""
    reached = defaultdict[str, int](int)
    seen = set[UUID]()
    for record in evidence.records:
        if record.id is None or record.id in seen or record.id in evidence.planted:
            continue
        seen.add(record.id)
        if record.version < reached[record.stream]:
            yield Finding(WRONG, f"version {record.version} behind {reached[record.stream]}", record.stream)
        reached[record.stream] = max(reached[record.stream], record.version)


def handled(evidence: Evidence) -> Iterator[Finding]:
    """Every handler has marked every event of the topics that its service listens to; none is parked."""
    leaving = defaultdict[str, set[UUID]](set)
    for service, event in _events(evidence):
        leaving[topic_of(service, event)].update([event.id] if _leaves(evidence, service, event) else [])
    for service, store in evidence.stores.items():
        wanted = set[UUID]().union(*(leaving[topic] for topic in LISTENS[service]))
        if wanted and not store.handled:
            yield Finding(LOST, "no handler has marked anything", service)
        for handler, marks in store.handled.items():
            parked = {event for name, event in store.parked if name == handler}
            for missing in sorted(wanted - marks - parked):
                yield Finding(LOST, f"not handled by {handler} of {service}", str(missing))
            for strange in sorted(marks & evidence.planted):
                yield Finding(WRONG, f"a stranger's event was handled by {handler} of {service}", str(strange))
        for handler, event_id in store.parked:
            yield Finding(WRONG, f"parked by {handler} of {service}", str(event_id))


def known(evidence: Evidence) -> Iterator[Finding]:
    """Nobody has acted on, or shows, what its own service does not know."""
    there = {event.id for _, event in _events(evidence)}
    for service, store in evidence.stores.items():
        for handler, marks in store.handled.items():
            for strange in sorted(marks - there - evidence.planted):
                yield Finding(WRONG, f"handled by {handler} of {service}, in no store", str(strange))


def mails(evidence: Evidence) -> Iterator[Finding]:
    """Each mail that is queued arrives, once; who must be told has a mail."""
    queued = {mail.id: mail for store in evidence.stores.values() for mail in store.mails}
    for mail in queued.values():
        if mail.waiting:
            yield Finding(WRONG, f"{mail.template} still waits", str(mail.id))
        elif mail.given_up or not evidence.arrived[str(mail.id)]:
            yield Finding(
                LOST, f"{mail.template} {'was given up' if mail.given_up else 'did not arrive'}", str(mail.id)
            )
    for name, times in evidence.arrived.items():
        if UUID(name) not in queued and name not in evidence.undone:
            yield Finding(WRONG, "a mail that no service wrote", name)
        if times > 1 + evidence.cut[name] and not evidence.again:
            yield Finding(DOUBLED, f"arrived {times} times", name)
    for mail_id, what, event in told(evidence):
        if mail_id not in queued:
            yield Finding(LOST, f"nobody was told: {what}", f"{event.stream} {event.id}")


def once(evidence: Evidence) -> Iterator[Finding]:
    """Numbers, places and files stand for one thing each."""
    for service, kind, fields in UNIQUE:
        counted = Counter(tuple(str(event.data.get(name)) for name in fields) for event in _of(evidence, service, kind))
        for key, times in counted.items():
            if times > 1:
                yield Finding(DOUBLED, f"{times} {kind}", " ".join(key))
    slots = {event.data["application_id"] for event in _of(evidence, "applications", "SlotReserved")}
    for event in _of(evidence, "applications", "ApplicationSubmitted"):
        if event.stream.partition("-")[2] not in slots:
            yield Finding(WRONG, "submitted without a place", event.stream)


UNIQUE: Final = (
    ("support", "TicketOpened", ("number",)),
    ("applications", "SlotReserved", ("candidate_id", "vacancy_id")),
    ("applications", "SlotReserved", ("application_id",)),
    ("applications", "AttachmentAdded", ("attachment_id",)),
    ("vacancies", "VacancyPublished", ("job_opening_number",)),
)


def files(evidence: Evidence) -> Iterator[Finding]:
    """What is attached to an application is kept."""
    store = evidence.stores.get("applications", Store())
    gone = {event.data["attachment_id"] for event in _of(evidence, "applications", "AttachmentRemoved")}
    over = {event.stream for event in store.events if event.type in ("DraftDiscarded", "PersonalDataErased")}
    for event in _of(evidence, "applications", "AttachmentAdded"):
        file = event.data["attachment_id"]
        if file not in gone and event.stream not in over and UUID(file) not in store.holders:
            yield Finding(LOST, "an attached file is not kept", f"{event.stream} {file}")


CHECKS: Final[tuple[Check, ...]] = (
    versions, commands, created, answers, published, order, handled, known, mails, once, files,
)  # fmt: skip


def topic_of(service: str, event: Event) -> str:
    return f"postulo.{service}.{event.stream.partition('-')[0]}.v1"


def _leaves(evidence: Evidence, service: str, event: Event) -> bool:
    return event.type in evidence.published.get(topic_of(service, event), ())


def _leaving(evidence: Evidence) -> Iterator[Event]:
    return (event for service, event in _events(evidence) if _leaves(evidence, service, event))


def _events(evidence: Evidence) -> Iterator[tuple[str, Event]]:
    for service, store in evidence.stores.items():
        for event in store.events:
            yield service, event


def _of(evidence: Evidence, service: str, kind: str) -> Iterator[Event]:
    store = evidence.stores.get(service, Store())
    return (event for event in store.events if event.type == kind)
