"""What may be saved in a draft, how large it may be, and how two windows on one section are told apart."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import (
    AddAttachment,
    DiscardDraft,
    RemoveAttachment,
    SaveDraft,
    TakeProposedLevel,
    TargetVacancy,
)
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    DraftDiscarded,
    DraftSaved,
    VacancyUntargeted,
)
from services.vacancies.events import Question
from shared.model.errors import Conflict, Invalid, NotFound
from tests.applications.degrees import IN_FORCE, INSA
from tests.applications.plain import given
from tests.applications.rules.streams import sentences
from tests.applications.test_draft import save, typed_values
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    CREATED,
    LOADED,
    SECTIONS,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    file,
    saved,
    submitted,
)

GONE = (CREATED, DraftDiscarded(candidate_id=ANNA))
WISHES = (
    save("letter", {"letter": "I apply"}),
    TargetVacancy(candidate_id=ANNA, vacancy=VACANCY),
    TakeProposedLevel(candidate_id=ANNA, diploma_id=INSA.id, catalogue=IN_FORCE),
    AddAttachment(candidate_id=ANNA, file=file()),
    RemoveAttachment(candidate_id=ANNA, attachment_id=file().id),
)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
@pytest.mark.parametrize("past", [(), GONE], ids=["never created", "discarded"])
def test_in_what_is_not_there_nothing_can_be_changed(past: tuple[Any, ...], wish: Any) -> None:
    refusal = given(APPLICATION, *past).when(wish).refused(NotFound)
    assert sentences(refusal) == ["There is no such application"]


def test_what_was_never_created_cannot_be_discarded() -> None:
    given(APPLICATION).when(DiscardDraft(candidate_id=ANNA)).refused(NotFound)


@pytest.mark.rule("R28")
def test_it_is_said_that_a_submitted_application_can_never_be_changed() -> None:
    refusal = given(APPLICATION, *submitted()).when(save("letter", SECTIONS["letter"])).refused(Conflict)
    assert sentences(refusal) == [
        "This application is no longer a draft. Nothing in it can be changed, without exception"
    ]


def test_emptying_a_section_is_a_save_the_first_time() -> None:
    given(APPLICATION, CREATED).when(save("letter", {})).then(saved("letter", {}))
    given(APPLICATION, CREATED, saved("letter", {})).when(save("letter", {})).then()
    given(APPLICATION, CREATED, saved("letter")).when(save("letter", {}, seen=1)).then(saved("letter", {}))


def test_the_saves_of_one_section_are_no_conflict_for_another() -> None:
    past = (CREATED, saved("skills"), saved("skills", {}), saved("letter"))
    given(APPLICATION, *past).when(save("letter", {}, seen=1)).happened(DraftSaved)
    given(APPLICATION, *past).when(save("references", {}, seen=0)).happened(DraftSaved)
    refusal = given(APPLICATION, *past).when(save("skills", SECTIONS["skills"], seen=1)).refused(Conflict, "skills")
    assert sentences(refusal) == ["This section was saved elsewhere in the meantime. Choose which version to keep"]


def test_who_does_not_say_what_was_seen_saves_over_any_version() -> None:
    past = (CREATED, saved("letter"), saved("letter", {}))
    given(APPLICATION, *past).when(save("letter", {"letter": "mine"})).happened(DraftSaved)
    given(APPLICATION, *past).when(save("letter", {"letter": "mine"}, seen=3)).happened(DraftSaved)


@pytest.mark.rule("R34")
def test_looking_again_at_a_copied_section_is_a_save_although_nothing_changed() -> None:
    copied = (CREATED, saved("letter", carried_over=True))
    given(APPLICATION, *copied).when(save("letter", SECTIONS["letter"], seen=0)).then(saved("letter"))
    given(APPLICATION, *copied, saved("letter")).when(save("letter", SECTIONS["letter"], seen=0)).then()
    given(APPLICATION, *copied).when(save("letter", {"letter": "new"}, seen=0)).refused(Conflict, "letter")
    state = APPLICATION.fold([*copied, saved("skills")])
    assert state.carried_over == {"letter"}


ROOM = 400_000 - len('{"letter": ""}')


@pytest.mark.parametrize("sign", ["x", "é", "职", "\ud800", '"'], ids=["one", "two", "three", "surrogate", "escaped"])
def test_a_section_holds_400_000_bytes_and_not_one_more(sign: str) -> None:
    width = 2 if sign == '"' else len(sign.encode(errors="surrogatepass"))
    fits = sign * (ROOM // width) + "x" * (ROOM % width)
    given(APPLICATION, CREATED).when(save("letter", {"letter": fits})).happened(DraftSaved)
    refusal = given(APPLICATION, CREATED).when(save("letter", {"letter": fits + "x"})).refused(Invalid)
    assert sentences(refusal) == ["This section holds more text than can be kept. Shorten it"]


@pytest.mark.parametrize(
    ("section", "group", "most"),
    [("education", "diplomas", 50), ("references", "referees", 3), ("skills", "languages", 50)],
)
def test_sixty_entries_are_kept_and_more_are_refused_with_what_may_be_submitted(
    section: str, group: str, most: int
) -> None:
    given(APPLICATION, CREATED).when(save(section, {group: [{}] * 60})).happened(DraftSaved)
    refusal = given(APPLICATION, CREATED).when(save(section, {group: [{}] * 61})).refused(Invalid, group)
    assert [problem.params["maximum"] for problem in refusal.problems] == [most]


@pytest.mark.parametrize(
    ("section", "values", "sentence"),
    [
        ("letter", {"salary": "1"}, "There is no field “salary” in this section"),
        ("letter", {"letter": 1}, "Cover letter must be text"),
        ("letter", {"letter": None}, "Cover letter must be text"),
        ("letter", {"truthful": True}, "I certify that what I state is true and complete must be text"),
        ("preferences", {"families": [1]}, "Preferred job families must be a list of texts"),
        ("preferences", {"families": None}, "Preferred job families must be a list of texts"),
        ("education", {"jobs": ["Economist"]}, "Work experience must be a list of entries"),
        ("education", {"jobs": {"0": {}}}, "Work experience must be a list of entries"),
        ("education", {"jobs": [{}, {"city": []}]}, "City must be text"),
    ],
    ids=str,
)
def test_what_no_form_could_have_sent_is_named(section: str, values: dict[str, Any], sentence: str) -> None:
    assert sentences(given(APPLICATION, CREATED).when(save(section, values)).refused(Invalid)) == [sentence]


def test_every_misshapen_field_is_named_by_its_place() -> None:
    values = {"jobs": [{"city": 1}, {}, {"pay": "1", "title": []}], "diplomas": "none", "certificates": []}
    outcome = given(APPLICATION, CREATED).when(save("education", values))
    outcome.refused(Invalid, "jobs.0.city", "jobs.2.pay", "jobs.2.title", "diplomas")


def test_an_endless_name_of_a_field_is_cut() -> None:
    refusal = given(APPLICATION, CREATED).when(save("letter", {"x" * 101: "1"})).refused(Invalid, "x" * 100)
    assert sentences(refusal) == [f"There is no field “{'x' * 100}” in this section"]


def test_a_section_that_no_form_has_is_not_there() -> None:
    refusal = given(APPLICATION, CREATED).when(save("hobbies", {})).refused(NotFound)
    assert sentences(refusal) == ["There is no such section"]


@pytest.mark.rule("R18")
def test_answers_fit_the_questions_of_the_vacancy_that_is_chosen_now() -> None:
    aimed = (CREATED, TARGETED, LOADED)
    given(APPLICATION, *aimed).when(save("screening", ANSWERS)).then(ANSWERED)
    given(APPLICATION, *aimed).when(save("screening", {"experience": ["yes"]})).refused(Invalid, "experience")
    lost = (*aimed, VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID))
    given(APPLICATION, *lost).when(save("screening", ANSWERS)).refused(Invalid, "experience", "degree")
    given(APPLICATION, *lost).when(save("screening", {})).then(saved("screening", {}))


@pytest.mark.rule("R18")
def test_a_question_with_several_answers_takes_a_list() -> None:
    question = Question(id="places", type="multiple", text={"en": "Where?"})
    asked = LOADED.model_copy(update={"questions": (question,)})
    given(APPLICATION, CREATED, TARGETED, asked).when(save("screening", {"places": "NYC"})).refused(Invalid, "places")
    given(APPLICATION, CREATED, TARGETED, asked).when(save("screening", {"places": ["?"]})).happened(DraftSaved)


def saves(names: list[str]) -> some.SearchStrategy[list[SaveDraft]]:
    one = some.sampled_from(names).flatmap(lambda name: typed_values(name).map(lambda values: save(name, values)))
    return some.lists(one, max_size=6)


@pytest.mark.rule("R20")
@forall(wishes=saves(["preferences", "letter", "references"]))
def test_after_any_saves_each_section_holds_the_last_and_saving_it_again_does_nothing(wishes: list[SaveDraft]) -> None:
    events: list[Any] = [CREATED]
    for wish in wishes:
        events += given(APPLICATION, *events).when(wish).accepted()
    state = APPLICATION.fold(events)
    assert state.sections == {wish.section: wish.values for wish in wishes}
    assert sum(state.saves.values()) == state.revision - 1 == len(events) - 1
    for name, values in state.sections.items():
        given(APPLICATION, *events).when(save(name, dict(values), seen=0)).then()


def test_what_happens_after_submission_is_no_further_revision() -> None:
    past = submitted()
    later = (*past, ApplicationMovedUnderConsideration(candidate_id=ANNA))
    assert APPLICATION.fold(later).revision == APPLICATION.fold(past).revision == len(past)
