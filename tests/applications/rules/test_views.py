"""Views event by event: what each changes, what is foreign to them, and that they agree with the rules."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import (
    ChangeStatus,
    FollowVacancy,
    RemoveAttachment,
    TargetVacancy,
    WithdrawApplication,
)
from services.applications.domain.state import restored
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    AttachmentRemoved,
    DraftCreated,
    DraftDiscarded,
    Status,
    TermsAccepted,
    VacancyUntargeted,
)
from services.applications.projections import (
    APPLICATION,
    APPLICATIONS_OF,
    FOLLOWERS,
)
from services.identity.events import AccountClosed, EmailVerified
from services.profile.events import (
    ContactDetailsSaved,
    EducationSaved,
    FamilySituationSaved,
    NationalityResidenceSaved,
    ProfileBecameIncomplete,
    ProfileCompleted,
    ProfileCompletenessChanged,
    SkillsSaved,
    UnEmploymentSaved,
)
from services.vacancies.events import DeadlineExtended, VacancyAmended, VacancyCancelled, VacancyClosed
from shared.model.parts import part_of, parts_of
from shared.model.testing import NOON, given, history
from tests.applications.degrees import education
from tests.applications.test_draft import added, attach, save
from tests.applications.test_levels import save as save_education
from tests.applications.test_projections import REGISTERED, folded, known, notice, of, vacancy
from tests.applications.values import (
    ANNA,
    BEN,
    CREATED,
    DRAFT,
    LOADED,
    OTHER,
    OTHER_VACANCY,
    READY,
    TARGETED,
    VACANCY_ID,
    file,
    saved,
    submit,
    submitted,
)
from tests.applications.values import (
    VACANCY as OPENING,
)

SUBMITTED = submitted()
LOST = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
MOVED = ApplicationMovedUnderConsideration(candidate_id=ANNA)


def application(*events: Any) -> Any:
    return folded(APPLICATION, of(*events), DRAFT)


def minute(number: int) -> str:
    """When the event with this number happened."""
    return (NOON + timedelta(minutes=number - 1)).isoformat()


def wishes() -> some.SearchStrategy[list[Any]]:
    other = OPENING.model_copy(update={"id": OTHER_VACANCY})
    return some.lists(
        some.sampled_from(
            [
                save("letter", {"letter": "Madam"}),
                save("letter", {}),
                save_education(education(level="master")),
                save_education(education(level="licence")),
                attach(),
                attach(number=2),
                RemoveAttachment(candidate_id=ANNA, attachment_id=file().id),
                TargetVacancy(candidate_id=ANNA, vacancy=other),
                TargetVacancy(candidate_id=ANNA, vacancy=OPENING),
                FollowVacancy(vacancy=OPENING.model_copy(update={"version": 2, "questions": ()})),
                FollowVacancy(vacancy=OPENING.model_copy(update={"state": "cancelled"})),
                submit(),
                submit(seen=len(READY) + 1),
                WithdrawApplication(candidate_id=ANNA),
                ChangeStatus(status=Status.UNDER_CONSIDERATION),
                ChangeStatus(status=Status.ROSTERED),
            ]
        ),
        max_size=8,
    )


@forall(commands=wishes())
def test_whatever_happens_the_view_is_what_the_rules_know(commands: list[Any]) -> None:
    events: list[Any] = list(READY)
    for command in commands:
        events += given(RULES, *events).when(command).events or ()
    document, state = application(*events), RULES.fold(events)
    assert restored(document) == state
    assert document["timeline"][-1]["status"] == document["status"] == state.status
    [row] = folded(APPLICATIONS_OF, of(*events), ANNA)["applications"]
    assert (row["status"], row["job_opening_number"]) == (
        state.status,
        state.target.job_opening_number if state.target else "",
    )


@pytest.mark.rule("R26")
def test_when_a_draft_was_saved_last_moves_with_its_edits_and_stands_still_after_submission() -> None:
    draft = (CREATED, saved("letter"), added(file()))
    assert (application(*draft)["created_at"], application(*draft)["saved_at"]) == (minute(1), minute(3))
    sent = application(*SUBMITTED, MOVED)
    assert sent["saved_at"] == minute(len(SUBMITTED))
    assert [step["at"] for step in sent["timeline"]] == [minute(1), minute(len(SUBMITTED)), minute(len(SUBMITTED) + 1)]


def test_terms_are_no_status() -> None:
    accepted = TermsAccepted(candidate_id=ANNA, terms="2026-01")
    before, after = application(*READY), application(*READY, accepted)
    assert (after["status"], after["timeline"]) == (before["status"], before["timeline"])
    assert after["revision"] == before["revision"] + 1


def test_which_vacancy_was_lost_is_told_until_another_is_chosen() -> None:
    assert application(CREATED, TARGETED, LOADED).get("lost") is None
    lost = application(CREATED, TARGETED, LOADED, LOST)
    assert (lost["target"], lost["lost"]["job_opening_number"]) == (None, "26-ECO-1")
    assert application(CREATED, TARGETED, LOADED, LOST, TARGETED)["lost"] is None


def test_a_removed_file_is_shown_no_more_and_the_others_keep_their_order() -> None:
    removed = AttachmentRemoved(candidate_id=ANNA, attachment_id=file(2).id)
    shown = application(CREATED, *(added(file(number)) for number in (3, 2, 1)), removed)["attachments"]
    assert [one["name"] for one in shown] == ["AM_Diploma_3.pdf", "AM_Diploma_1.pdf"]


def test_what_comes_before_the_creation_or_after_the_end_shows_nothing() -> None:
    gone = DraftDiscarded(candidate_id=ANNA)
    for stray in (saved("letter"), MOVED, gone):
        assert application(stray) is None
        assert application(CREATED, gone, stray) is None


def test_documents_of_an_earlier_version_without_levels_or_a_lost_vacancy_are_read_and_carried_on() -> None:
    old = {key: value for key, value in application(CREATED).items() if key not in ("proposals", "overrides", "lost")}
    assert restored(old) == RULES.fold([CREATED])
    [_, later] = of(CREATED, saved("education"))
    after = APPLICATION.evolve(old, later)  # type: ignore[arg-type]
    assert after
    assert (after["proposals"], after["overrides"]) == ({}, {})


def listed(*streams: Sequence[Any], who: UUID = ANNA) -> Any:
    return folded(APPLICATIONS_OF, [event for stream in streams for event in stream], who)["applications"]


@pytest.mark.rule("R53")
def test_the_list_of_a_candidate_holds_nothing_of_anybody_elses() -> None:
    hers, his = of(CREATED), history(f"application-{OTHER}", DraftCreated(candidate_id=BEN))
    assert [row["id"] for row in listed(hers, his)] == [str(DRAFT)]
    assert [row["id"] for row in listed(hers, his, who=BEN)] == [str(OTHER)]


@pytest.mark.rule("R53")
def test_of_two_created_in_the_same_moment_the_order_is_always_the_same() -> None:
    one, two = of(CREATED), of(CREATED, key=OTHER)
    assert (
        [row["id"] for row in listed(one, two)] == [row["id"] for row in listed(two, one)] == [str(OTHER), str(DRAFT)]
    )


@pytest.mark.rule("R26")
@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    ("later", "status"),
    [
        ((), "applied"),
        ((MOVED,), "under_consideration"),
        ((ApplicationWithdrawn(candidate_id=ANNA),), "withdrawn"),
        (
            (MOVED, ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.FILLED_FROM_ROSTER)),
            "filled_from_roster",
        ),
    ],
)
def test_the_list_shows_the_status_and_when_it_was_submitted(later: tuple[Any, ...], status: str) -> None:
    [row] = listed(of(*SUBMITTED, *later))
    assert (row["status"], row["created_at"], row["submitted_at"]) == (status, minute(1), minute(len(SUBMITTED)))


def test_the_list_names_the_vacancy_only_while_the_draft_is_meant_for_it() -> None:
    [row] = listed(of(CREATED, TARGETED))
    assert (row["job_opening_number"], row["title"]) == ("26-ECO-1", "Economist")
    [row] = listed(of(CREATED, TARGETED, LOST))
    assert (row["job_opening_number"], row["title"]) == ("", "")


def test_what_is_told_of_an_unlisted_application_adds_no_row() -> None:
    assert listed(of(TARGETED, MOVED)) == []
    assert [row["id"] for row in listed(of(CREATED), of(DraftDiscarded(candidate_id=ANNA), key=OTHER))] == [str(DRAFT)]


@forall(application_id=some.uuids(), vacancy_id=some.uuids())
def test_every_application_stands_in_one_of_its_vacancys_parts(application_id: UUID, vacancy_id: UUID) -> None:
    assert part_of(vacancy_id, application_id) in parts_of(vacancy_id)


def test_an_application_that_was_aimed_elsewhere_still_hears_of_the_first_vacancy() -> None:
    aimed = of(CREATED, TARGETED, TARGETED.model_copy(update={"vacancy_id": OTHER_VACANCY}))
    for opening in (VACANCY_ID, OTHER_VACANCY):
        assert folded(FOLLOWERS, aimed, part_of(opening, DRAFT)) == {"applications": [str(DRAFT)]}
    assert folded(FOLLOWERS, aimed, part_of(UUID(int=0xB9), DRAFT)) is None


SAVES = {
    "contact": ContactDetailsSaved(candidate_id=ANNA, values={"phone": "+33 1 23 45 67 89"}),
    "un_employment": UnEmploymentSaved(candidate_id=ANNA, values={"ever_employed": "no"}),
    "family": FamilySituationSaved(candidate_id=ANNA, values={"marital_status": "single"}),
    "nationality": NationalityResidenceSaved(candidate_id=ANNA, values={"nationality": "FR"}),
}


@forall(order=some.permutations(list(SAVES)))
def test_each_tab_of_the_profile_is_learnt_in_any_order(order: list[str]) -> None:
    events = [SAVES[name] for name in order]
    expected = {name: event.values for name, event in SAVES.items()}
    assert known(*events, REGISTERED)["profile"] == known(REGISTERED, *events)["profile"] == expected


def test_the_cv_is_learnt_beside_the_profile_and_goes_with_it() -> None:
    kept = [
        SkillsSaved(candidate_id=ANNA, values={"mother_tongue": "fr"}),
        EducationSaved(candidate_id=ANNA, values={}),
    ]
    learnt = known(REGISTERED, *kept, SAVES["family"])
    assert (learnt["cv"], [*learnt["profile"]]) == ({"skills": {"mother_tongue": "fr"}, "education": {}}, ["family"])
    assert known(REGISTERED, *kept, AccountClosed()) is None


def test_of_somebody_of_whom_only_the_profile_is_known_nothing_else_is_made_up() -> None:
    learnt = known(ProfileCompletenessChanged(candidate_id=ANNA, percent=40))
    assert (learnt["id"], learnt["email"], learnt["language"], learnt["percent"]) == (str(ANNA), "", "en", 40)
    assert (learnt["complete"], learnt["missing"], learnt["profile"]) == (False, [], {})


def test_a_complete_profile_lacks_nothing_any_more() -> None:
    lacking = ProfileBecameIncomplete(candidate_id=ANNA, missing=("family.relatives",))
    facts = known(REGISTERED, lacking, ProfileCompleted(candidate_id=ANNA))
    assert (facts["complete"], facts["percent"], facts["missing"]) == (True, 100, [])


def test_a_verified_address_changes_nothing_else_of_a_candidate() -> None:
    before, after = known(REGISTERED), known(REGISTERED, EmailVerified(email="new@example.org"))
    assert after == {**before, "email": "new@example.org"}
    assert (before["birth_date"], before["language"]) == (date(1990, 11, 23).isoformat(), "fr")
    assert known(REGISTERED, SAVES["family"], AccountClosed()) is None


@pytest.mark.parametrize("stray", [DeadlineExtended(closes_at=NOON), VacancyClosed(), VacancyCancelled()])
def test_a_vacancy_that_was_never_published_is_not_known(stray: Any) -> None:
    assert vacancy(stray) is None


def test_a_vacancy_keeps_its_end_and_its_reason_whatever_is_said_of_it_later() -> None:
    ended = vacancy(notice(), VacancyCancelled(reason="No budget"))
    assert (ended["state"], ended["reason"]) == ("cancelled", "No budget")
    assert vacancy(notice(), VacancyClosed(), notice(VacancyAmended, version=2))["state"] == "closed"


def test_an_extended_vacancy_is_open_until_its_new_deadline() -> None:
    later = NOON + timedelta(days=90)
    extended = vacancy(notice(), DeadlineExtended(closes_at=later))
    assert (extended["closes_at"], extended["state"]) == (later.isoformat(), "open")
