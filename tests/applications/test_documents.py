"""The file in words and as PDF, and what an uploaded file really is."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some
from pypdf import PdfReader, PdfWriter

from services.applications.domain.application import APPLICATION
from services.applications.domain.questionnaire import fields_of
from services.applications.domain.sheet import blocks_of, printed
from services.applications.domain.submission import content_of
from services.applications.use_cases.applications import TEMPLATE
from services.profile.events.fields import PROFILE_FIELDS
from services.vacancies.events import Choice, Question
from shared.files.kinds import look
from shared.files.pdf import typeset
from shared.vocabulary.fields import AnyField, Entries, Field, check, names
from shared.vocabulary.reference import ORGANISATIONS
from shared.web.environment import Web
from tests.applications.test_draft import added, typed_values
from tests.applications.values import CANDIDATE, READY, SECTIONS, VACANCY, file, pdf, picture, saved, submitted
from tests.shared.vocabulary.test_printing import is_accessible

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def draft() -> dict[str, Any]:
    return content_of(APPLICATION.fold([*READY, added(file())]), VACANCY, CANDIDATE)


def frozen() -> dict[str, Any]:
    snapshot: dict[str, Any] = submitted()[-1].snapshot  # type: ignore[union-attr]
    return snapshot


def test_the_file_carries_the_name_that_the_profile_gives() -> None:
    married = {"contact": {"given_names": "Anna", "family_name": "Diop"}}
    state = APPLICATION.fold(READY)
    for profile, name in (
        (married, "Anna Diop"),
        ({"contact": {"family_name": " "}}, "Anna Müller"),
        ({}, "Anna Müller"),
    ):
        content = content_of(state, VACANCY, CANDIDATE.model_copy(update={"profile": profile}))
        assert printed(content, "draft", "en", str)["name"] == name


@pytest.mark.rule("R37")
def test_the_review_shows_the_whole_file() -> None:
    blocks = blocks_of(draft(), "en", str)
    assert [block["name"] for block in blocks] == [
        "education",
        "skills",
        "screening",
        "letter",
        "preferences",
        "references",
        "attachments",
        "profile/contact",
        "profile/nationality",
        "profile/un_employment",
        "profile/family",
    ]
    by_name = {block["name"]: block for block in blocks}
    assert by_name["screening"]["rows"] == [("Five years?", "Yes"), ("Your degree?", "Master's")]
    assert ("Country of birth", "France") in by_name["profile/contact"]["rows"]
    assert [card["title"] for card in by_name["references"]["cards"]] == [
        "Reference 1",
        "Reference 2",
        "Reference 3",
    ]
    assert ("Duties", "Analysed trade.") in by_name["education"]["cards"][1]["rows"]
    assert by_name["attachments"]["rows"] == [("File 1", "AM_Diploma_1.pdf")]


@pytest.mark.rule("R37")
def test_what_holds_nothing_says_so() -> None:
    blocks = {
        block["name"]: block for block in blocks_of(content_of(APPLICATION.fold(READY), VACANCY, None), "en", str)
    }
    assert (blocks["attachments"]["rows"], blocks["attachments"]["empty"]) == ([], "No file attached")
    assert (blocks["profile/family"]["rows"], blocks["profile/family"]["empty"]) == ([], "Nothing entered")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "26 November 2026, 15:20 UTC"), ("fr", "26 novembre 2026 à 15:20 UTC")]
)
def test_the_time_of_submission_is_written_in_words(language: str, words: str) -> None:
    snapshot = {**frozen(), "submitted_at": "2026-11-26T16:20:31+01:00"}
    head = printed(snapshot, "applied", language, Web.of("applications").texts(language))["head"]
    assert head[-1][1] == words


def test_the_organisations_of_the_profile_are_shown_by_their_names() -> None:
    values = {"ever_employed": "yes", "organisation": "UNHCR"}
    who = CANDIDATE.model_copy(update={"profile": {"un_employment": values}})
    blocks = {block["name"]: block for block in blocks_of(content_of(APPLICATION.fold(READY), VACANCY, who), "fr", str)}
    assert ("Organisation", ORGANISATIONS.label("UNHCR", "fr")) in blocks["profile/un_employment"]["rows"]


@forall(data=some.data())
def test_whatever_was_typed_can_be_reviewed(data: some.DataObject) -> None:
    typed = {name: data.draw(typed_values(name)) for name in SECTIONS}
    state = APPLICATION.fold([*READY, *(saved(name, values) for name, values in typed.items())])
    sheet = printed(content_of(state, VACANCY, CANDIDATE), "draft", "fr", str)
    assert len(sheet["blocks"]) == 11
    assert all(isinstance(text, str) for block in sheet["blocks"] for row in block["rows"] for text in row)


def _shape(fields: tuple[AnyField, ...]) -> dict[str, frozenset[str]]:
    return {field.name: names(field.fields) if isinstance(field, Entries) else frozenset() for field in fields}


def test_the_profiles_fields_read_as_statements_in_both_languages() -> None:
    """No question of a form stands in the file, and nothing of the profile in another language than the file's."""
    french = Web.of("applications").texts("fr")
    fields = [field for _, _, fields in PROFILE_FIELDS for field in fields]
    inner = [field for group in fields if isinstance(group, Entries) for field in group.fields]
    plain = [field for field in (*fields, *inner) if isinstance(field, Field)]
    assert not [field.name for field in plain if "?" in field.label_read]
    options = [option.label for field in plain if isinstance(field.options, tuple) for option in field.options]
    words = {*(field.label_read for field in plain), *options, *(title for _, title, _ in PROFILE_FIELDS)}
    assert {text for text in words if french(text) == text} == {"Dr", "Organisation"}


