"""Kafka has lost only what a broker positively says is gone, made anew or shorter; all else is unknown."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from shared.kafka.losses import CONFIRMED, Gone, Known, Look, Lost, Said, Unknown, Unsure, Whole, verdict

OLD, NEW = UUID(int=1), UUID(int=2)
ACKNOWLEDGED = {"things/0": 41, "things/1": 7}


def looked(*said: Said) -> list[Look]:
    """One look after another at the one topic."""
    return [{"things": each} for each in said]


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ("everything is there", Known(OLD, {0: 42, 1: 8})),
        ("others wrote too", Known(OLD, {0: 50, 1: 8})),
        ("only the metadata were asked for", Known(OLD, {})),
        ("a partition that has nothing is new", Known(OLD, {0: 42, 1: 8, 2: 0})),
    ],
)
def test_a_kafka_that_has_it_is_whole(given: str, when: Said) -> None:
    assert verdict(looked(when), ACKNOWLEDGED, {"things": OLD}) == Whole(), given


def test_a_topic_that_ends_before_what_was_acknowledged_has_lost_something() -> None:
    found = verdict(looked(Known(OLD, {0: 42, 1: 7})), ACKNOWLEDGED, {"things": OLD})
    assert found == Lost("things/1 had reached 7 and ends before 7 now")


def test_a_topic_with_another_id_was_made_anew_however_long_it_is() -> None:
    found = verdict(looked(Known(NEW, {0: 1000, 1: 1000})), ACKNOWLEDGED, {"things": OLD})
    assert found == Lost("things was made anew")


@pytest.mark.parametrize("ids", [{}, {"things": NEW}])
def test_of_a_topic_made_anew_nothing_is_lost_if_its_id_is_known_or_was_never_heard(ids: Mapping[str, UUID]) -> None:
    assert verdict(looked(Known(NEW, {})), ACKNOWLEDGED, ids) == Whole()


def test_of_a_topic_made_anew_nothing_is_lost_if_nothing_was_acknowledged_there() -> None:
    assert verdict(looked(Known(NEW, {0: 0})), {"others/0": 5}, {"things": OLD}) == Whole()


@pytest.mark.parametrize("times", range(1, CONFIRMED))
def test_that_a_topic_is_gone_is_not_believed_before_it_is_confirmed(times: int) -> None:
    assert isinstance(verdict(looked(*[Gone()] * times), ACKNOWLEDGED, {}), Unsure)


def test_a_topic_that_is_gone_look_after_look_is_lost() -> None:
    assert verdict(looked(*[Gone()] * CONFIRMED), ACKNOWLEDGED, {}) == Lost("things is gone")


@pytest.mark.parametrize("between", [Unknown("nobody answers"), Known(OLD, {})])
def test_only_looks_in_a_row_confirm_that_a_topic_is_gone(between: Said) -> None:
    assert isinstance(verdict(looked(Gone(), Gone(), between, Gone()), ACKNOWLEDGED, {}), Unsure)


def test_a_topic_that_is_gone_had_nothing_to_lose_if_nothing_was_acknowledged_there() -> None:
    assert isinstance(verdict(looked(*[Gone()] * CONFIRMED), {"others/0": 1}, {}), Unsure)


@pytest.mark.parametrize("times", [1, CONFIRMED, 10 * CONFIRMED])
def test_what_is_unknown_is_never_lost_however_often_it_was_asked(times: int) -> None:
    found = verdict(looked(*[Unknown("the broker is fenced")] * times), ACKNOWLEDGED, {"things": OLD})
    assert found == Unsure("things: the broker is fenced")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((Known(OLD, {0: 42}), Unknown("")), Unsure),
        ((Unknown(""), Known(OLD, {0: 3})), Lost),
        ((Known(OLD, {0: 42}), Known(OLD, {})), Whole),
    ],
)
def test_of_several_topics_the_worst_counts(said: Sequence[Said], kind: type) -> None:
    look = dict(zip(("others", "things"), said, strict=True))
    assert isinstance(verdict([look], {"things/0": 41, "others/0": 41}, {}), kind)


def test_a_topic_whose_name_holds_a_slash_s_neighbour_is_not_confused() -> None:
    assert verdict(looked(Known(OLD, {0: 1})), {"other-things/0": 41}, {}) == Whole()
