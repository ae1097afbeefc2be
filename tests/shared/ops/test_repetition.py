"""What libraries repeat is logged once, then once a minute with a count; what we say ourselves always."""

import logging

import pytest

from shared.ops.repetition import EVERY, MOST, Repetitions
from tests.shared.clock import Clock
from tests.shared.logged import logged


def record(text: object, *args: object, name: str = "aiokafka.conn", level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord(name, level, "conn.py", 1, text, args, None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repetitions(clock: Clock) -> Repetitions:
    return Repetitions(clock)


def test_the_first_line_passes_and_its_repetitions_do_not(repetitions: Repetitions) -> None:
    assert [repetitions.filter(record("no broker at %s", port)) for port in range(100)] == [True, *[False] * 99]


def test_after_a_minute_one_line_says_how_often_it_was_said(repetitions: Repetitions, clock: Clock) -> None:
    for _ in range(8):
        repetitions.filter(record("no broker at %s", 9092))
    clock.now += EVERY
    again = record("no broker at %s", 9093)
    assert repetitions.filter(again)
    assert again.getMessage() == "no broker at 9093 (said 7 times more since)"


def test_numbers_do_not_make_another_sentence(repetitions: Repetitions) -> None:
    said = [f"heartbeat {number} failed at 0x{number:x}" for number in range(5)]
    assert [repetitions.filter(record(text)) for text in said] == [True, *[False] * 4]


def test_another_sentence_logger_level_or_failure_is_another_line(repetitions: Repetitions) -> None:
    failed = record("away")
    failed.exc_info = (ValueError, ValueError(), None)
    others = [record("away"), record("gone"), record("away", name="faststream"), record("away", level=30), failed]
    assert all(repetitions.filter(each) for each in others)


def test_what_we_say_ourselves_always_passes(repetitions: Repetitions) -> None:
    ours = record({"event": "relay waits"}, name="shared.kafka.relay")
    assert [repetitions.filter(ours) for _ in range(3)] == [True] * 3


def test_not_more_sentences_are_remembered_than_fit(repetitions: Repetitions) -> None:
    for number in range(3 * MOST):
        repetitions.filter(record("away", name=f"library {number}"))
    assert len(repetitions._said) <= MOST


def test_libraries_that_lost_their_broker_write_less_than_sixty_lines_a_minute(
    repetitions: Repetitions, clock: Clock
) -> None:
    """Ten sentences of theirs, ten times a second, for ten minutes."""
    passed = 0
    for _ in range(10 * 60 * 10):
        passed += sum(repetitions.filter(record(f"{word}: %s", clock.now)) for word in "abcdefghij")
        clock.now += 0.1
    assert passed <= 10 * 11


def test_the_log_is_made_with_it() -> None:
    with logged("INFO") as lines:
        for number in range(50):
            logging.getLogger("aiokafka.consumer.group_coordinator").error("Error sending request: %s", number)
    assert len(lines.getvalue().splitlines()) == 1
