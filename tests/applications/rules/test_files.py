"""Files of a draft: what they may be called, how large and how many they may be, and what goes with them."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import RemoveAttachment
from services.applications.events import AttachmentAdded, AttachmentRemoved
from services.vacancies.events import Question
from shared.model.errors import Invalid, Refused
from shared.model.testing import given
from tests.applications.rules.streams import sentences
from tests.applications.test_draft import added, attach
from tests.applications.values import ANNA, CREATED, LOADED, TARGETED, file, saved


def remove(number: int = 1) -> RemoveAttachment:
    return RemoveAttachment(candidate_id=ANNA, attachment_id=file(number).id)


def removed(number: int = 1) -> AttachmentRemoved:
    return AttachmentRemoved(candidate_id=ANNA, attachment_id=file(number).id)


NEITHER = f"“{file(1).name}” is neither a PDF nor a PNG or JPEG picture. Save or print it as a PDF, and attach that"
TEN = tuple(added(file(number)) for number in range(1, 11))


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"size": 1_000_000},
            "The file has 1000000 bytes. It must have fewer than 1,000,000: scan it at a lower resolution",
        ),
        ({"content_type": None}, NEITHER),
        (
            {"size": 0, "content_type": None},
            NEITHER,
        ),
        (
            {"size": 1_000_001, "content_type": None},
            "The file has 1000001 bytes. It must have fewer than 1,000,000: scan it at a lower resolution",
        ),
        (
            {"name": "A.png"},
            "The extension of “A.png” does not match its content. Rename it so that it ends in .pdf",
        ),
        (
            {"name": "A.pdf", "content_type": "image/jpeg"},
            "The extension of “A.pdf” does not match its content. Rename it so that it ends in .jpg",
        ),
        (
            {"name": "é" * 200},
            (
                f"“{'é' * 80}” cannot be a file's name here. Use up to 64 characters: unaccented letters, "
                "digits, full stops, hyphens and underscores, like Your-Initials_Diploma.pdf"
            ),
        ),
    ],
    ids=["large", "unreadable", "empty", "too large to be read", "PDF as PNG", "JPEG as PDF", "long"],
)
def test_why_a_file_cannot_be_attached_is_said_with_its_values(changes: dict[str, Any], sentence: str) -> None:
    assert sentences(given(APPLICATION, CREATED).when(attach(**changes)).refused(Invalid, "file")) == [sentence]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"size": 1_000_000, "name": "ü.pdf"}, 2),
        ({"content_type": None, "name": "ü.pdf"}, 2),
        ({"size": 1_000_000, "name": "A.png"}, 2),
        ({"size": 999_999, "name": "A.PDF"}, 0),
    ],
    ids=["large and badly named", "unreadable and badly named", "large and wrongly named", "just fits"],
)
def test_everything_that_is_wrong_with_a_file_is_said_at_once(changes: dict[str, Any], count: int) -> None:
    outcome = given(APPLICATION, CREATED).when(attach(**changes))
    assert len(outcome.refusal.problems if outcome.refusal else ()) == count


ENDINGS = {
    "application/pdf": {".pdf", ".PDF"},
    "image/png": {".png", ".Png"},
    "image/jpeg": {".jpg", ".jpeg", ".JPG"},
}


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_files_name_ends_with_what_it_is(kind: str) -> None:
    accepted = {
        ending
        for ending in (".pdf", ".PDF", ".png", ".Png", ".jpg", ".jpeg", ".JPG", ".pdf.exe", "pdf", "")
        if given(APPLICATION, CREATED).when(attach(name=f"A{ending}", content_type=kind)).refusal is None
    }
    assert accepted == ENDINGS[kind]


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("stem", "accepted"),
    [("x" * 60, True), ("x" * 61, False), ("-", True), ("_", True), ("7", True), (".", False), ("a..b", True),
     ("a/b", False), ("a\\b", False), ("a%20b", False), ("٣", False)],
)  # fmt: skip
def test_a_name_has_at_most_64_plain_signs_and_no_full_stop_in_front(stem: str, accepted: bool) -> None:
    outcome = given(APPLICATION, CREATED).when(attach(name=f"{stem}.pdf"))
    assert (outcome.refusal is None) == accepted


def test_the_tenth_file_fits_and_the_eleventh_only_after_one_was_removed() -> None:
    given(APPLICATION, CREATED, *TEN[:9]).when(attach(number=10)).then(TEN[9])
    refusal = given(APPLICATION, CREATED, *TEN).when(attach(number=11)).refused(Invalid, "file")
    assert sentences(refusal) == ["You have attached 10 files, the maximum. Remove one first"]
    given(APPLICATION, CREATED, *TEN, removed(3)).when(attach(number=11)).then(added(file(11)))


def test_a_file_that_is_attached_stays_attached_whatever_is_said_of_it_again() -> None:
    given(APPLICATION, CREATED, *TEN).when(attach(number=4)).then()
    given(APPLICATION, CREATED, *TEN).when(attach(number=4, name="é", size=2_000_000)).then()


def test_a_name_can_be_used_again_once_its_file_is_removed() -> None:
    twin = {"number": 2, "name": "am_diploma_1.pdf"}
    refusal = given(APPLICATION, CREATED, TEN[0]).when(attach(**twin)).refused(Invalid, "file")
    assert sentences(refusal) == ["A file named “am_diploma_1.pdf” is attached already"]
    [again] = given(APPLICATION, CREATED, TEN[0], removed()).when(attach(**twin)).happened(AttachmentAdded)
    assert (again.attachment_id, again.name) == (file(2).id, "am_diploma_1.pdf")


def test_what_is_wrong_with_the_file_is_said_before_how_many_there_are() -> None:
    [sentence] = sentences(given(APPLICATION, CREATED, *TEN).when(attach(number=11, name="ü.pdf")).refused(Invalid))
    assert "cannot be a file's name" in sentence
    [sentence] = sentences(given(APPLICATION, CREATED, *TEN).when(attach(number=11, name=TEN[0].name)).refused(Invalid))
    assert sentence.endswith("is attached already")


def test_the_same_content_may_be_attached_under_two_names() -> None:
    [twin] = given(APPLICATION, CREATED, TEN[0]).when(attach(number=2)).happened(AttachmentAdded)
    assert (twin.sha256, twin.attachment_id) == (TEN[0].sha256, file(2).id)


def asks_for_a_file(name: str) -> Question:
    return Question(id=name, type="file", text={"en": "Attach it"})


@pytest.mark.rule("R18")
def test_a_file_that_is_removed_takes_all_answers_along_that_name_it_and_no_other() -> None:
    questions = (asks_for_a_file("licence"), asks_for_a_file("permit"), Question(id="which", type="text", text={}))
    one, two = str(file(1).id), str(file(2).id)
    past = (CREATED, TARGETED, LOADED.model_copy(update={"questions": questions}), *TEN[:2])
    both = saved("screening", {"licence": one, "permit": one, "which": one})
    given(APPLICATION, *past, both).when(remove()).then(removed(), saved("screening", {"which": one}))
    given(APPLICATION, *past, saved("screening", {"licence": two, "which": one})).when(remove()).then(removed())
    given(APPLICATION, *past).when(remove()).then(removed())


STEPS = some.lists(some.tuples(some.booleans(), some.integers(1, 13), some.integers(1, 12)), max_size=25)


@forall(steps=STEPS)
def test_however_files_come_and_go_there_are_at_most_ten_and_no_name_twice(steps: list[Any]) -> None:
    events: list[Any] = [CREATED]
    expected: dict[int, str] = {}
    for adding, number, called in steps:
        name = f"{'Ab'[called % 2]}{called // 2}.pdf"
        outcome = given(APPLICATION, *events).when(attach(number=number, name=name) if adding else remove(number))
        if isinstance(outcome.refusal, Refused):
            assert name.lower() in {each.lower() for each in expected.values()} or len(expected) == 10
            continue
        events += outcome.events or ()
        if adding:
            expected.setdefault(number, name)
        else:
            expected.pop(number, None)
    names = {file(number).id: name for number, name in expected.items()}
    assert {key: one.name for key, one in APPLICATION.fold(events).attachments.items()} == names
    assert len({name.lower() for name in names.values()}) == len(names) <= 10
