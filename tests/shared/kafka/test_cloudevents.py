"""The envelope: what is read of records from before it said more."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from shared.kafka.cloudevents import from_record, headers_of
from shared.model.message import START
from shared.store.codec import Raw

NOW = datetime(2026, 11, 23, tzinfo=UTC)

EVENT = Raw(UUID(int=1), "counter-1", 12, "Raised", 2, b"{}", UUID(int=2), None, "machine:hr", "", NOW, START, "things")


@pytest.mark.parametrize("sequence", ["12", "00000000000000000012"])
def test_a_sequence_is_read_with_and_without_padding(sequence: str) -> None:
    headers = {**dict(headers_of(EVENT, "things", "store", "https://careers.test")), "ce_sequence": sequence.encode()}
    assert from_record(SimpleNamespace(headers=list(headers.items()), value=b"{}")) == EVENT


def test_the_order_of_sequences_is_the_same_as_texts_and_as_numbers() -> None:
    said = [dict(headers_of(EVENT._replace(version=n), "things", "", ""))["ce_sequence"] for n in (9, 10, 2**63 - 1)]
    assert said == sorted(said)
    assert {len(each) for each in said} == {20}


def test_a_record_names_the_schema_of_the_version_that_it_holds() -> None:
    headers = dict(headers_of(EVENT, "things", "store", "https://careers.test"))
    assert headers["ce_dataschema"] == b"https://careers.test/things/schemas/Raised/2.json"
