"""How far each section of a draft is, and that each of its problems has a place in the form."""

import re
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import (
    ApplicationCommand,
    CreateDraft,
    FollowVacancy,
    SaveDraft,
    TargetVacancy,
)
from services.applications.domain.progress import progress_of, unchecked
from services.applications.domain.steps import copied
from services.applications.domain.submission import fields_in, problems_in
from services.applications.events import ApplicationEvent, DraftProgress, VacancyUntargeted
from services.applications.events.sections import SECTIONS as DECLARED
from shared.model.message import Event
from shared.model.testing import NOON, given
from shared.vocabulary.fields import Entries
from tests.applications.degrees import IN_FORCE, education, proposed
from tests.applications.test_draft import typed_values
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    CREATED,
    DRAFT,
    LOADED,
    OTHER,
    SECTIONS,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    saved,
)

TODAY = NOON.date()


GAP = re.compile(r"%\((\w+)\)")


def declared(section: str, path: str) -> bool:
    """Whether a form with this section's fields has a place for the problem."""
    name, _, rest = path.partition(".")
    field = next((field for field in DECLARED[section].fields if field.name == name), None)
    if not rest or not isinstance(field, Entries):
        return field is not None and not rest
    number, _, inner = rest.partition(".")
    return number.isdigit() and inner in {each.name for each in field.fields}


@pytest.mark.rule("R22")
@pytest.mark.parametrize("section", list(SECTIONS))
@forall(data=some.data())
def test_every_problem_has_a_place_in_the_form_and_says_something(section: str, data: some.DataObject) -> None:
    values = data.draw(typed_values(section))
    state = APPLICATION.fold([CREATED, saved(section, values)])
    found = problems_in(state, section, TODAY)
    assert all(declared(section, problem.field) for problem in found)
    assert all(set(GAP.findall(problem.message)) <= problem.params.keys() for problem in found)
    progress = progress_of(state, section, TODAY)
    assert (progress == "completed") == (not found)


@pytest.mark.rule("R18")
def test_how_far_a_section_is_tells_wrong_from_missing() -> None:
    aimed = (CREATED, TARGETED, LOADED)
    lost = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    half = saved("letter", {"convicted": "yes"})
    pasts: dict[str, tuple[Any, ...]] = {
        "cannot_start": (*aimed, ANSWERED, lost),
        "problem": (*aimed, saved("screening", {**ANSWERS, "degree": "phd"})),
        "incomplete": (*aimed, saved("screening", {"experience": "no"})),
        "completed": (*aimed, ANSWERED),
    }
    assert {name: progress_of(APPLICATION.fold(past), "screening", TODAY) for name, past in pasts.items()} == {
        name: name for name in pasts
    }
    assert progress_of(APPLICATION.fold([CREATED, half]), "letter", TODAY) == "incomplete"
    asked_nothing = LOADED.model_copy(update={"questions": ()})
    assert progress_of(APPLICATION.fold([CREATED, TARGETED, asked_nothing]), "screening", TODAY) == "completed"


@pytest.mark.rule("R69")
def test_a_level_that_nobody_proposes_makes_a_section_incomplete_and_not_wrong() -> None:
    values = saved("education", education(level=""))
    assert progress_of(APPLICATION.fold([CREATED, values]), "education", TODAY) == "incomplete"
    assert progress_of(APPLICATION.fold([CREATED, values, proposed()]), "education", TODAY) == "completed"


@pytest.mark.rule("R18")
def test_the_fields_of_a_section_do_not_depend_on_the_vacancy_but_those_of_the_first_do() -> None:
    before, after = APPLICATION.fold([CREATED]), APPLICATION.fold([CREATED, TARGETED, LOADED])
    for name in SECTIONS:
        assert fields_in(before, name, "fr") == fields_in(after, name, "en") == DECLARED[name].fields
    assert [str(field.label) for field in fields_in(after, "screening", "fr")] == ["Cinq ans ?", "Your degree?"]


