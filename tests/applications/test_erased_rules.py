"""What rules, views and mails make of an application whose personal data are erased."""

from typing import Any

import pytest

from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import (
    AddAttachment,
    ChangeStatus,
    CreateDraft,
    DiscardDraft,
    EraseFile,
    FollowVacancy,
    RemoveAttachment,
    SaveDraft,
    SubmitApplication,
    TargetVacancy,
    WithdrawApplication,
)
from services.applications.domain.steps import chosen_source, copied
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AttachmentAdded,
    Status,
)
from services.applications.projections import APPLICATION, APPLICATIONS_OF
from services.applications.reactions.mails import CANCELLATION, CONFIRMATION, STATUS
from services.identity.events import PersonalDataErased
from shared.model.errors import Gone, Invalid, NotFound
from shared.model.message import Command
from shared.model.reaction import Known, Need
from shared.model.testing import given, recorded
from tests.applications.test_projections import folded, of
from tests.applications.values import ANNA, BEN, CANDIDATE, DRAFT, OTHER, VACANCY, VACANCY_ID, file, submitted

ERASED = PersonalDataErased(goes=("file",), candidate_id=ANNA)
HISTORY = (*submitted(), ERASED)
STREAM = f"application-{DRAFT}"
WISHES: tuple[Command, ...] = (
    CreateDraft(candidate_id=ANNA, confirmed=True),
    TargetVacancy(candidate_id=ANNA, vacancy=VACANCY),
    SaveDraft(candidate_id=ANNA, section="letter", values={"letter": "Dear Sir"}),
    AddAttachment(candidate_id=ANNA, file=file()),
    RemoveAttachment(candidate_id=ANNA, attachment_id=file().id),
    DiscardDraft(candidate_id=ANNA),
    SubmitApplication(
        candidate_id=ANNA, application_id=DRAFT, seen=1, terms_accepted=True, vacancy=VACANCY, candidate=CANDIDATE
    ),
    WithdrawApplication(candidate_id=ANNA),
    ChangeStatus(status=Status.UNDER_CONSIDERATION),
    ChangeStatus(status=Status.CANCELLED),
)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
def test_every_wish_about_it_is_refused_as_gone(wish: Command) -> None:
    assert isinstance(given(RULES, *HISTORY).when(wish).refusal, Gone)


def test_somebody_else_is_not_told_that_it_was_there() -> None:
    refusal = given(RULES, *HISTORY).when(WithdrawApplication(candidate_id=BEN)).refusal
    assert isinstance(refusal, NotFound)


@pytest.mark.parametrize("state", ["open", "cancelled"])
def test_it_follows_its_vacancy_no_more_and_holds_up_nobody_who_does(state: str) -> None:
    vacancy = VACANCY.model_copy(update={"state": state, "version": 2})
    assert given(RULES, *HISTORY).when(FollowVacancy(vacancy=vacancy, reason="No budget")).accepted() == []


def test_it_is_erased_once() -> None:
    assert given(RULES, *submitted()).when(EraseFile()).accepted() == [ERASED]
    assert given(RULES, *HISTORY).when(EraseFile()).accepted() == []


def test_nothing_that_was_typed_is_left_to_be_copied() -> None:
    attached = AttachmentAdded(
        candidate_id=ANNA, attachment_id=file().id, name="AM_Diploma.pdf", content_type="application/pdf", size=9,
        sha256=file().sha256,
    )  # fmt: skip
    *before, sent = submitted()
    state = RULES.fold([*before, attached, sent, ERASED])
    assert not any((state.sections, state.attachments, state.proposals, state.overrides))
    assert state.submitted is not None
    assert (state.submitted.snapshot, state.submitted.vacancy_id, state.status) == ({}, VACANCY_ID, Status.APPLIED)
    left = copied(OTHER, DRAFT, state)
    assert (left.sections, left.files) == ({}, ())


def test_one_with_nothing_left_is_copied_neither_by_default_nor_as_the_only_one() -> None:
    assert chosen_source("", None, [DRAFT], []) is None
    assert chosen_source("copy_previous", None, [DRAFT, OTHER], [OTHER]) == OTHER
    with pytest.raises(Invalid) as refused:
        chosen_source("copy_previous", None, [DRAFT], [])
    assert [problem.field for problem in refused.value.problems] == ["start"]


def test_one_that_is_picked_although_nothing_is_left_is_looked_at_before_it_is_refused() -> None:
    assert chosen_source("copy_previous", DRAFT, [DRAFT, OTHER], [OTHER]) == DRAFT


def test_the_candidate_s_list_says_that_nothing_is_left() -> None:
    rows = folded(APPLICATIONS_OF, of(*HISTORY), ANNA)["applications"]
    assert [(row["id"], row["status"], row.get("erased")) for row in rows] == [(str(DRAFT), "applied", True)]


MAILED: tuple[tuple[Any, Any], ...] = (
    (CANCELLATION, ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")),
    (STATUS, ApplicationMovedUnderConsideration(candidate_id=ANNA)),
    (STATUS, ApplicationWithdrawn(candidate_id=ANNA)),
)


@pytest.mark.parametrize(("reaction", "event"), MAILED, ids=lambda each: getattr(each, "name", type(each).__name__))
def test_nobody_is_written_to_about_what_is_erased(reaction: Any, event: Any) -> None:
    documents = {Need(APPLICATION, str(DRAFT)): folded(APPLICATION, of(*HISTORY), DRAFT)}
    assert list(reaction.react(recorded(event, STREAM), Known(documents))) == []


def test_nobody_is_written_to_about_a_submission_whose_key_is_gone() -> None:
    *_, sent = submitted()
    assert isinstance(sent, ApplicationSubmitted)
    emptied = sent.model_copy(update={"snapshot": {}})
    assert list(CONFIRMATION.react(recorded(emptied, STREAM)._replace(erased=True), Known({}))) == []
