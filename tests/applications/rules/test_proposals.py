"""Levels of diplomas: when one is proposed, what a choice against it leads to, and when an update is offered."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import TakeProposedLevel
from services.applications.domain.equivalence.levels import assessed, level_problems, offers
from services.applications.events import (
    DegreeLevelOverridden,
    DegreeLevelProposed,
    Diploma,
    DraftDiscarded,
    DraftSaved,
    diplomas_in,
    levels_in,
)
from shared.model.errors import Conflict, NotFound
from shared.model.testing import NOON
from tests.applications.degrees import CORRECTED, FIRST_MOMENT, IN_FORCE, INSA, catalogue, education, proposed
from tests.applications.plain import given
from tests.applications.rules.streams import sentences
from tests.applications.test_levels import AFTER, save
from tests.applications.values import ANNA, CREATED, SECTIONS, saved, submitted

MASTER = Diploma(title="Master d’économie", institution="Lille", country="FR")
UNKNOWN = Diploma(title="Certificat d’aptitude", institution="Lycée Ampère", country="FR")
BACK = catalogue(
    CORRECTED,
    CORRECTED.model_copy(update={"before": "master", "level": "licence", "reason": "Withdrawn"}),
)


def entry(diploma: Diploma = INSA, **changes: Any) -> dict[str, Any]:
    [typed] = education(diploma, **changes)["diplomas"]
    return dict(typed)


def several(*entries: Any) -> dict[str, Any]:
    return {**SECTIONS["education"], "diplomas": [*entries]}


def chosen(level: Any = "master", reason: str = "Five years", proposed_level: Any = "licence") -> DegreeLevelOverridden:
    return DegreeLevelOverridden(candidate_id=ANNA, diploma=INSA, proposed=proposed_level, chosen=level, reason=reason)


@pytest.mark.parametrize(
    "same",
    [{"title": "DIPLOME D’INGENIEUR"}, {"institution": "  insa   de lyon "}, {"title": "Diplôme  d’ingénieur"}],
    ids=["accents", "spaces", "double space"],
)
def test_a_diploma_is_the_same_however_it_is_written(same: dict[str, str]) -> None:
    assert INSA.model_copy(update=same).id == INSA.id
    given(APPLICATION, CREATED, saved("education", education()), proposed()).when(
        save(education(INSA.model_copy(update=same)))
    ).happened(DraftSaved)


@pytest.mark.parametrize("other", [{"title": "Diplôme"}, {"institution": "INSA de Rennes"}, {"country": "BE"}], ids=str)
def test_another_title_school_or_country_is_another_diploma(other: dict[str, str]) -> None:
    assert INSA.model_copy(update=other).id != INSA.id


def test_proposals_that_are_stored_already_belong_to_the_same_diplomas() -> None:
    assert str(INSA.id) == "a505d208-d439-5643-b817-56070d66f837"


@pytest.mark.parametrize(
    "typed",
    [
        {"title": " "},
        {"country": "France"},
        {"country": ""},
        {"country": None},
        {"title": "x" * 201},
        {"institution": "x" * 201},
    ],
    ids=lambda change: str(change)[:30],
)
def test_what_cannot_be_a_diploma_yet_is_not_looked_up(typed: dict[str, Any]) -> None:
    values = several({**entry(), **typed}, entry(MASTER))
    assert [number for number, _, _ in diplomas_in(values)] == [1]
    assert [known["id"] for known in assessed(values, {})] == ["", str(MASTER.id)]


@pytest.mark.parametrize("diplomas", [None, "", {}, [], ["x", 1, None]], ids=str)
def test_a_section_without_diplomas_has_no_levels(diplomas: Any) -> None:
    assert levels_in({"diplomas": diplomas}) == {}
    assert [known["chosen"] for known in assessed({"diplomas": diplomas}, {})] == ["" for _ in diplomas or ()]


def test_a_school_may_be_left_out_and_a_title_have_200_signs() -> None:
    [(_, diploma, _)] = diplomas_in(several(entry(institution="", title="x" * 200)))
    assert (diploma.institution, len(diploma.title)) == ("", 200)


@pytest.mark.rule("R69")
def test_each_of_several_diplomas_is_proposed_its_own_level_and_the_same_one_only_once() -> None:
    values = several(entry(), entry(UNKNOWN), entry(MASTER), entry())
    given(APPLICATION, CREATED).when(save(values)).then(saved("education", values), proposed(), proposed(MASTER))


@pytest.mark.rule("R69")
def test_without_a_catalogue_a_save_proposes_nothing_and_the_next_with_one_catches_up() -> None:
    given(APPLICATION, CREATED).when(save(education(), known=None)).then(saved("education", education()))
    given(APPLICATION, CREATED, saved("education", education())).when(save(education())).then(proposed())


@pytest.mark.rule("R69")
def test_a_diploma_that_was_taken_out_and_typed_again_is_looked_up_again() -> None:
    past = (CREATED, saved("education", education()), proposed(), saved("education", several()))
    assert APPLICATION.fold(past).proposals == {}
    given(APPLICATION, *past).when(save(education(), AFTER)).then(
        saved("education", education()), proposed(known=AFTER)
    )


@pytest.mark.rule("R73")
@pytest.mark.parametrize(
    ("typed", "events"),
    [
        ({"level": "master", "level_reason": "Five years"}, [chosen()]),
        ({"level": "doctorat", "level_reason": ""}, [chosen("doctorat", "")]),
        ({"level": "below"}, [chosen("below", "")]),
        ({"level": "licence", "level_reason": "As proposed"}, []),
        ({"level": ""}, []),
        ({"level": "grade"}, []),
    ],
    ids=str,
)
def test_only_another_level_of_the_list_is_a_choice_against_the_proposal(
    typed: dict[str, Any], events: list[DegreeLevelOverridden]
) -> None:
    values = several({**entry(), **typed})
    past = (CREATED, saved("education", values), proposed())
    given(APPLICATION, *past).when(save(values)).then(*events)
    given(APPLICATION, *past, *events).when(save(values)).then()


@pytest.mark.rule("R73")
def test_another_reason_or_level_is_another_choice() -> None:
    first = several(entry(level="master", level_reason="Five years"))
    past = (CREATED, saved("education", first), proposed(), chosen())
    second = several(entry(level="master", level_reason="Grade of master"))
    given(APPLICATION, *past).when(save(second)).then(saved("education", second), chosen(reason="Grade of master"))
    third = several(entry(level="doctorat", level_reason="Five years"))
    changed, choice = given(APPLICATION, *past).when(save(third)).accepted()
    assert APPLICATION.fold([*past, changed]).overrides == {}
    assert APPLICATION.fold([*past, changed, choice]).overrides == {str(INSA.id): chosen("doctorat")}


@pytest.mark.rule("R73")
def test_of_a_diploma_that_is_named_twice_the_last_choice_counts_and_saving_again_adds_none() -> None:
    values = several(entry(level="master"), entry(level="doctorat", level_reason="Thesis"))
    past = (CREATED, saved("education", values), proposed())
    given(APPLICATION, *past).when(save(values)).then(chosen("doctorat", "Thesis"))
    given(APPLICATION, *past, chosen("doctorat", "Thesis")).when(save(values)).then()


@pytest.mark.rule("R73")
def test_a_level_for_a_diploma_that_the_catalogue_does_not_know_is_no_choice_against_it() -> None:
    values = several(entry(UNKNOWN, level="master", level_reason="Law"))
    given(APPLICATION, CREATED).when(save(values)).then(saved("education", values))
    assert list(level_problems(values, {})) == []


@pytest.mark.rule("R73")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"level": "master", "level_reason": " \n"}, "You chose a level other than the one proposed. Give your reason"),
        ({"level": "master", "level_reason": None}, "You chose a level other than the one proposed. Give your reason"),
        ({"level": "master", "level_reason": "."}, ""),
        ({"level": "licence"}, ""),
        ({"level": ""}, ""),
    ],
    ids=str,
)
def test_a_choice_against_the_proposal_needs_a_reason(typed: dict[str, Any], sentence: str) -> None:
    found = level_problems(several({**entry(), **typed}), {str(INSA.id): proposed()})
    assert [str(problem) for problem in found] == ([sentence] if sentence else [])


@pytest.mark.rule("R70")
def test_an_update_is_offered_to_a_draft_while_the_catalogue_says_otherwise() -> None:
    values = several(entry(UNKNOWN), entry(), entry(MASTER))
    state = APPLICATION.fold([CREATED, saved("education", values), proposed(), proposed(MASTER)])
    assert [(offer.number, offer.diploma, offer.proposed["level"]) for offer in offers(state, AFTER, NOON)] == [
        (1, INSA, "master")
    ]
    assert list(offers(state, BACK, NOON)) == []
    assert list(offers(state, AFTER, FIRST_MOMENT - timedelta(seconds=1))) == []


@pytest.mark.rule("R70")
@pytest.mark.rule("R40")
def test_an_update_is_offered_only_while_it_can_be_taken() -> None:
    typed = saved("education", education())
    assert len(list(offers(APPLICATION.fold([CREATED, typed]), IN_FORCE, NOON))) == 1
    for past in ((CREATED, typed, DraftDiscarded(candidate_id=ANNA)), (*submitted(), typed), ()):
        assert list(offers(APPLICATION.fold(past), IN_FORCE, NOON)) == []


def take(diploma: Diploma = INSA, known: Any = AFTER, **more: Any) -> TakeProposedLevel:
    return TakeProposedLevel(candidate_id=ANNA, diploma_id=diploma.id, catalogue=known, **more)


@pytest.mark.rule("R70")
def test_taking_an_update_changes_every_entry_of_the_diploma_that_named_a_level_and_no_other() -> None:
    values = several(entry(level="licence"), entry(MASTER, level="master"), entry(level=""), entry(level="below"))
    past = (CREATED, saved("education", values), proposed(), proposed(MASTER))
    after = several(entry(level="master"), entry(MASTER, level="master"), entry(level=""), entry(level="master"))
    given(APPLICATION, *past).when(take()).then(proposed(known=AFTER), saved("education", after))


@pytest.mark.rule("R70")
@pytest.mark.rule("R73")
def test_taking_an_update_ends_the_choice_against_the_old_proposal() -> None:
    values = several(entry(level="master", level_reason="Five years"))
    past = (CREATED, saved("education", values), proposed(), chosen())
    [update] = given(APPLICATION, *past).when(take()).accepted()
    assert update == proposed(known=AFTER)
    state = APPLICATION.fold([*past, update])
    assert list(level_problems(state.sections["education"], state.proposals)) == []


@pytest.mark.parametrize(
    ("wish", "kind", "sentence"),
    [
        (take(MASTER), NotFound, "There is no such diploma in this application"),
        (take(at=FIRST_MOMENT - timedelta(seconds=1)), Conflict,
         "The catalogue of equivalences proposes no level for this diploma"),
    ],
    ids=["not there", "not in force"],
)  # fmt: skip
def test_why_no_level_can_be_taken_is_said(wish: TakeProposedLevel, kind: Any, sentence: str) -> None:
    outcome = given(APPLICATION, CREATED, saved("education", education())).when(wish)
    assert sentences(outcome.refused(kind)) == [sentence]


def test_where_nothing_was_typed_no_level_can_be_taken() -> None:
    given(APPLICATION, CREATED).when(take()).refused(NotFound)


LEVELS = some.sampled_from(["", "below", "licence", "master", "doctorat", "?"])
TYPED = some.builds(
    lambda diploma, level, reason: entry(diploma, level=level, level_reason=reason),
    some.sampled_from([INSA, MASTER, UNKNOWN]),
    LEVELS,
    some.sampled_from(["", "Why"]),
)


@pytest.mark.rule("R69")
@pytest.mark.rule("R73")
@forall(sections=some.lists(some.lists(TYPED, max_size=3), min_size=1, max_size=4))
def test_after_any_saves_proposals_and_choices_are_about_what_is_typed_now(sections: list[list[Any]]) -> None:
    events: list[Any] = [CREATED]
    for entries in sections:
        events += given(APPLICATION, *events).when(save(several(*entries))).accepted()
    state, typed = APPLICATION.fold(events), levels_in(several(*sections[-1]))
    assert set(state.proposals) == set(typed) - {str(UNKNOWN.id)}
    assert set(state.overrides) <= set(state.proposals)
    given(APPLICATION, *events).when(save(several(*sections[-1]))).then()
    assert all(typed[key] == choice.chosen != choice.proposed for key, choice in state.overrides.items())
    assert all(isinstance(fact, DegreeLevelProposed) for fact in state.proposals.values())
