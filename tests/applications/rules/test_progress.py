"""How far each section of a draft is, and that each of its problems has a place in the form."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.progress import progress_of
from services.applications.domain.sections import SECTIONS as DECLARED
from services.applications.domain.submission import fields_in, problems_in
from services.applications.events import VacancyUntargeted
from shared.model.testing import NOON
from shared.vocabulary.fields import Entries
from tests.applications.degrees import education, proposed
from tests.applications.test_draft import typed_values
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    CREATED,
    LOADED,
    SECTIONS,
    TARGETED,
    VACANCY_ID,
    saved,
)

TODAY = NOON.date()


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
    assert all(declared(section, problem.field) and "%(" not in str(problem) for problem in found)
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
