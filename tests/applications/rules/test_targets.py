"""What a draft is meant for: when a job opening can be chosen, and what its amendment or cancellation leaves."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import FollowVacancy, TargetVacancy
from services.applications.domain.inputs import Titled, VacancyFacts
from services.applications.events import (
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftDiscarded,
    ScreeningQuestionsLoaded,
    Status,
    VacancyTargeted,
    VacancyUntargeted,
)
from services.vacancies.events import Choice, Question
from shared.model.errors import Conflict
from shared.model.testing import NOON
from tests.applications.plain import given
from tests.applications.rules.streams import sentences
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    CREATED,
    DEGREE,
    LOADED,
    OTHER_VACANCY,
    READY,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    YES_NO,
    saved,
    submitted,
)

INSTANT = timedelta(microseconds=1)
AIMED = (CREATED, TARGETED, LOADED)
LOST = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
SUBMITTED = submitted()


def vacancy(**changes: Any) -> VacancyFacts:
    changed: VacancyFacts = VACANCY.model_copy(update=changes)
    return changed


def target(facts: VacancyFacts = VACANCY, **more: Any) -> TargetVacancy:
    return TargetVacancy(candidate_id=ANNA, vacancy=facts, **more)


def targeted(facts: VacancyFacts) -> tuple[VacancyTargeted, ScreeningQuestionsLoaded]:
    """What aiming at this vacancy leads to."""
    aimed = TARGETED.model_copy(update={"vacancy_id": facts.id, "vacancy_version": facts.version})
    asked = {"vacancy_id": facts.id, "vacancy_version": facts.version, "questions": facts.questions}
    return aimed, LOADED.model_copy(update=asked)


@pytest.mark.rule("R31")
@pytest.mark.rule("R45")
@pytest.mark.parametrize("at", [VACANCY.opens_at, VACANCY.closes_at], ids=["first moment", "last second"])
def test_a_vacancy_takes_applications_from_its_first_moment_to_its_last(at: Any) -> None:
    given(APPLICATION, CREATED).when(target(at=at)).then(*targeted(VACANCY))


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    ("changes", "at", "sentence"),
    [
        ({}, VACANCY.opens_at - INSTANT, "This job opening is not open yet"),
        ({}, VACANCY.closes_at + INSTANT, "The deadline of this job opening has passed"),
        ({"state": "closed"}, NOON, "The deadline of this job opening has passed"),
        ({"state": "closed"}, VACANCY.opens_at - INSTANT, "This job opening is not open yet"),
        ({"state": "cancelled"}, VACANCY.closes_at + INSTANT, "This job opening was cancelled"),
        (
            {"source": "galaxy", "state": "cancelled"},
            NOON,
            "This job opening was published in Galaxy. You cannot apply for it here",
        ),
    ],
)
def test_why_a_vacancy_takes_no_applications_is_said(changes: dict[str, Any], at: Any, sentence: str) -> None:
    outcome = given(APPLICATION, CREATED).when(target(vacancy(**changes), at=at))
    assert sentences(outcome.refused(Conflict, "vacancy")) == [sentence]


@pytest.mark.rule("R45")
def test_an_extended_deadline_counts() -> None:
    late = VACANCY.closes_at + timedelta(days=1)
    given(APPLICATION, CREATED).when(target(at=late)).refused(Conflict, "vacancy")
    given(APPLICATION, CREATED).when(target(vacancy(closes_at=late), at=late)).then(*targeted(VACANCY))


@pytest.mark.rule("R42")
@pytest.mark.rule("R44")
def test_that_one_has_applied_before_is_said_first() -> None:
    [sentence] = sentences(
        given(APPLICATION, *AIMED).when(target(vacancy(state="closed"), slot_taken=True)).refused(Conflict, "vacancy")
    )
    assert sentence.startswith("You have already submitted an application for this job opening")


def test_choosing_the_same_vacancy_once_it_is_closed_is_refused_although_it_is_chosen() -> None:
    given(APPLICATION, *AIMED).when(target(vacancy(state="closed"))).refused(Conflict, "vacancy")


@pytest.mark.parametrize("command", [target, lambda facts: FollowVacancy(vacancy=facts)], ids=["chosen", "followed"])
def test_an_older_version_of_a_vacancy_never_replaces_a_newer_one(command: Any) -> None:
    second = vacancy(version=2)
    aimed = (CREATED, *targeted(second))
    given(APPLICATION, *aimed).when(command(VACANCY)).then()
    given(APPLICATION, *aimed).when(command(second)).then()
    given(APPLICATION, *aimed).when(command(vacancy(version=3))).then(*targeted(vacancy(version=3)))


@pytest.mark.rule("R18")
def test_an_amendment_is_followed_after_the_deadline_too() -> None:
    amended = vacancy(version=2, state="closed")
    given(APPLICATION, *AIMED, ANSWERED).when(FollowVacancy(vacancy=amended)).then(*targeted(amended))


EXPLAINED = Question(id="driving", type="criterion", text={"en": "You drive"})
ASKED = (YES_NO, DEGREE, EXPLAINED)
FULL = {**ANSWERS, "driving": "meets", "driving_explanation": "Since 2010"}


def without(*names: str) -> dict[str, str]:
    return {name: answer for name, answer in FULL.items() if name not in names}


def in_two_languages(question: Question) -> Question:
    options = tuple(
        option.model_copy(update={"text": {"fr": f"« {option.value} »", **option.text}}) for option in question.options
    )
    return question.model_copy(update={"text": {"fr": "En français ?", **question.text}, "options": options})


MORE_CHOICE = DEGREE.model_copy(update={"options": (*DEGREE.options, Choice(value="phd", text={"en": "PhD"}))})


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("questions", "kept"),
    [
        ((EXPLAINED, DEGREE, YES_NO), FULL),
        ((*ASKED, Question(id="more", type="text", text={"en": "More?"})), FULL),
        ((YES_NO, DEGREE), without("driving", "driving_explanation")),
        ((YES_NO, DEGREE.model_copy(update={"required": False}), EXPLAINED), without("degree")),
        ((YES_NO.model_copy(update={"eliminatory": False}), DEGREE, EXPLAINED), without("experience")),
        ((YES_NO, MORE_CHOICE, EXPLAINED), without("degree")),
        ((YES_NO.model_copy(update={"type": "text"}), DEGREE, EXPLAINED), without("experience")),
        (tuple(map(in_two_languages, ASKED)), FULL),
        ((YES_NO.model_copy(update={"text": {"en": "Ten years?"}}), DEGREE, EXPLAINED), without("experience")),
        ((), {}),
    ],
    ids=[
        "reordered", "one more", "one less", "optional now", "eliminatory no more", "a choice more", "type",
        "one more language", "other words", "none",
    ],
)  # fmt: skip
def test_an_amendment_keeps_answers_to_questions_that_stayed_the_same(
    questions: tuple[Question, ...], kept: dict[str, str]
) -> None:
    before = (CREATED, *targeted(vacancy(questions=ASKED)), saved("screening", FULL))
    amended = vacancy(version=2, questions=questions)
    changed = [] if kept == FULL else [saved("screening", kept)]
    given(APPLICATION, *before).when(FollowVacancy(vacancy=amended)).then(*targeted(amended), *changed)


@pytest.mark.rule("R42")
def test_a_draft_for_a_notice_that_became_part_of_another_vacancy_goes_on_for_that_one_with_its_answers() -> None:
    before = (CREATED, *targeted(vacancy(questions=ASKED)), saved("screening", FULL))
    french = (Titled(language="fr", title="Économiste"),)
    whole = vacancy(
        id=OTHER_VACANCY, questions=tuple(map(in_two_languages, ASKED)), absorbed=(VACANCY_ID,), translations=french
    )
    given(APPLICATION, *before).when(FollowVacancy(vacancy=whole)).then(*targeted(whole))
    old = TARGETED.model_copy(update={"language": ""})
    follow = FollowVacancy(vacancy=whole, language="fr")
    aimed, *_ = given(APPLICATION, CREATED, old, LOADED).when(follow).accepted()
    assert (aimed.title, aimed.language, aimed.vacancy_id) == ("Économiste", "fr", OTHER_VACANCY)
    given(APPLICATION, *before).when(FollowVacancy(vacancy=vacancy(id=OTHER_VACANCY))).then()


QUESTIONS = some.builds(
    Question,
    id=some.sampled_from("abc"),
    type=some.sampled_from(["text", "criterion"]),
    text=some.just({"en": "?"}),
    required=some.booleans(),
)
ASKING = some.lists(QUESTIONS, max_size=3, unique_by=lambda question: question.id).map(tuple)


@pytest.mark.rule("R18")
@forall(before=ASKING, now=ASKING, answered=some.sets(some.sampled_from(["a", "b", "c", "a_explanation"])))
def test_no_answer_outlives_its_question_and_none_is_lost_with_it(before: Any, now: Any, answered: set[str]) -> None:
    answers = dict.fromkeys(sorted(answered), "x")
    past = [CREATED, *targeted(vacancy(questions=before)), saved("screening", answers)]
    amended = FollowVacancy(vacancy=vacancy(version=2, questions=now))
    after = [*past, *given(APPLICATION, *past).when(amended).accepted()]
    same = {question.id for question in before} & {question.id for question in now if question in before}
    kept = APPLICATION.fold(after).sections["screening"]
    assert kept == {name: "x" for name in answers if name[0] in same}
    given(APPLICATION, *after).when(amended).then()


@pytest.mark.rule("R18")
def test_choosing_a_vacancy_again_that_was_reopened_finds_the_answers_again() -> None:
    given(APPLICATION, *AIMED, ANSWERED, LOST).when(target()).then(*targeted(VACANCY))


@pytest.mark.rule("R18")
def test_another_vacancy_with_the_same_questions_is_answered_anew() -> None:
    other = vacancy(id=OTHER_VACANCY)
    asked_anew = (*targeted(other), saved("screening", {}))
    given(APPLICATION, *AIMED, ANSWERED).when(target(other)).then(*asked_anew)
    given(APPLICATION, *AIMED, ANSWERED, LOST).when(target(other)).then(*asked_anew)
    given(APPLICATION, *AIMED).when(target(other)).then(*targeted(other))


DECIDED = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.SELECTED)
MOVED = ApplicationMovedUnderConsideration(candidate_id=ANNA)
CANCELLED = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")


@pytest.mark.parametrize(
    ("past", "events"),
    [
        ((), ()),
        ((CREATED,), ()),
        (AIMED, (LOST,)),
        ((*AIMED, LOST), ()),
        ((*AIMED, DraftDiscarded(candidate_id=ANNA)), ()),
        (SUBMITTED, (CANCELLED,)),
        ((*SUBMITTED, MOVED), (CANCELLED,)),
        ((*SUBMITTED, MOVED, DECIDED), ()),
        ((*SUBMITTED, ApplicationWithdrawn(candidate_id=ANNA)), ()),
        ((*SUBMITTED, CANCELLED), ()),
    ],
    ids=[
        "absent", "untargeted", "targeted", "lost", "discarded", "submitted", "considered", "decided", "withdrawn",
        "cancelled",
    ],
)  # fmt: skip
def test_a_cancelled_vacancy_ends_what_waits_for_it_and_nothing_else(
    past: tuple[ApplicationEvent, ...], events: tuple[ApplicationEvent, ...]
) -> None:
    given(APPLICATION, *past).when(FollowVacancy(vacancy=vacancy(state="cancelled"), reason="No budget")).then(*events)


@pytest.mark.rule("R40")
@pytest.mark.parametrize("state", ["open", "closed"])
def test_what_was_submitted_follows_no_amendment(state: str) -> None:
    given(APPLICATION, *SUBMITTED).when(FollowVacancy(vacancy=vacancy(version=2, state=state))).then()


def test_a_draft_that_lost_its_vacancy_keeps_its_answers_and_no_longer_follows_it() -> None:
    state = APPLICATION.fold([*READY, LOST])
    assert (state.target, state.sections["screening"]) == (None, ANSWERS)
    given(APPLICATION, *READY, LOST).when(FollowVacancy(vacancy=vacancy(version=5))).then()
