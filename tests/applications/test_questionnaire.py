"""What a candidate is told of a screening question, and files that answer one (R18)."""

from typing import Any

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import RemoveAttachment
from services.applications.domain.questionnaire import ELIMINATORY, fields_of
from services.applications.domain.sheet import blocks_of
from services.applications.domain.submission import content_of
from services.applications.events import AttachmentRemoved, DraftSaved, ScreeningQuestionsLoaded
from services.vacancies.events import Choice, Question
from shared.model.testing import given
from shared.web.environment import Web
from tests.applications.doors import applicant, draft, publish
from tests.applications.test_draft import added
from tests.applications.values import ANNA, CANDIDATE, CREATED, READY, TARGETED, VACANCY, VACANCY_ID, file, saved
from tests.platform import Kit


def asked(kind: Any, **more: Any) -> Question:
    return Question(**{"id": "q", "type": kind, "text": {"en": "Title"}, **more})


def loaded(*questions: Question) -> ScreeningQuestionsLoaded:
    return ScreeningQuestionsLoaded(candidate_id=ANNA, vacancy_id=VACANCY_ID, vacancy_version=1, questions=questions)


@pytest.mark.rule("R18")
@pytest.mark.parametrize("kind", ["yes_no", "number", "date", "text", "criterion", "file"])
def test_a_question_that_alone_can_exclude_says_so(kind: str) -> None:
    files = {"f1": "AM_Licence.pdf"}
    said, unsaid = (fields_of([asked(kind, eliminatory=flag)], "en", files)[0].hint for flag in (True, False))
    assert "eliminatory" in said
    assert "eliminatory" not in unsaid


def test_a_question_for_a_file_says_first_to_attach_it() -> None:
    question = asked("file")
    assert "first" in fields_of([question], "en")[0].hint
    assert "first" not in fields_of([question], "en", {"f1": "AM_Licence.pdf"})[0].hint


@pytest.mark.rule("R18")
def test_what_hr_asks_is_never_taken_for_a_label_of_ours() -> None:
    choice = asked("single", options=(Choice(value="a", text={"en": "Other"}),))
    french = Web.of("applications").texts("fr")
    assert (french("Title"), french("Other")) == ("Civilité", "Autre")
    state = APPLICATION.fold([*READY, loaded(choice), saved("screening", {"q": "a"})])
    blocks = {block["name"]: block for block in blocks_of(content_of(state, VACANCY, CANDIDATE), "fr", french)}
    assert blocks["screening"]["rows"] == [("Title", "Other")]


@pytest.mark.rule("R18")
def test_a_file_that_is_removed_answers_nothing_any_more() -> None:
    answers = {"q": str(file().id), "other": "yes"}
    asking = (CREATED, TARGETED, loaded(asked("file"), asked("yes_no", id="other")), added(file()))
    remove = RemoveAttachment(candidate_id=ANNA, attachment_id=file().id)
    gone = AttachmentRemoved(candidate_id=ANNA, attachment_id=file().id)
    emptied = DraftSaved(candidate_id=ANNA, section="screening", values={"other": "yes"})
    given(APPLICATION, *asking, saved("screening", answers)).when(remove).then(gone, emptied)
    given(APPLICATION, *asking, saved("screening", {"other": "yes"})).when(remove).then(gone)


async def test_the_page_marks_the_eliminatory_question(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna, await publish(platform))
    page = (await anna.get(f"/applications/{application}/screening")).text
    assert page.count(ELIMINATORY) == 1