DECISIVE = [(name, SECTIONS[name]) for name in ("skills", "letter")]
COPY: tuple[ApplicationEvent, ...] = (CREATED, *(saved(name) for name in ("preferences", "education", "references")))


@pytest.mark.rule("R36")
def test_what_came_with_a_copy_is_not_done_before_it_was_looked_at() -> None:
    flagged = [saved(name, values, carried_over=True) for name, values in (("screening", {}), *DECISIVE)]
    copied = [*COPY, *flagged]
    state = APPLICATION.fold([*copied, TARGETED, LOADED])
    assert {name: progress_of(state, name, TODAY) for name in DECLARED} == {
        "screening": "to_check",
        "preferences": "completed",
        "education": "completed",
        "skills": "to_check",
        "references": "completed",
        "letter": "to_check",
    }
    looked_at = APPLICATION.fold([*copied, TARGETED, LOADED, ANSWERED, saved("skills"), saved("letter")])
    assert {progress_of(looked_at, name, TODAY) for name in DECLARED} == {"completed"}


@pytest.mark.rule("R18")
@pytest.mark.rule("R36")
def test_there_is_nothing_to_look_at_where_a_job_opening_asks_nothing() -> None:
    asked_nothing = LOADED.model_copy(update={"questions": ()})
    state = APPLICATION.fold([CREATED, saved("screening", {}, carried_over=True), TARGETED, asked_nothing])
    assert progress_of(state, "screening", TODAY) == "completed"
    assert not unchecked(state, "screening")


def told(*past: Event, command: ApplicationCommand) -> list[tuple[str, ...] | None]:
    """What each event that can says of which sections are complete."""
    events = given(APPLICATION, *past).when(command).accepted()
    return [event.complete for event in events if isinstance(event, DraftProgress)]


def save(section: str, values: dict[str, Any] | None = None) -> SaveDraft:
    return SaveDraft(candidate_id=ANNA, section=section, values=SECTIONS[section] if values is None else values)


@pytest.mark.rule("R22")
def test_events_say_which_sections_are_complete_as_soon_as_that_changes() -> None:
    assert told(CREATED, command=save("letter")) == [("letter",)]
    assert told(CREATED, command=save("letter", {"letter": "Dear"})) == [None]
    kept = given(APPLICATION, CREATED).after(save("letter"))
    assert told(*kept.events, command=save("letter", {**SECTIONS["letter"], "letter": "Dear"})) == [None]
    assert told(*kept.events, command=save("skills")) == [("skills", "letter")]
    assert told(*kept.events, command=save("letter", {})) == [()]


@pytest.mark.rule("R18")
def test_questions_and_levels_change_what_is_complete_too() -> None:
    asks_nothing = VACANCY.model_copy(update={"questions": ()})
    aim = TargetVacancy(candidate_id=ANNA, vacancy=asks_nothing)
    assert told(CREATED, command=aim) == [("screening",)]
    aimed = given(APPLICATION, CREATED).after(aim)
    cancelled = FollowVacancy(vacancy=asks_nothing.model_copy(update={"state": "cancelled"}))
    assert told(*aimed.events, command=cancelled) == [()]
    left_open = save("education", education())
    assert told(CREATED, command=left_open) == [None]
    assert told(CREATED, command=left_open.model_copy(update={"catalogue": IN_FORCE})) == [None, ("education",)]


def test_a_copy_says_what_of_it_is_complete_and_a_draft_of_before_says_it_at_its_next_save() -> None:
    source = copied(OTHER, DRAFT, APPLICATION.fold([CREATED, *map(saved, SECTIONS)]))
    *_, last = told(command=CreateDraft(candidate_id=ANNA, confirmed=True, source=source))
    assert last == ("preferences", "education", "references")
    assert told(*COPY, command=save("letter")) == [("preferences", "education", "references", "letter")]
