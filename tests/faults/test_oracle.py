"""The oracle can say no: each thing that may go wrong, done to evidence in which nothing is wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

import pytest

from tests.faults.book import Book
from tests.faults.campaign import news
from tests.faults.evidence import Command, Event, Evidence, Fact, Outcome, Queued, Record, Store, Undone
from tests.faults.oracle import DOUBLED, LOST, WRONG, Finding, judge

SPACE: Final = UUID("5d4723c2-14ee-5237-8a9f-e82854b87be5")
TOPIC: Final = "postulo.support.ticket.v1"
ANNA: Final = str(uuid5(SPACE, "anna"))


def opened(number: int) -> Event:
    data = {"candidate_id": ANNA, "number": f"2026-{number}", "nature": "question", "personal": f"sealed {number}"}
    return Event(uuid5(SPACE, str(number)), f"ticket-{number}", 1, "TicketOpened", data)


def answered(number: int) -> Event:
    return Event(uuid5(SPACE, f"answer {number}"), f"ticket-{number}", 2, "TicketAnswered", {})


def record(event: Event) -> Record:
    return Record(TOPIC, event.id, event.stream, event.version, event.type, event.data)


def mail(event: Event) -> UUID:
    return uuid5(event.id, "opened" if event.type == "TicketOpened" else "answered")


EVENTS: Final = (opened(1), opened(2), answered(1))


def asked(number: int, outcome: Outcome = Outcome.ACCEPTED) -> Command:
    return Command(f"anna-{number}", "ticket", ANNA, Fact("support", "TicketOpened", f"ticket-{number}"), outcome,
                   wrote=(opened(number).id,) if outcome is Outcome.ACCEPTED else ())  # fmt: skip


def good() -> Evidence:
    """Two tickets, one of them answered; careers listens to them."""
    support = Store(
        events=EVENTS,
        streams={"ticket-1": 2, "ticket-2": 1},
        mails=[Queued(mail(event), "support/mail", waiting=False, given_up=False) for event in EVENTS],
    )
    careers = Store(handled={"view:overview:1": frozenset(event.id for event in EVENTS)})
    return Evidence(
        [asked(1), asked(2)],
        {"support": support, "careers": careers},
        [record(event) for event in EVENTS],
        {TOPIC: frozenset({"TicketOpened", "TicketAnswered"})},
        Counter(str(mail(event)) for event in EVENTS),
    )


def changed(name: str, **values: Any) -> Callable[[Evidence], None]:
    def change(evidence: Evidence) -> None:
        stores = dict(evidence.stores)
        stores[name] = replace(stores[name], **values)
        evidence.stores = stores

    return change


def without(event: Event) -> Callable[[Evidence], None]:
    """Of which nothing is left anywhere but what its client was told."""

    def change(evidence: Evidence) -> None:
        left = [each for each in EVENTS if each is not event]
        changed("support", events=left, streams={"ticket-1": 2}, mails=[])(evidence)
        evidence.records = [record(each) for each in left]

    return change


def records(*events: Event) -> Callable[[Evidence], None]:
    return lambda evidence: setattr(evidence, "records", [record(event) for event in events])


def arrived(*times: int) -> Callable[[Evidence], None]:
    counted = {str(mail(event)): count for event, count in zip(EVENTS, times, strict=True)}
    return lambda evidence: setattr(evidence, "arrived", Counter(counted))


def twice(evidence: Evidence) -> None:
    """A request that was answered once, and carried out under another id, too."""
    again = opened(3)
    events = [*EVENTS, again]
    changed("support", events=events, streams={"ticket-1": 2, "ticket-2": 1, "ticket-3": 1})(evidence)


def held(*names: str) -> dict[str, frozenset[UUID]]:
    return {"view:overview:1": frozenset(event.id for event in EVENTS if event.stream in names)}


def queued(**of: bool) -> list[Queued]:
    state = {"waiting": False, "given_up": False}
    return [Queued(mail(event), "support/mail", **{**state, **(of if event is EVENTS[0] else {})}) for event in EVENTS]


WRONGS: Final[dict[str, tuple[Callable[[Evidence], None], str, str]]] = {
    "an accepted command is not stored": (without(EVENTS[1]), LOST, "0 TicketOpened for 1 accepted"),
    "what was answered is not stored": (without(EVENTS[1]), LOST, "was answered, its events are not stored"),
    "a command was carried out twice": (twice, DOUBLED, "3 TicketOpened for 2 asked"),
    "a stream has a gap": (changed("support", events=(opened(1), opened(2), answered(1)._replace(version=3))),
                           WRONG, "versions [1, 3] of 2"),
    "a stream's last event is gone": (changed("support", events=EVENTS[:2]), WRONG, "versions [1] of 2"),
    "a version is there twice": (changed("support", events=(*EVENTS, EVENTS[2])), WRONG, "versions [1, 2, 2] of 2"),
    "an event is not on Kafka": (records(*EVENTS[:2]), LOST, "TicketAnswered is stored, not on Kafka"),
    "an event on Kafka is in no store": (records(*EVENTS, opened(9)), WRONG, "in no store"),
    "an event is another on Kafka": (records(opened(1)._replace(data={"personal": "rubbish"}), *EVENTS[1:]),
                                     WRONG, "is another on Kafka"),
    "Kafka tells it in another order": (records(EVENTS[2], EVENTS[0], EVENTS[1]), WRONG, "version 1 behind 2"),
    "a service has heard nothing": (changed("careers", handled={}), LOST, "no handler has marked anything"),
    "a consumer has missed one": (changed("careers", handled=held("ticket-1")), LOST, "not handled by view:overview:1"),
    "somebody has handled what was never said": (changed("careers", handled={"reaction": frozenset({opened(9).id})}),
                                                 WRONG, "handled by reaction of careers, in no store"),
    "one is parked": (changed("careers", parked=[("view:overview:1", EVENTS[0].id)]), WRONG, "parked by view"),
    "a mail arrived twice": (arrived(2, 1, 1), DOUBLED, "arrived 2 times"),
    "a mail did not arrive": (arrived(0, 1, 1), LOST, "did not arrive"),
    "a mail was never queued": (changed("support", mails=queued()[1:]), LOST, "nobody was told: opened"),
    "a mail nobody queued arrived": (changed("support", mails=queued()[1:]), WRONG, "a mail that no service wrote"),
    "a mail still waits": (changed("support", mails=queued(waiting=True)), WRONG, "still waits"),
    "a mail was given up": (changed("support", mails=queued(given_up=True)), LOST, "was given up"),
    "a number stands for two": (changed("support", events=(opened(1), opened(2)._replace(data=opened(1).data))),
                                DOUBLED, "2 TicketOpened"),
}  # fmt: skip


def test_where_nothing_is_wrong_it_finds_nothing() -> None:
    assert judge(good()) == []


@pytest.mark.parametrize("name", WRONGS)
def test_it_says_what_is_wrong(name: str) -> None:
    change, kind, what = WRONGS[name]
    evidence = good()
    change(evidence)
    assert [finding for finding in judge(evidence) if finding.kind == kind and what in finding.what]


def test_what_nobody_knows_may_have_been_carried_out_once_or_not_at_all() -> None:
    evidence = good()
    evidence.commands = [asked(1), asked(2), asked(3, Outcome.UNKNOWN)]
    assert judge(evidence) == []
    twice(evidence)
    evidence.records = [*evidence.records, record(opened(3))]
    assert {finding.kind for finding in judge(evidence)} == {LOST}, "only the mail and the mark of it are missing"


def test_what_was_refused_is_not_asked_for() -> None:
    evidence = good()
    evidence.commands = [asked(1), asked(2, Outcome.REFUSED)]
    assert Finding(DOUBLED, "2 TicketOpened for 1 asked", ANNA) in judge(evidence)


def test_a_mail_may_come_again_where_its_sender_was_not_told_or_was_killed() -> None:
    evidence = good()
    arrived(2, 1, 1)(evidence)
    evidence.cut = Counter({str(mail(EVENTS[0])): 1})
    assert judge(evidence) == []
    evidence.cut, evidence.again = Counter(), True
    assert judge(evidence) == []


def test_what_was_answered_and_told_before_a_backup_came_back_may_be_gone() -> None:
    book, evidence = Book([asked(1), asked(2), asked(3)]), good()
    for at, command in enumerate(book.commands):
        command.answered = at
    evidence.commands, evidence.arrived = book.commands, evidence.arrived + Counter([str(mail(opened(3)))])
    assert {finding.kind for finding in judge(evidence)} == {LOST, WRONG}
    book.undo([Undone(2, 3)])
    evidence.undone = frozenset({str(mail(opened(3)))})
    assert judge(evidence) == []
    assert [command.outcome for command in book.commands] == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.UNKNOWN]


def test_what_a_fault_wrote_itself_is_no_finding() -> None:
    evidence = good()
    stranger = opened(9)
    evidence.records = [*evidence.records, record(stranger), Record(TOPIC, None, "", 0, "", {})]
    evidence.planted = frozenset({stranger.id})
    assert judge(evidence) == []


@pytest.mark.parametrize("where", ["parked", "handled"])
def test_what_a_stranger_wrote_is_passed_over_by_every_handler(where: str) -> None:
    evidence, stranger = good(), opened(9)
    evidence.records, evidence.planted = [*evidence.records, record(stranger)], frozenset({stranger.id})
    marks = evidence.stores["careers"].handled
    (handler, *_) = marks
    taken = {**marks, handler: marks[handler] | {stranger.id}}
    changed("careers", **{where: [(handler, stranger.id)] if where == "parked" else taken})(evidence)
    assert [(finding.kind, finding.about) for finding in judge(evidence)] == [(WRONG, str(stranger.id))]


def test_a_finding_is_news_once_whatever_its_numbers_are() -> None:
    known: set[tuple[str, str, str]] = set()
    first, other = Finding(LOST, "2 saves for 3 accepted", "draft-1: a b"), Finding(LOST, "not on Kafka", "draft-1 e")
    assert news([first], known) == [first]
    assert news([Finding(LOST, "2 saves for 4 accepted", "draft-1: a b c"), other], known) == [other]


def test_what_a_draft_has_from_another_one_is_not_what_somebody_saved() -> None:
    request, later = uuid5(SPACE, "request"), uuid5(SPACE, "later")
    facts = [("DraftCreated", {"candidate_id": ANNA}, request), ("DraftSaved", {"section": "letter"}, request),
             ("DraftSaved", {"section": "letter"}, later)]  # fmt: skip
    events = [
        Event(uuid5(SPACE, f"draft {n}"), "application-1", n, kind, data, of)
        for n, (kind, data, of) in enumerate(facts, 1)
    ]
    evidence = Evidence([], {"applications": Store(events=events, streams={"application-1": 3})}, [], {})
    fact = Fact("applications", "DraftSaved", "application-1", "letter")
    evidence.commands = [Command("save", "save", ANNA, fact, Outcome.ACCEPTED)]
    assert judge(evidence) == []
    evidence.commands = [Command(name, "save", ANNA, fact, Outcome.ACCEPTED) for name in ("one", "two")]
    assert [finding.kind for finding in judge(evidence)] == [LOST]


def test_a_section_that_was_sent_twice_may_be_saved_twice_and_no_more() -> None:
    events = [
        Event(uuid5(SPACE, f"save {n}"), "application-1", n, "DraftSaved", {"section": "letter"}) for n in (1, 2, 3)
    ]
    evidence = Evidence([], {"applications": Store(events=events, streams={"application-1": 3})}, [], {})
    fact = Fact("applications", "DraftSaved", "application-1", "letter")
    evidence.commands = [Command("one", "save", ANNA, fact, Outcome.ACCEPTED, tries=3)]
    assert judge(evidence) == []
    evidence.commands = [Command("one", "save", ANNA, fact, Outcome.ACCEPTED, tries=2)]
    assert [finding.kind for finding in judge(evidence)] == [DOUBLED]


def test_a_file_that_is_attached_is_kept_and_one_that_was_removed_need_not_be() -> None:
    file = {"attachment_id": str(uuid5(SPACE, "file"))}
    added = Event(uuid5(SPACE, "added"), "application-1", 1, "AttachmentAdded", file)
    removed = Event(uuid5(SPACE, "removed"), "application-1", 2, "AttachmentRemoved", file)
    evidence = Evidence([], {"applications": Store(events=[added], streams={"application-1": 1})}, [], {})
    assert [finding.what for finding in judge(evidence)] == ["an attached file is not kept"]
    evidence.stores = {"applications": Store(events=[added, removed], streams={"application-1": 2})}
    assert judge(evidence) == []


def test_a_place_is_taken_once_and_before_anything_is_submitted() -> None:
    slot = {"candidate_id": ANNA, "vacancy_id": "v", "application_id": "1"}
    taken = [Event(uuid5(SPACE, f"slot {n}"), f"slot-{n}", 1, "SlotReserved", slot) for n in (1, 2)]
    sent = Event(uuid5(SPACE, "sent"), "application-2", 1, "ApplicationSubmitted", {})
    streams = {"slot-1": 1, "slot-2": 1, "application-2": 1}
    store = Store(
        events=[*taken, sent], streams=streams,
        mails=[Queued(uuid5(sent.id, "submitted"), "submitted", waiting=False, given_up=False)],
    )  # fmt: skip
    arrival = Counter([str(uuid5(sent.id, "submitted"))])
    found = {finding.what for finding in judge(Evidence([], {"applications": store}, [], {}, arrival))}
    assert found == {"2 SlotReserved", "submitted without a place"}
