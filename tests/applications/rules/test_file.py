"""The submitted file as it leaves: data of the declared kinds, and nothing that no longer applies (R40)."""

import json
from typing import Any, Final

import jsonschema_rs
import pytest

from services.applications.api.models import SubmittedRead, submitted_read
from services.applications.domain.sheet import printed
from services.applications.events import PUBLISHED, ApplicationSubmitted
from services.applications.events.file import as_file
from services.applications.projections import APPLICATION
from shared.model.schemas import schema_of
from shared.model.testing import history
from shared.runtime.schemas import Version, samples_of
from shared.store.codec import Codec, encode
from tests.applications.degrees import education, proposed
from tests.applications.rules.test_submitting import sent
from tests.applications.test_draft import added
from tests.applications.test_projections import folded
from tests.applications.values import CANDIDATE, DRAFT, SECTIONS, file, saved, submitted
from tests.profile.values import COMPLETE

VALIDATOR: Final = jsonschema_rs.Draft202012Validator(schema_of(ApplicationSubmitted), validate_formats=True)
ANSWER: Final = SubmittedRead.model_json_schema(mode="serialization")
FILE: Final = jsonschema_rs.Draft202012Validator(
    {"$ref": "#/$defs/File", "$defs": ANSWER["$defs"]}, validate_formats=True
)
"""Of the snapshot, which leaves encrypted and is read in the answer to HR."""
FIRST: Final = samples_of("applications")[Version("ApplicationSubmitted", 1)]
JOB: Final = SECTIONS["education"]["jobs"][0]
LETTER: Final = SECTIONS["letter"]


def written(event: ApplicationSubmitted) -> dict[str, Any]:
    """What leaves, once its schema has taken it."""
    data: dict[str, Any] = json.loads(encode(event))
    VALIDATOR.validate(data)
    FILE.validate(data["snapshot"])
    return data


def lifted(data: dict[str, Any]) -> ApplicationSubmitted:
    event = Codec(PUBLISHED.events, PUBLISHED.upcasters).data("ApplicationSubmitted", 1, json.dumps(data))
    assert isinstance(event, ApplicationSubmitted)
    return event


@pytest.mark.rule("R40")
def test_a_file_with_everything_in_it_is_what_its_schema_says() -> None:
    candidate = CANDIDATE.model_copy(update={"profile": COMPLETE})
    event = sent(saved("education", education()), proposed(), added(file()), candidate=candidate)
    profile = written(event)["snapshot"]["profile"]
    assert profile == COMPLETE


def test_numbers_are_numbers_and_dates_are_dates() -> None:
    jobs = [{**JOB, "time": "part", "percentage": "82,5", "staff": " 4 "}]
    event = sent(saved("education", {**SECTIONS["education"], "jobs": jobs}))
    [job] = written(event)["snapshot"]["sections"]["education"]["jobs"]
    assert (job["percentage"], job["staff"], job["started_on"]) == (82.5, 4, "2012-01-01")
    rows = [row for block in printed(event.snapshot, "applied", "fr", str)["blocks"] for card in block["cards"]
            for row in card["rows"]]  # fmt: skip
    assert ("Percentage of full time", "82,5") in rows


def test_an_answer_below_a_no_is_not_in_the_file() -> None:
    event = sent(saved("letter", {**LETTER, "convicted": "no", "conviction": "Something of long ago"}))
    letter = written(event)["snapshot"]["sections"]["letter"]
    assert letter["convicted"] == "no"
    assert "conviction" not in letter


def test_there_is_one_day_of_birth() -> None:
    candidate = CANDIDATE.model_copy(update={"profile": COMPLETE})
    text = encode(sent(candidate=candidate))
    assert text.count('"birth_date"') == 1 + len(COMPLETE["family"]["dependants"])
    assert json.loads(text)["snapshot"]["profile"]["contact"]["birth_date"] == COMPLETE["contact"]["birth_date"]


def test_a_file_from_before_is_read_as_data_too() -> None:
    typed = json.loads(json.dumps(FIRST))
    typed["snapshot"]["sections"]["letter"]["conviction"] = "Something of long ago"
    typed["snapshot"]["sections"]["education"]["jobs"][0]["staff"] = "4"
    snapshot = written(lifted(typed))["snapshot"]
    assert "conviction" not in snapshot["sections"]["letter"]
    assert snapshot["sections"]["education"]["jobs"][0]["staff"] == 4
    assert "birth_date" not in snapshot["candidate"]
    assert snapshot["profile"]["contact"]["birth_date"] == FIRST["snapshot"]["candidate"]["birth_date"]
    assert as_file(snapshot) == snapshot


def test_a_document_on_disk_from_before_is_answered_as_data_and_printed_as_before() -> None:
    document: Any = folded(APPLICATION, history(f"application-{DRAFT}", *submitted()), DRAFT)
    before: Any = {**document, "submitted": {**document["submitted"], "snapshot": FIRST["snapshot"]}}
    answer = submitted_read(before, None)
    assert answer.snapshot == as_file(FIRST["snapshot"])
    assert "birth_date" not in answer.snapshot["candidate"]
    rows = dict(printed(FIRST["snapshot"], "applied", "en", str)["head"])
    assert rows == dict(printed(answer.snapshot, "applied", "en", str)["head"])


def test_an_answer_to_a_question_for_a_number_is_a_number() -> None:
    questions = [{"id": "years", "type": "number"}, {"id": "name", "type": "text"}]
    answers = {"years": " 7 ", "name": "7", "gone": "", "name_explanation": "so"}
    read = as_file({"questions": questions, "sections": {"screening": answers}})
    assert read["sections"]["screening"] == {"years": 7, "name": "7", "name_explanation": "so"}
    assert as_file(read) == read


def test_the_file_is_documented_where_it_is_read() -> None:
    assert "snapshot" not in schema_of(ApplicationSubmitted)["properties"]
    assert ANSWER["properties"]["snapshot"]["$ref"] == "#/$defs/File"
    assert ANSWER["$defs"]["FileEducationJobs"]["properties"]["staff"]["type"] == "number"
    assert ANSWER["$defs"]["FileProfileContact"]["properties"]["birth_date"]["format"] == "date"
