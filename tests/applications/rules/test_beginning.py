"""How a draft begins: blank or from an earlier application, counted, and meant for a vacancy at once."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import Copied, CreateDraft, TargetVacancy
from services.applications.domain.quota import QUOTA, CountDraft, UncountDraft
from services.applications.domain.slot import Slot
from services.applications.domain.steps import (
    chosen_source,
    copied,
    from_cv,
    to_create,
    to_discard,
    to_submit,
    to_target,
)
from services.applications.events import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AttachmentRemoved,
    DegreeLevelOverridden,
    DraftCounted,
    DraftCreated,
    DraftDiscarded,
    DraftUncounted,
    ScreeningQuestionsLoaded,
    SlotReserved,
    TermsAccepted,
    VacancyTargeted,
)
from shared.model.errors import Conflict, Invalid
from shared.model.message import Event
from tests.applications.degrees import IN_FORCE, INSA, education, proposed
from tests.applications.plain import given
from tests.applications.rules.streams import Streams, numbered, sentences
from tests.applications.test_draft import added
from tests.applications.values import (
    ANNA,
    ANSWERS,
    BEN,
    CANDIDATE,
    CREATED,
    DRAFT,
    OTHER,
    READY,
    REVISION,
    SECTIONS,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    file,
    saved,
)

VACANCY_DOCUMENT = VACANCY.model_dump(mode="json")
CANDIDATE_DOCUMENT = CANDIDATE.model_dump(mode="json")
COPY = DraftCreated(candidate_id=ANNA, source_application_id=OTHER)
UNSEEN = saved("screening", {}, carried_over=True)
"""In a copy the questions are to be looked at, though no answer is copied."""


def create(source: Copied | None = None, **more: Any) -> CreateDraft:
    return CreateDraft(**{"candidate_id": ANNA, "confirmed": True, "source": source, **more})


def copy_of(sections: dict[str, dict[str, Any]], **more: Any) -> Copied:
    return Copied(application_id=OTHER, sections=sections, **more)


@pytest.mark.rule("R16")
def test_a_draft_that_is_there_needs_no_second_confirmation() -> None:
    given(APPLICATION, CREATED).when(create(confirmed=False)).then()
    refusal = given(APPLICATION).when(create(copy_of(SECTIONS), confirmed=False)).refused(Invalid, "confirmed")
    assert sentences(refusal) == ["Confirm that you have read the recommendations"]


def test_creating_again_from_another_source_copies_nothing() -> None:
    given(APPLICATION, CREATED, saved("skills")).when(create(copy_of(SECTIONS))).then()
    given(APPLICATION, CREATED, DraftDiscarded(candidate_id=ANNA)).when(create()).then()


@pytest.mark.rule("R34")
def test_a_copy_leaves_out_answers_what_is_empty_and_what_is_no_section() -> None:
    source = copy_of({"letter": {}, "hobbies": {"a": "b"}, "screening": ANSWERS, "skills": SECTIONS["skills"]})
    given(APPLICATION).when(create(source)).then(COPY, UNSEEN, saved("skills", carried_over=True))


@pytest.mark.rule("R34")
@pytest.mark.rule("R17")
def test_what_is_copied_is_saved_in_the_order_of_the_form_and_files_follow() -> None:
    backwards = {name: SECTIONS[name] for name in reversed(SECTIONS)}
    events = given(APPLICATION).when(create(copy_of(backwards, files=(file(2), file(1))))).events or ()
    names = [getattr(event, "section", getattr(event, "name", "")) for event in events]
    order = ["screening", "preferences", "education", "skills", "references", "letter"]
    assert names == ["", *order, "AM_Diploma_2.pdf", "AM_Diploma_1.pdf"]


@pytest.mark.rule("R18")
@pytest.mark.rule("R34")
def test_a_copy_is_meant_for_no_vacancy_and_begins_its_own_count_of_saves() -> None:
    source = APPLICATION.fold([*READY, saved("skills", {"it_skills": "R"})])
    state = APPLICATION.fold(given(APPLICATION).when(create(copied(DRAFT, OTHER, source))).accepted())
    assert (state.target, state.questions, state.asked_by) == (None, (), None)
    assert (state.source, set(state.saves.values())) == (OTHER, {1})
    assert state.sections["skills"] == {"it_skills": "R"}


@pytest.mark.rule("R34")
def test_copied_files_have_ids_that_depend_on_the_new_draft_alone() -> None:
    removed = AttachmentRemoved(candidate_id=ANNA, attachment_id=file(2).id)
    source = APPLICATION.fold([*READY, added(file(1)), added(file(2)), added(file(3)), removed])
    first, again, other = (copied(new, OTHER, source).files for new in (DRAFT, DRAFT, UUID(int=0xA3)))
    assert first == again
    assert [one.name for one in first] == ["AM_Diploma_1.pdf", "AM_Diploma_3.pdf"]
    assert not {one.id for one in first} & {one.id for one in (*other, file(1), file(3))}
    assert [one.sha256 for one in first] == [one.sha256 for one in other]


@pytest.mark.rule("R69")
@pytest.mark.rule("R73")
def test_a_copy_repeats_the_choice_against_a_proposal() -> None:
    values = education(level="master", level_reason="Five years")
    chosen = DegreeLevelOverridden(
        candidate_id=ANNA, diploma=INSA, proposed="licence", chosen="master", reason="Five years"
    )
    source = copy_of({"education": values})
    given(APPLICATION).when(create(source, catalogue=IN_FORCE)).then(
        COPY, UNSEEN, saved("education", values), proposed(), chosen
    )
    given(APPLICATION).when(create(source)).then(COPY, UNSEEN, saved("education", values))


@pytest.mark.rule("R34")
@forall(names=some.sets(some.sampled_from(["preferences", "education", "skills", "references"])))
def test_a_copy_of_a_copy_is_the_same_copy(names: set[str]) -> None:
    source = APPLICATION.fold([CREATED, *(saved(name) for name in sorted(names))])
    first = APPLICATION.fold(given(APPLICATION).when(create(copied(DRAFT, OTHER, source))).accepted())
    second = APPLICATION.fold(given(APPLICATION).when(create(copied(OTHER, DRAFT, first))).accepted())
    assert first.sections == second.sections == {"screening": {}, **{name: SECTIONS[name] for name in names}}
    assert (first.source, second.source) == (OTHER, DRAFT)


@pytest.mark.rule("R34")
@pytest.mark.rule("R35")
@pytest.mark.parametrize(
    ("start", "picked", "known", "source"),
    [
        ("start_blank", DRAFT, [OTHER, DRAFT], None),
        ("start_blank", None, [], None),
        ("", DRAFT, [OTHER, DRAFT], DRAFT),
        ("", DRAFT, [], None),
        ("copy_previous", None, [OTHER], OTHER),
    ],
)
def test_what_is_copied_when(start: str, picked: UUID | None, known: list[UUID], source: UUID | None) -> None:
    assert chosen_source(start, picked, known, known) == source


@pytest.mark.parametrize(
    ("start", "picked", "known", "field"),
    [
        ("copy_previous", OTHER, [], "start"),
        ("copy_previous", OTHER, [DRAFT], "source_application_id"),
        ("", OTHER, [DRAFT], "source_application_id"),
    ],
)
def test_what_cannot_be_copied_is_refused_at_its_field(
    start: str, picked: UUID | None, known: list[UUID], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        chosen_source(start, picked, known, known)
    assert [problem.field for problem in refused.value.problems] == [field]


def begin(draft: UUID = DRAFT, candidate: UUID = ANNA, vacancy: Any = None) -> list[Any]:
    return to_create(draft, candidate, confirmed=True, source=None, vacancy=vacancy, slot=Slot(), language="en")


def submit_it(draft: UUID = DRAFT, seen: int = REVISION) -> list[Any]:
    return to_submit(draft, ANNA, seen, terms_accepted=True, vacancy=VACANCY_DOCUMENT, candidate=CANDIDATE_DOCUMENT)


@pytest.mark.rule("R33")
def test_a_draft_for_a_vacancy_is_counted_created_and_targeted_in_one() -> None:
    streams = Streams()
    events = streams.carry_out(begin(vacancy=VACANCY_DOCUMENT))
    assert [type(event) for event in events] == [
        DraftCounted,
        DraftCreated,
        VacancyTargeted,
        ScreeningQuestionsLoaded,
    ]
    assert events[2] == TARGETED
    assert streams.carry_out(begin(vacancy=VACANCY_DOCUMENT)) == []


@pytest.mark.rule("R31")
def test_a_draft_for_a_vacancy_that_takes_none_is_not_even_created() -> None:
    streams = Streams()
    with pytest.raises(Conflict):
        streams.carry_out(begin(vacancy={**VACANCY_DOCUMENT, "state": "closed"}))
    assert streams.events == {}


@pytest.mark.rule("R42")
@pytest.mark.parametrize(("holder", "taken"), [(None, False), (DRAFT, False), (OTHER, True)])
def test_a_slot_is_taken_if_another_application_holds_it(holder: UUID | None, taken: bool) -> None:
    step = to_target(DRAFT, ANNA, VACANCY_DOCUMENT, Slot(holder), "en")
    assert (step.decider, step.key) == (APPLICATION, DRAFT)
    assert step.command == TargetVacancy(candidate_id=ANNA, vacancy=VACANCY, slot_taken=taken, language="en")


def test_the_fiftieth_draft_is_created_and_the_next_one_only_after_one_was_discarded() -> None:
    streams = Streams()
    first, *others = numbered(50)
    for draft in (first, *others):
        streams.carry_out(begin(draft))
    with pytest.raises(Conflict) as refused:
        streams.carry_out(begin())
    assert sentences(refused.value) == ["You have 50 open drafts, the maximum. Discard one that you no longer need"]
    assert streams.of(APPLICATION, DRAFT) == ()
    assert streams.carry_out(begin(candidate=BEN))
    assert streams.carry_out(to_discard(first, ANNA)) == [
        DraftDiscarded(candidate_id=ANNA),
        DraftUncounted(application_id=first),
    ]
    assert streams.carry_out(to_discard(first, ANNA)) == []
    assert streams.carry_out(begin(UUID(int=0xA9))) == [DraftCounted(application_id=UUID(int=0xA9)), CREATED]


@pytest.mark.rule("R42")
def test_submitting_reserves_the_slot_and_counts_one_open_draft_less() -> None:
    streams = Streams().put(APPLICATION, DRAFT, *READY).put(QUOTA, ANNA, DraftCounted(application_id=DRAFT))
    reserved, *events = streams.carry_out(submit_it())
    assert reserved == SlotReserved(candidate_id=ANNA, vacancy_id=VACANCY_ID, application_id=DRAFT)
    assert [type(event) for event in events] == [TermsAccepted, ApplicationSubmitted, DraftUncounted]
    assert QUOTA.fold(streams.of(QUOTA, ANNA)).drafts == frozenset()
    assert streams.carry_out(submit_it()) == []


@pytest.mark.rule("R42")
@pytest.mark.rule("R44")
@pytest.mark.parametrize("later", [(), (ApplicationWithdrawn(candidate_id=ANNA),)], ids=["applied", "withdrawn"])
def test_a_second_draft_for_the_vacancy_is_refused_by_the_slot(later: tuple[Event, ...]) -> None:
    streams = Streams().put(APPLICATION, DRAFT, *READY).put(APPLICATION, OTHER, *READY)
    streams.carry_out(submit_it())
    streams.put(APPLICATION, DRAFT, *streams.of(APPLICATION, DRAFT), *later)
    with pytest.raises(Conflict) as refused:
        streams.carry_out(submit_it(OTHER))
    assert [problem.field for problem in refused.value.problems] == ["vacancy"]
    assert APPLICATION.fold(streams.of(APPLICATION, OTHER)).status == "draft"


def test_a_refused_submission_leaves_the_slot_free() -> None:
    streams = Streams().put(APPLICATION, DRAFT, *READY)
    with pytest.raises(Conflict):
        streams.carry_out(submit_it(seen=1))
    assert list(streams.events) == [APPLICATION.stream(DRAFT)]


def test_without_a_vacancy_no_slot_is_asked_for() -> None:
    steps = to_submit(DRAFT, ANNA, 1, terms_accepted=True, vacancy=None, candidate=None)
    assert [step.decider for step in steps] == [APPLICATION, QUOTA]
    assert (steps[0].command.vacancy, steps[0].command.candidate) == (None, None)  # type: ignore[attr-defined]


def test_a_submitted_application_is_not_discarded_and_stays_uncounted() -> None:
    streams = Streams().put(APPLICATION, DRAFT, *READY)
    streams.carry_out(submit_it())
    with pytest.raises(Conflict):
        streams.carry_out(to_discard(DRAFT, ANNA))
    assert streams.of(QUOTA, ANNA) == ()


COUNTING = some.tuples(some.sampled_from([CountDraft, UncountDraft]), some.integers(1, 53))


@forall(full=some.integers(0, 50), wishes=some.lists(COUNTING, max_size=12))
def test_no_order_of_counting_leads_past_fifty(full: int, wishes: list[tuple[Any, int]]) -> None:
    events: list[Any] = [DraftCounted(application_id=UUID(int=number)) for number in range(1, full + 1)]
    expected = set(range(1, full + 1))
    for kind, number in wishes:
        outcome = given(QUOTA, *events).when(kind(application_id=UUID(int=number)))
        if kind is CountDraft and number not in expected and len(expected) == 50:
            outcome.refused(Conflict)
            continue
        expected = expected | {number} if kind is CountDraft else expected - {number}
        events += outcome.events or ()
        given(QUOTA, *events).when(kind(application_id=UUID(int=number))).then()
    assert QUOTA.fold(events).drafts == {UUID(int=number) for number in expected}


def test_a_draft_begins_with_the_cv_that_is_kept_with_the_profile() -> None:
    document = {**CANDIDATE_DOCUMENT, "cv": {"skills": SECTIONS["skills"], "references": {}}}
    given(APPLICATION).when(create(from_cv(document))).then(DraftCreated(candidate_id=ANNA), saved("skills"))


@pytest.mark.parametrize("document", [None, CANDIDATE_DOCUMENT, {**CANDIDATE_DOCUMENT, "cv": {"skills": {}}}])
def test_of_an_empty_cv_nothing_begins(document: dict[str, Any] | None) -> None:
    with pytest.raises(Invalid, match="nothing in the CV"):
        from_cv(document)
