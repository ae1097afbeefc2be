"""Levels of diplomas in an application: proposed, chosen, reported, offered anew, and frozen with it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus, Copied, CreateDraft, SaveDraft, TakeProposedLevel
from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.equivalence.levels import offers
from services.applications.domain.inputs import VacancyFacts
from services.applications.domain.sheet import blocks_of
from services.applications.domain.state import restored
from services.applications.domain.submission import content_of, problems_in
from services.applications.events import (
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationSubmitted,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    Diploma,
    DraftCreated,
    DraftSaved,
    Status,
    TermsAccepted,
)
from services.applications.projections import APPLICATION as VIEW
from shared.model.errors import Conflict, NotFound
from shared.model.testing import NOON
from tests.applications.degrees import (
    CORRECTED,
    FIRST_MOMENT,
    IN_FORCE,
    INSA,
    LAST_MOMENT,
    catalogue,
    education,
    proposed,
)
from tests.applications.plain import given
from tests.applications.test_projections import folded, of
from tests.applications.values import (
    ANNA,
    ANSWERED,
    CANDIDATE,
    CREATED,
    DRAFT,
    LOADED,
    OTHER,
    SECTIONS,
    TARGETED,
    VACANCY,
    saved,
    submit,
)

AFTER = catalogue(CORRECTED)
OVERRIDDEN = DegreeLevelOverridden(
    candidate_id=ANNA, diploma=INSA, proposed="licence", chosen="master", reason="Five years"
)
UNKNOWN = Diploma(title="Certificat d’aptitude", institution="Lycée Ampère", country="FR")


def save(values: dict[str, Any], known: Catalogue | None = IN_FORCE, **more: Any) -> SaveDraft:
    return SaveDraft(candidate_id=ANNA, section="education", values=values, catalogue=known, **more)


def typed(**changes: Any) -> DraftSaved:
    return saved("education", education(**changes))


def problems(*events: ApplicationEvent) -> list[str]:
    return [problem.field for problem in problems_in(APPLICATION.fold(events), "education", NOON.date())]


@pytest.mark.rule("R69")
@pytest.mark.rule("R71")
def test_saving_a_diploma_proposes_its_level_once_and_says_why() -> None:
    given(APPLICATION, CREATED).when(save(education())).then(typed(), proposed())
    assert (proposed().level, proposed().found_as, proposed().institution) == (
        "licence",
        "Diplôme d’ingénieur",
        "INSA Lyon",
    )
    given(APPLICATION, CREATED, typed(), proposed()).when(save(education())).then()
    later = education(city="Villeurbanne")
    given(APPLICATION, CREATED, typed(), proposed()).when(save(later)).then(saved("education", later))


@pytest.mark.rule("R69")
def test_another_diploma_is_looked_up_anew_and_what_was_said_of_the_first_is_forgotten() -> None:
    master = Diploma(title="Master d’économie", institution="Lille", country="FR")
    outcome = given(APPLICATION, CREATED, typed(), proposed()).when(save(education(master)))
    changed, found = outcome.happened(DraftSaved, DegreeLevelProposed)
    assert found == proposed(master)
    state = APPLICATION.fold([CREATED, typed(), proposed(), changed, found])
    assert list(state.proposals) == [str(master.id)]


@pytest.mark.rule("R69")
def test_a_copied_application_gets_its_proposals_at_once() -> None:
    source = Copied(application_id=OTHER, sections={"education": education()})
    wish = CreateDraft(candidate_id=ANNA, confirmed=True, source=source, catalogue=IN_FORCE)
    *_, last = given(APPLICATION).when(wish).happened(DraftCreated, DraftSaved, DraftSaved, DegreeLevelProposed)
    assert last == proposed()


@pytest.mark.rule("R74")
def test_before_its_activation_the_catalogue_proposes_nothing() -> None:
    given(APPLICATION, CREATED).when(save(education(), at=LAST_MOMENT)).then(typed())
    given(APPLICATION, CREATED).when(save(education(), at=FIRST_MOMENT)).then(typed(), proposed())
    given(APPLICATION, CREATED, typed()).when(save(education(), at=FIRST_MOMENT)).then(proposed())


@pytest.mark.rule("R69")
def test_a_level_left_open_is_the_proposed_one_and_must_be_chosen_where_none_is_proposed() -> None:
    assert problems(CREATED, typed(), proposed()) == []
    assert problems(CREATED, typed(diploma=UNKNOWN)) == ["diplomas.0.level"]
    assert problems(CREATED, typed(diploma=UNKNOWN, level="below")) == []


def test_problems_stand_in_the_order_of_the_form() -> None:
    (job,) = SECTIONS["education"]["jobs"]
    first, second = (education(UNKNOWN)["diplomas"][0] for _ in range(2))
    late = {**second, "ended_on": "1901-01-01", "institution": ""}
    values = {"diplomas": [first, late], "jobs": [{**job, "employer": ""}]}
    assert problems(CREATED, saved("education", values)) == [
        "diplomas.0.level",
        "diplomas.1.institution",
        "diplomas.1.ended_on",
        "diplomas.1.level",
        "jobs.0.employer",
    ]


@pytest.mark.rule("R73")
def test_the_candidate_may_choose_diplome_national_de_master_instead_and_says_why() -> None:
    chosen = education(level="master", level_reason="Five years")
    past = (CREATED, typed(), proposed())
    given(APPLICATION, *past).when(save(chosen)).then(saved("education", chosen), OVERRIDDEN)
    given(APPLICATION, *past, saved("education", chosen), OVERRIDDEN).when(save(chosen)).then()
    assert problems(*past, saved("education", chosen), OVERRIDDEN) == []
    silent = typed(level="master", level_reason=" ")
    assert problems(*past, silent) == ["diplomas.0.level_reason"]


def test_the_choice_is_forgotten_when_the_candidate_goes_back_to_the_proposed_level() -> None:
    past = (CREATED, typed(), proposed(), typed(level="master", level_reason="Five years"), OVERRIDDEN)
    back = typed(level="licence")
    assert list(APPLICATION.fold(past).overrides) == [str(INSA.id)]
    assert APPLICATION.fold([*past, back]).overrides == {}
    for state in (past, (*past, back)):
        assert restored(folded(VIEW, of(*state), DRAFT)) == APPLICATION.fold(state)


@pytest.mark.rule("R70")
def test_a_correction_leaves_the_proposals_of_a_draft_and_offers_it_the_update() -> None:
    past = (CREATED, typed(level="licence"), proposed())
    given(APPLICATION, *past).when(save(education(level="licence"), AFTER)).then()
    [offer] = offers(APPLICATION.fold(past), AFTER, NOON)
    assert (offer.number, offer.diploma, offer.proposed["level"]) == (0, INSA, "master")
    assert list(offers(APPLICATION.fold(past), IN_FORCE, NOON)) == []
    take = TakeProposedLevel(candidate_id=ANNA, diploma_id=INSA.id, catalogue=AFTER)
    update = (proposed(known=AFTER), typed(level="master"))
    given(APPLICATION, *past).when(take).then(*update)
    given(APPLICATION, *past, *update).when(take).then()
    assert list(offers(APPLICATION.fold([*past, *update]), AFTER, NOON)) == []
    assert problems(*past, *update) == []


def test_taking_an_update_leaves_a_level_open_that_was_left_open() -> None:
    take = TakeProposedLevel(candidate_id=ANNA, diploma_id=INSA.id, catalogue=AFTER)
    given(APPLICATION, CREATED, typed(), proposed()).when(take).then(proposed(known=AFTER))


def test_a_level_can_be_taken_only_for_a_diploma_that_is_there_and_known() -> None:
    take = TakeProposedLevel(candidate_id=ANNA, diploma_id=UUID(int=9), catalogue=AFTER)
    given(APPLICATION, CREATED, typed()).when(take).refused(NotFound)
    unknown = take.model_copy(update={"diploma_id": UNKNOWN.id})
    given(APPLICATION, CREATED, typed(diploma=UNKNOWN)).when(unknown).refused(Conflict)


@pytest.mark.rule("R69")
def test_a_later_draft_is_proposed_the_corrected_level() -> None:
    _, later = given(APPLICATION, CREATED).when(save(education(), AFTER)).happened(DraftSaved, DegreeLevelProposed)
    assert later.level == "master"


READY: tuple[ApplicationEvent, ...] = (
    CREATED,
    TARGETED,
    LOADED,
    ANSWERED,
    *(saved(name) for name in SECTIONS if name != "education"),
)


def submitted(*judged: ApplicationEvent, vacancy: VacancyFacts = VACANCY, **more: Any) -> list[ApplicationEvent]:
    past = [*READY, *judged]
    wish = submit(seen=len(past), vacancy=vacancy, **more)
    return [*past, *given(APPLICATION, *past).when(wish).happened(TermsAccepted, ApplicationSubmitted)]


OPEN_IN_2012 = VACANCY.model_copy(
    update={"opens_at": LAST_MOMENT - timedelta(days=20), "closes_at": LAST_MOMENT + timedelta(days=20)}
)


@pytest.mark.rule("R74")
def test_an_application_submitted_before_the_activation_stays_valid_and_as_it_was() -> None:
    past = submitted(typed(level="master"), vacancy=OPEN_IN_2012, at=LAST_MOMENT)
    sent = past[-1]
    assert isinstance(sent, ApplicationSubmitted)
    assert [known["proposed"] for known in sent.snapshot["equivalences"]] == [None]
    assert list(offers(APPLICATION.fold(past), AFTER, FIRST_MOMENT)) == []
    given(APPLICATION, *past).when(save(education(), at=FIRST_MOMENT)).refused(Conflict)
    take = TakeProposedLevel(candidate_id=ANNA, diploma_id=INSA.id, catalogue=AFTER, at=FIRST_MOMENT)
    given(APPLICATION, *past).when(take).refused(Conflict)
    considered = ChangeStatus(status=Status.UNDER_CONSIDERATION, at=FIRST_MOMENT + timedelta(days=1))
    given(APPLICATION, *past).when(considered).then(ApplicationMovedUnderConsideration(candidate_id=ANNA))


@pytest.mark.rule("R70")
@pytest.mark.rule("R74")
def test_a_correction_leaves_a_submitted_file_untouched() -> None:
    chosen = typed(level="master", level_reason="Five years")
    past = submitted(typed(), proposed(), chosen, OVERRIDDEN)
    snapshot = past[-1].snapshot  # type: ignore[union-attr]
    [known] = snapshot["equivalences"]
    assert (known["proposed"]["level"], known["chosen"], known["reason"]) == ("licence", "master", "Five years")
    take = TakeProposedLevel(candidate_id=ANNA, diploma_id=INSA.id, catalogue=AFTER)
    given(APPLICATION, *past).when(take).refused(Conflict)
    assert list(offers(APPLICATION.fold(past), AFTER, NOON)) == []


@pytest.mark.rule("R71")
@pytest.mark.rule("R73")
def test_the_file_shows_proposal_choice_and_reason_beside_each_diploma() -> None:
    chosen = typed(level="master", level_reason="Five years")
    state = APPLICATION.fold([CREATED, typed(), proposed(), chosen, OVERRIDDEN])
    blocks = blocks_of(content_of(state, VACANCY, CANDIDATE), "en", str)
    [block] = [block for block in blocks if block["name"] == "education"]
    rows = dict(block["cards"][0]["rows"])
    assert rows["Level proposed by the catalogue"] == "Bachelor (licence)"
    assert rows["Why this level is proposed"].startswith("Matched to “Diplôme d’ingénieur” (INSA Lyon)")
    assert rows["Level of the diploma"] == "National Master's degree"
    assert rows["Why this level, if it is not the one proposed"] == "Five years"


def test_a_snapshot_from_before_the_catalogue_is_read_as_it_is() -> None:
    content = content_of(APPLICATION.fold([CREATED, typed(level="master")]), VACANCY, CANDIDATE)
    del content["equivalences"]
    [block] = [block for block in blocks_of(content, "en", str) if block["name"] == "education"]
    assert "Level proposed by the catalogue" not in dict(block["cards"][0]["rows"])