async def test_a_submitted_file_gives_the_same_bytes_each_time() -> None:
    sheet = printed(frozen(), "applied", "fr", str)
    assert await typeset(TEMPLATE, sheet, NOW) == await typeset(TEMPLATE, sheet, NOW)


@pytest.mark.rule("R27")
async def test_the_pdf_is_tagged_titled_and_holds_the_text_in_the_candidates_language() -> None:
    content = await typeset(TEMPLATE, printed(frozen(), "applied", "fr", str), NOW)
    reader = PdfReader(io.BytesIO(content))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "fr"
    assert catalog["/MarkInfo"]["/Marked"]
    assert is_accessible(content)
    text = "".join(page.extract_text() for page in reader.pages)
    assert "Anna Müller" in text
    assert frozen()["reference"] in text
    assert "Diplôme d’ingénieur" in text
    assert "1er février 2027" in text
    assert "Draft" not in text


@pytest.mark.rule("R27")
async def test_a_drafts_pdf_is_marked_as_a_draft_on_every_page() -> None:
    content = await typeset(TEMPLATE, printed(draft(), "draft", "en", str), NOW)
    pages = PdfReader(io.BytesIO(content)).pages
    assert all("Draft – not submitted" in page.extract_text() for page in pages)


async def test_what_is_typed_is_never_read_as_markup() -> None:
    sheet = draft()
    sheet["sections"]["letter"] = {"letter": '#panic("x") *bold* $x$ <label> \\ #read("/etc/hostname")'}
    content = await typeset(TEMPLATE, printed(sheet, "draft", "en", str), NOW)
    assert '#panic("x") *bold*' in "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.rule("R61")
def test_a_file_is_known_by_its_content() -> None:
    assert look(pdf()).kind == "application/pdf"
    assert look(picture("PNG")).kind == "image/png"
    assert look(picture("JPEG")).kind == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4\n#!/bin/sh\nrm -rf /\n",
        b"\x89PNG\r\n\x1a\nnothing",
        picture("PNG")[:40],
        picture("GIF"),
        b"<html></html>",
        b"\xff\xd8\xff\xe0 not a picture",
    ],
    ids=["empty", "script behind a PDF header", "PNG header only", "cut PNG", "GIF", "HTML", "JPEG header only"],
)
def test_a_header_alone_does_not_make_a_file(content: bytes) -> None:
    assert look(content).kind is None


def locked(password: str) -> bytes:
    """A PDF that only its owner may change, and that opens with this password."""
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    writer.write(written)
    return written.getvalue()


def test_a_pdf_that_recruiters_cannot_open_is_not_taken() -> None:
    assert look(locked("")).kind == "application/pdf"
    assert look(locked("secret")).kind is None


def _question(kind: Any, **more: Any) -> Question:
    return Question(id="q", type=kind, text={"en": "Ask?", "fr": "Demander ?"}, **more)


OPTIONS = (Choice(value="a", text={"en": "A"}), Choice(value="b", text={"en": "B"}))


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (_question("yes_no"), "yes", "perhaps"),
        (_question("single", options=OPTIONS), "a", "c"),
        (_question("multiple", options=OPTIONS), ["a", "b"], ["a", "c"]),
        (_question("number"), "7", "seven"),
        (_question("date"), "2026-01-02", "2 1"),
        (_question("text"), "Short", "x" * 801),
        (_question("criterion"), "meets", "somehow"),
        (_question("file"), "f1", "f2"),
    ],
    ids=lambda value: value.type if isinstance(value, Question) else "",
)
def test_every_type_of_question_is_asked_and_checked(question: Question, right: Any, wrong: Any) -> None:
    fields = fields_of([question], "fr", {"f1": "AM_Diploma.pdf"})
    assert fields[0].label == "Demander ?"
    assert check(fields, {"q": right}) == []
    assert [problem.field for problem in check(fields, {"q": wrong})] == ["q"]
    assert [problem.field for problem in check(fields, {})] == ["q"]
    optional = fields_of([question.model_copy(update={"required": False})], "en", {})
    assert check(optional, {}) == []


@pytest.mark.rule("R18")
def test_a_criterion_takes_at_most_800_characters_of_explanation() -> None:
    fields = fields_of([_question("criterion")], "en")
    assert check(fields, {"q": "meets", "q_explanation": "x" * 800}) == []
    assert [problem.field for problem in check(fields, {"q": "meets", "q_explanation": "x" * 801})] == ["q_explanation"]
