"""What stands in the way of a submission, in which order it is said, and what the frozen file holds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.inputs import CandidateFacts
from services.applications.domain.slot import SLOT, slot_key
from services.applications.domain.steps import to_submit
from services.applications.domain.submission import (
    TERMS,
    blockers,
    content_of,
    content_problems,
    profile_problems,
    reference_of,
)
from services.applications.events import (
    ApplicationSubmitted,
    AttachmentRemoved,
    DraftDiscarded,
    SlotReserved,
    TermsAccepted,
    VacancyUntargeted,
)
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given
from tests.applications.degrees import INSA, education, proposed
from tests.applications.rules.streams import sentences
from tests.applications.test_draft import added
from tests.applications.values import (
    ANNA,
    ANSWERED,
    BEN,
    CANDIDATE,
    CREATED,
    DRAFT,
    LOADED,
    OTHER,
    OTHER_VACANCY,
    READY,
    REVISION,
    SECTIONS,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    file,
    saved,
    submit,
)

NOT_YET = "Your application is still being processed. Try again in a moment"
CLOSED = VACANCY.model_copy(update={"state": "closed"})
AMENDED = VACANCY.model_copy(update={"version": 2})
ELSEWHERE = VACANCY.model_copy(update={"id": OTHER_VACANCY})
UNFINISHED = CANDIDATE.model_copy(update={"complete": False, "percent": 99})
NO_ADDRESS = CANDIDATE.model_copy(update={"email": ""})


@pytest.mark.parametrize(
    ("wish", "kind", "sentence"),
    [
        (
            {"vacancy": CLOSED, "candidate": UNFINISHED, "seen": 0, "terms_accepted": False},
            Conflict,
            "The deadline of this job opening has passed",
        ),
        (
            {"candidate": UNFINISHED, "seen": 0, "terms_accepted": False},
            Invalid,
            "Your profile is 99% complete. Fill in the missing fields",
        ),
        (
            {"seen": 0, "terms_accepted": False, "candidate": NO_ADDRESS},
            Conflict,
            "The application was changed after you reviewed it. Review it again",
        ),
        ({"terms_accepted": False, "vacancy": None}, Invalid, "Accept the terms and conditions to submit"),
        ({"vacancy": None}, Conflict, NOT_YET),
        ({"candidate": NO_ADDRESS}, Conflict, NOT_YET),
        ({"vacancy": ELSEWHERE}, Conflict, NOT_YET),
    ],
    ids=["closed", "profile", "not reviewed", "terms", "unknown vacancy", "no address", "another vacancy"],
)
def test_what_stands_in_the_way_first_is_said_first(wish: dict[str, Any], kind: Any, sentence: str) -> None:
    assert sentences(given(APPLICATION, *READY).when(submit(**wish)).refused(kind)) == [sentence]


@pytest.mark.rule("R22")
def test_of_somebody_unknown_the_profile_stands_at_nothing() -> None:
    refusal = given(APPLICATION, *READY).when(submit(candidate=None)).refused(Invalid, "profile")
    assert refusal.problems[0].params == {"percent": 0}
    assert list(profile_problems(CANDIDATE)) == []
    assert [problem.params for problem in profile_problems(CandidateFacts(id=ANNA))] == [{"percent": 0}]


@pytest.mark.parametrize("version", [1, 3])
def test_a_vacancy_that_reads_otherwise_than_the_draft_knows_it_is_read_again(version: int) -> None:
    second = (CREATED, TARGETED.model_copy(update={"vacancy_version": 2}), *READY[2:])
    otherwise = submit(vacancy=VACANCY.model_copy(update={"version": version}))
    assert sentences(given(APPLICATION, *second).when(otherwise).refused(Invalid, "vacancy")) == [
        "The job opening was amended. Read it and its questions again"
    ]
    given(APPLICATION, *second).when(submit(vacancy=AMENDED)).happened(TermsAccepted, ApplicationSubmitted)


@pytest.mark.rule("R45")
def test_a_submission_begins_to_count_with_the_vacancy() -> None:
    first = submit(at=VACANCY.opens_at)
    given(APPLICATION, *READY).when(first).happened(TermsAccepted, ApplicationSubmitted)
    given(APPLICATION, *READY).when(submit(at=VACANCY.opens_at - timedelta(seconds=1))).refused(Conflict, "vacancy")


@pytest.mark.rule("R45")
def test_an_extension_lets_a_late_application_in() -> None:
    late = VACANCY.closes_at + timedelta(hours=1)
    extended = VACANCY.model_copy(update={"closes_at": late})
    given(APPLICATION, *READY).when(submit(at=late)).refused(Conflict, "vacancy")
    given(APPLICATION, *READY).when(submit(at=late, vacancy=extended)).happened(TermsAccepted, ApplicationSubmitted)


def test_what_is_gone_is_not_submitted() -> None:
    given(APPLICATION, *READY, DraftDiscarded(candidate_id=ANNA)).when(submit()).refused(Conflict)
    given(APPLICATION).when(submit()).refused(NotFound)
    given(APPLICATION, *READY).when(submit(candidate_id=BEN)).refused(NotFound)


@pytest.mark.rule("R29")
def test_an_empty_draft_is_told_everything_in_the_order_of_the_form() -> None:
    problems = list(blockers(APPLICATION.fold([CREATED]), None, None, NOON))
    assert [problem.field for problem in problems[:2]] == ["vacancy", "profile"]
    assert str(problems[0]) == "Choose the job opening that you apply for"
    named = [problem.field.partition(".")[0] for problem in problems[2:]]
    assert list(dict.fromkeys(named)) == ["preferences", "education", "skills", "references", "letter"]
    assert named == sorted(named, key=list(SECTIONS).index)


@pytest.mark.rule("R18")
def test_a_question_that_lacks_its_answer_is_named_in_the_readers_language() -> None:
    state = APPLICATION.fold([*READY, saved("screening", {"degree": "master"})])
    [english], [french] = (list(content_problems(state, NOON.date(), language)) for language in ("en", "fr"))
    assert (english.field, str(english.params["label"])) == ("screening.experience", "Five years?")
    assert str(french.params["label"]) == "Cinq ans ?"


@pytest.mark.rule("R18")
def test_a_draft_that_lost_its_vacancy_lacks_the_vacancy_and_no_answer() -> None:
    lost = (*READY[:3], *READY[4:], VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID))
    refusal = given(APPLICATION, *lost).when(submit(seen=len(lost))).refused(Invalid, "vacancy")
    assert sentences(refusal) == ["Choose the job opening that you apply for"]


def test_the_day_of_the_submission_is_no_future() -> None:
    today = education(ended_on="", obtained_on=NOON.date().isoformat(), level="master")
    past = (*READY, saved("education", today))
    given(APPLICATION, *past).when(submit(seen=REVISION + 1)).happened(TermsAccepted, ApplicationSubmitted)
    early = submit(seen=REVISION + 1, at=NOON - timedelta(days=1))
    given(APPLICATION, *past).when(early).refused(Invalid, "education.diplomas.0.obtained_on")


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    "later",
    [
        (added(file()),),
        (added(file()), AttachmentRemoved(candidate_id=ANNA, attachment_id=file().id)),
        (ANSWERED,),
    ],
    ids=["a file more", "a file that went again", "saved again"],
)
def test_every_change_after_the_review_wants_another_review(later: tuple[Any, ...]) -> None:
    given(APPLICATION, *READY, *later).when(submit()).refused(Conflict)
    given(APPLICATION, *READY, *later).when(submit(seen=REVISION + len(later))).happened(
        TermsAccepted, ApplicationSubmitted
    )


@pytest.mark.rule("R39")
def test_which_terms_were_accepted_is_kept() -> None:
    accepted, _ = given(APPLICATION, *READY).when(submit()).happened(TermsAccepted, ApplicationSubmitted)
    assert accepted == TermsAccepted(candidate_id=ANNA, terms=TERMS)


def sent(*later: Any, **more: Any) -> ApplicationSubmitted:
    past = (*READY, *later)
    wish = submit(seen=len(past), **more)
    last: ApplicationSubmitted = given(APPLICATION, *past).when(wish).happened(TermsAccepted, ApplicationSubmitted)[-1]
    return last


@pytest.mark.rule("R40")
def test_the_frozen_file_holds_who_applied_for_what_and_when() -> None:
    snapshot = sent(added(file())).snapshot
    assert snapshot["candidate"] == {
        "id": str(ANNA),
        "user_code": "AMULLER1",
        "title": "ms",
        "given_names": "Anna",
        "family_name": "Müller",
        "email": "anna@example.org",
    }
    assert snapshot["vacancy"] == {
        "id": str(VACANCY_ID),
        "job_opening_number": "26-ECO-1",
        "title": "Economist",
        "language": "en",
        "version": 1,
        "closes_at": "2026-12-01T04:59:59Z",
    }
    assert [question["id"] for question in snapshot["questions"]] == ["experience", "degree"]
    assert snapshot["language"] == "fr"
    assert snapshot["attachments"] == [
        {
            "attachment_id": str(file().id),
            "name": "AM_Diploma_1.pdf",
            "content_type": "application/pdf",
            "size": 12_345,
            "sha256": "ab" * 32,
        }
    ]


@pytest.mark.rule("R71")
def test_the_frozen_file_holds_the_level_of_each_diploma() -> None:
    [known] = sent(saved("education", education()), proposed()).snapshot["equivalences"]
    assert known == {
        "id": str(INSA.id),
        "proposed": {
            "level": "licence",
            "entry_id": "fr-insa-lyon-ingenieur",
            "found_as": "Diplôme d’ingénieur",
            "institution": "INSA Lyon",
            "country": "FR",
        },
        "chosen": "licence",
        "reason": "",
    }


def test_a_frozen_file_is_the_same_once_it_was_stored() -> None:
    snapshot = sent(added(file())).snapshot
    assert orjson.loads(orjson.dumps(snapshot)) == snapshot


def test_of_an_empty_draft_the_file_has_every_part_and_nothing_in_it() -> None:
    content = content_of(APPLICATION.fold([CREATED]), None, None)
    assert content["sections"] == {name: {} for name in ("screening", *SECTIONS)}
    assert (content["vacancy"], content["questions"], content["attachments"], content["profile"]) == (None, [], [], {})
    assert (content["candidate"]["id"], content["candidate"]["email"]) == (str(ANNA), "")


def test_questions_of_a_lost_vacancy_are_not_in_the_file() -> None:
    lost = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    assert content_of(APPLICATION.fold([CREATED, TARGETED, LOADED, lost]), None, CANDIDATE)["questions"] == []


MOMENTS = some.datetimes(timezones=some.just(UTC)).filter(lambda at: at.year >= 2000)


@forall(application=some.uuids(), other=some.uuids(), at=MOMENTS)
def test_a_reference_is_the_year_and_twelve_signs_that_nobody_misreads(
    application: UUID, other: UUID, at: datetime
) -> None:
    reference = reference_of(application, at)
    year, *groups = reference.split("-")
    assert (year, [len(group) for group in groups]) == (str(at.year), [4, 4, 4])
    assert set("".join(groups)) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert (reference_of(other, at) == reference) == (other == application)


def test_references_that_were_given_stay_what_they_are() -> None:
    assert reference_of(DRAFT, NOON) == "2026-MEC4-TGZH-WVWQ"
    assert reference_of(DRAFT, NOON.replace(year=2027)) == "2027-MEC4-TGZH-WVWQ"
    assert reference_of(OTHER, NOON)[5:] != reference_of(DRAFT, NOON)[5:]


@pytest.mark.rule("R42")
@pytest.mark.rule("R44")
def test_the_slots_of_all_notices_that_were_vacancies_of_their_own_are_taken() -> None:
    whole = VACANCY.model_copy(update={"absorbed": (OTHER_VACANCY,)}).model_dump(mode="json")
    wishes = to_submit(DRAFT, ANNA, REVISION, terms_accepted=True, vacancy=whole, candidate=None)
    steps = [step for step in wishes if step.decider is SLOT]
    assert [step.key for step in steps] == [slot_key(ANNA, VACANCY_ID), slot_key(ANNA, OTHER_VACANCY)]
    for step in steps:
        taken = SlotReserved(candidate_id=ANNA, vacancy_id=VACANCY_ID, application_id=OTHER)
        given(SLOT, taken).when(step.command).refused(Conflict, "vacancy")
