"""Drafts: how they begin, what may be saved in them, and that nothing in them changes once they are submitted."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import (
    AddAttachment,
    ApplicationCommand,
    CreateDraft,
    DiscardDraft,
    FollowVacancy,
    RemoveAttachment,
    SaveDraft,
    TargetVacancy,
)
from services.applications.domain.draft import MOST_BYTES
from services.applications.domain.state import Application
from services.applications.domain.steps import chosen_source, copied
from services.applications.domain.submission import fields_in
from services.applications.events import (
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    AttachmentAdded,
    AttachmentRemoved,
    DraftCreated,
    DraftDiscarded,
    DraftSaved,
    ScreeningQuestionsLoaded,
    Status,
    VacancyTargeted,
    VacancyUntargeted,
)
from services.applications.events.sections import SECTIONS as DECLARED
from shared.model.errors import Conflict, Invalid, NotFound
from shared.vocabulary.fields import Entries
from tests.applications.plain import given
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    BEN,
    CREATED,
    DEGREE,
    DRAFT,
    LOADED,
    OTHER,
    OTHER_VACANCY,
    READY,
    SECTIONS,
    TARGETED,
    VACANCY,
    YES_NO,
    file,
    saved,
    submit,
    submitted,
)

SUBMITTED = submitted()


def save(section: str, values: dict[str, Any], **more: Any) -> SaveDraft:
    return SaveDraft(candidate_id=ANNA, section=section, values=values, **more)


@pytest.mark.rule("R15")
@pytest.mark.rule("R16")
def test_a_confirmed_draft_is_created_without_any_vacancy() -> None:
    given(APPLICATION).when(CreateDraft(candidate_id=ANNA, confirmed=True)).then(CREATED)


@pytest.mark.rule("R16")
def test_without_confirmation_there_is_no_draft() -> None:
    given(APPLICATION).when(CreateDraft(candidate_id=ANNA, confirmed=False)).refused(Invalid, "confirmed")


def test_creating_twice_creates_one() -> None:
    given(APPLICATION, CREATED).when(CreateDraft(candidate_id=ANNA, confirmed=True)).then()


def test_somebody_elses_id_is_no_way_in() -> None:
    given(APPLICATION, CREATED).when(CreateDraft(candidate_id=BEN, confirmed=True)).refused(NotFound)


@pytest.mark.rule("R17")
def test_an_application_has_exactly_these_six_sections() -> None:
    labels = [section.label for section in DECLARED.values()]
    assert labels == [
        "Screening questions",
        "Preferences",
        "Education and experience",
        "Skills",
        "References",
        "Cover letter and other information",
    ]


@pytest.mark.rule("R34")
@pytest.mark.rule("R36")
def test_a_copy_carries_everything_but_answers_and_declarations_and_flags_what_is_decisive() -> None:
    source = APPLICATION.fold([*READY, added(file())])
    copy = copied(OTHER, DRAFT, source)
    created, *rest = given(APPLICATION).when(CreateDraft(candidate_id=ANNA, confirmed=True, source=copy)).events or ()
    assert created == DraftCreated(candidate_id=ANNA, source_application_id=DRAFT)
    sections = {event.section: event for event in rest if isinstance(event, DraftSaved)}
    letter = {"letter": SECTIONS["letter"]["letter"]}
    assert {name: event.values for name, event in sections.items()} == {**SECTIONS, "screening": {}, "letter": letter}
    assert [name for name, event in sections.items() if event.carried_over] == ["screening", "skills", "letter"]
    [attached] = [event for event in rest if isinstance(event, AttachmentAdded)]
    assert (attached.name, attached.sha256) == ("AM_Diploma_1.pdf", file().sha256)
    assert attached.attachment_id != file().id


@pytest.mark.rule("R36")
def test_saving_the_letter_is_the_second_look() -> None:
    copied_letter = (CREATED, saved("letter", carried_over=True))
    [event] = given(APPLICATION, *copied_letter).when(save("letter", SECTIONS["letter"])).happened(DraftSaved)
    assert APPLICATION.fold(copied_letter).carried_over == {"letter"}
    assert APPLICATION.fold([*copied_letter, event]).carried_over == frozenset()


@pytest.mark.rule("R34")
def test_the_last_created_application_is_copied_unless_another_is_picked() -> None:
    known = [OTHER, DRAFT]
    assert chosen_source("copy_previous", None, known, known) == OTHER
    assert chosen_source("", None, known, known) == OTHER
    assert chosen_source("copy_previous", DRAFT, known, known) == DRAFT
    with pytest.raises(Invalid):
        chosen_source("copy_previous", UUID(int=99), known, known)


@pytest.mark.rule("R35")
def test_blank_is_the_only_way_when_there_is_no_application() -> None:
    assert chosen_source("", None, [], []) is None
    assert chosen_source("start_blank", None, [DRAFT], [DRAFT]) is None
    with pytest.raises(Invalid):
        chosen_source("copy_previous", None, [], [])


@pytest.mark.rule("R18")
@pytest.mark.rule("R33")
def test_targeting_a_vacancy_loads_its_questions() -> None:
    before = APPLICATION.fold([CREATED])
    assert fields_in(before, "screening", "en") == ()
    given(APPLICATION, CREATED).when(TargetVacancy(candidate_id=ANNA, vacancy=VACANCY)).then(TARGETED, LOADED)
    after = APPLICATION.fold([CREATED, TARGETED, LOADED])
    assert [field.name for field in fields_in(after, "screening", "en")] == ["experience", "degree"]


def test_targeting_the_same_vacancy_again_changes_nothing() -> None:
    given(APPLICATION, CREATED, TARGETED, LOADED).when(TargetVacancy(candidate_id=ANNA, vacancy=VACANCY)).then()


@pytest.mark.rule("R18")
def test_another_vacancy_asks_anew() -> None:
    other = VACANCY.model_copy(update={"id": OTHER_VACANCY, "job_opening_number": "26-ECO-2"})
    events = given(APPLICATION, CREATED, TARGETED, LOADED, ANSWERED).when(
        TargetVacancy(candidate_id=ANNA, vacancy=other)
    )
    _, _, emptied = events.happened(VacancyTargeted, ScreeningQuestionsLoaded, DraftSaved)
    assert emptied == saved("screening", {})


@pytest.mark.rule("R18")
def test_an_amended_vacancy_keeps_answers_to_unchanged_questions_only() -> None:
    changed = DEGREE.model_copy(update={"text": {"en": "Your highest degree?"}})
    amended = VACANCY.model_copy(update={"version": 2, "questions": (YES_NO, changed)})
    outcome = given(APPLICATION, CREATED, TARGETED, LOADED, ANSWERED).when(FollowVacancy(vacancy=amended))
    _, loaded, kept = outcome.happened(VacancyTargeted, ScreeningQuestionsLoaded, DraftSaved)
    assert loaded.vacancy_version == 2
    assert kept == saved("screening", {"experience": "yes"})


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    "change",
    [
        {"source": "galaxy"},
        {"state": "cancelled"},
        {"state": "closed"},
        {"opens_at": VACANCY.closes_at},
        {"closes_at": VACANCY.opens_at},
    ],
    ids=str,
)
def test_a_vacancy_that_takes_no_applications_cannot_be_targeted(change: dict[str, Any]) -> None:
    closed = VACANCY.model_copy(update=change)
    given(APPLICATION, CREATED).when(TargetVacancy(candidate_id=ANNA, vacancy=closed)).refused(Conflict, "vacancy")


@pytest.mark.rule("R42")
def test_a_vacancy_that_was_applied_to_cannot_be_targeted_again() -> None:
    wish = TargetVacancy(candidate_id=ANNA, vacancy=VACANCY, slot_taken=True)
    given(APPLICATION, CREATED).when(wish).refused(Conflict, "vacancy")


def test_a_cancelled_vacancy_leaves_the_draft_its_text_and_no_target() -> None:
    cancelled = VACANCY.model_copy(update={"state": "cancelled"})
    given(APPLICATION, *READY).when(FollowVacancy(vacancy=cancelled)).then(
        VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY.id)
    )
    left = APPLICATION.fold([*READY, VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY.id)])
    assert left.target is None
    assert left.sections["letter"] == SECTIONS["letter"]


def test_a_cancelled_vacancy_ends_a_submitted_application_once() -> None:
    cancelled = FollowVacancy(vacancy=VACANCY.model_copy(update={"state": "cancelled"}), reason="No budget")
    ended = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")
    given(APPLICATION, *SUBMITTED).when(cancelled).then(ended)
    given(APPLICATION, *SUBMITTED, ended).when(cancelled).then()


def test_a_vacancy_that_is_not_meant_changes_nothing() -> None:
    other = VACANCY.model_copy(update={"id": OTHER_VACANCY, "state": "cancelled"})
    given(APPLICATION, *READY).when(FollowVacancy(vacancy=other)).then()
    given(APPLICATION, *SUBMITTED).when(FollowVacancy(vacancy=other)).then()


@pytest.mark.rule("R29")
def test_a_section_is_saved_as_it_was_typed_however_wrong_it_is() -> None:
    typed = {"notice": "never", "earliest_start": "31 2 2027", "travel": "", "appointments": ["?"]}
    given(APPLICATION, CREATED).when(save("preferences", typed)).then(saved("preferences", typed))


def typed_values(name: str) -> some.SearchStrategy[dict[str, Any]]:
    text = some.text(max_size=30)

    def of(field: Any) -> some.SearchStrategy[Any]:
        if isinstance(field, Entries):
            return some.lists(some.fixed_dictionaries({}, optional={f.name: text for f in field.fields}), max_size=3)
        return some.lists(text, max_size=3) if field.kind == "choices" else text

    return some.fixed_dictionaries({}, optional={field.name: of(field) for field in DECLARED[name].fields})


@pytest.mark.rule("R20")
@pytest.mark.parametrize("name", [name for name in DECLARED if name != "screening"])
@forall(data=some.data())
def test_saving_never_refuses_content_and_loses_nothing(name: str, data: some.DataObject) -> None:
    values = data.draw(typed_values(name))
    outcome = given(APPLICATION, CREATED).when(save(name, values))
    [event] = outcome.happened(DraftSaved)
    assert APPLICATION.fold([CREATED, event]).sections[name] == values


def test_saving_the_same_again_changes_nothing() -> None:
    given(APPLICATION, *READY).when(save("letter", SECTIONS["letter"], seen=0)).then()


def test_an_older_version_does_not_overwrite_a_newer_one_unseen() -> None:
    history = (CREATED, saved("letter"), saved("letter", {"letter": "newer"}))
    given(APPLICATION, *history).when(save("letter", {"letter": "mine"}, seen=1)).refused(Conflict, "letter")
    given(APPLICATION, *history).when(save("letter", {"letter": "mine"}, seen=2)).then(
        saved("letter", {"letter": "mine"})
    )


def test_an_unknown_field_or_section_is_refused() -> None:
    given(APPLICATION, CREATED).when(save("letter", {"salary": "1"})).refused(Invalid, "salary")
    given(APPLICATION, CREATED).when(save("salary", {})).refused(NotFound)
    given(APPLICATION, CREATED).when(save("screening", ANSWERS)).refused(Invalid, "experience", "degree")


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("letter", {"convicted": [{}]}, "convicted"),
        ("preferences", {"appointments": "temporary"}, "appointments"),
        ("preferences", {"appointments": [{"a": "b"}]}, "appointments"),
        ("education", {"jobs": "none"}, "jobs"),
        ("education", {"jobs": [{"title": ["x"]}]}, "jobs.0.title"),
        ("education", {"jobs": [{"salary": "1"}]}, "jobs.0.salary"),
    ],
    ids=str,
)
def test_what_no_form_could_send_is_refused(section: str, values: dict[str, Any], field: str) -> None:
    given(APPLICATION, CREATED).when(save(section, values)).refused(Invalid, field)


def test_a_section_has_an_end() -> None:
    given(APPLICATION, CREATED).when(save("letter", {"letter": "x" * MOST_BYTES})).refused(Invalid)
    given(APPLICATION, CREATED).when(save("education", {"diplomas": [{}] * 61})).refused(Invalid, "diplomas")


@pytest.mark.rule("R30")
def test_a_long_life_fits_in_any_script() -> None:
    job = {"title": "工程师", "duties": "职" * 10_000, "achievements": "成" * 10_000}
    given(APPLICATION, CREATED).when(save("education", {"jobs": [job] * 6})).happened(DraftSaved)


EDITS: tuple[ApplicationCommand, ...] = (
    save("letter", {"letter": "changed"}),
    TargetVacancy(candidate_id=ANNA, vacancy=VACANCY.model_copy(update={"id": OTHER_VACANCY})),
    AddAttachment(candidate_id=ANNA, file=file()),
    RemoveAttachment(candidate_id=ANNA, attachment_id=file().id),
    DiscardDraft(candidate_id=ANNA),
)


@pytest.mark.rule("R28")
@pytest.mark.rule("R40")
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: type(edit).__name__)
def test_after_submission_nothing_can_be_changed(edit: ApplicationCommand) -> None:
    given(APPLICATION, *SUBMITTED).when(edit).refused(Conflict)


@pytest.mark.parametrize("edit", [*EDITS, submit()], ids=lambda edit: type(edit).__name__)
def test_somebody_elses_application_does_not_exist(edit: Any) -> None:
    given(APPLICATION, *READY).when(edit.model_copy(update={"candidate_id": BEN})).refused(NotFound)


def test_a_draft_can_be_discarded_once_and_is_gone() -> None:
    given(APPLICATION, CREATED).when(DiscardDraft(candidate_id=ANNA)).then(DraftDiscarded(candidate_id=ANNA))
    aimed = DraftDiscarded(candidate_id=ANNA, vacancy_id=VACANCY.id)
    given(APPLICATION, *READY).when(DiscardDraft(candidate_id=ANNA)).then(aimed)
    gone = (CREATED, DraftDiscarded(candidate_id=ANNA))
    given(APPLICATION, *gone).when(DiscardDraft(candidate_id=ANNA)).then()
    given(APPLICATION, *gone).when(save("letter", {})).refused(NotFound)


def added(facts: Any) -> AttachmentAdded:
    return AttachmentAdded(
        candidate_id=ANNA,
        attachment_id=facts.id,
        name=facts.name,
        content_type=facts.content_type,
        size=facts.size,
        sha256=facts.sha256,
    )


def attach(**changes: Any) -> AddAttachment:
    return AddAttachment(candidate_id=ANNA, file=file(**changes))


def test_a_file_is_attached_once_and_can_be_removed() -> None:
    given(APPLICATION, CREATED).when(attach()).then(added(file()))
    given(APPLICATION, CREATED, added(file())).when(attach()).then()
    remove = RemoveAttachment(candidate_id=ANNA, attachment_id=file().id)
    removed = AttachmentRemoved(candidate_id=ANNA, attachment_id=file().id)
    given(APPLICATION, CREATED, added(file())).when(remove).then(removed)
    given(APPLICATION, CREATED, added(file()), removed).when(remove).then()


@pytest.mark.rule("R61")
def test_a_file_must_have_fewer_than_a_million_bytes() -> None:
    given(APPLICATION, CREATED).when(attach(size=999_999)).happened(AttachmentAdded)
    given(APPLICATION, CREATED).when(attach(size=1_000_000, content_type=None)).refused(Invalid, "file")


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    "name", ["Diplôme.pdf", "a b.pdf", ".hidden.pdf", "x" * 61 + ".pdf", "", "../up.pdf", "a\n.pdf", "日本.pdf"]
)
def test_a_files_name_must_be_short_and_plain(name: str) -> None:
    given(APPLICATION, CREATED).when(attach(name=name)).refused(Invalid, "file")


@pytest.mark.rule("R62")
@forall(name=some.from_regex(r"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,59}\Z").map(lambda stem: stem + ".pdf"))
def test_every_short_plain_name_is_accepted(name: str) -> None:
    given(APPLICATION, CREATED).when(attach(name=name)).happened(AttachmentAdded)


def test_a_file_must_be_what_its_name_says() -> None:
    given(APPLICATION, CREATED).when(attach(content_type=None)).refused(Invalid, "file")
    given(APPLICATION, CREATED).when(attach(content_type="image/png")).refused(Invalid, "file")
    given(APPLICATION, CREATED).when(attach(name="A.JPEG", content_type="image/jpeg")).happened(AttachmentAdded)


def test_ten_files_fit_and_no_name_twice() -> None:
    ten = [added(file(number)) for number in range(10)]
    given(APPLICATION, CREATED, *ten).when(attach(number=11)).refused(Invalid, "file")
    given(APPLICATION, CREATED, ten[0]).when(attach(number=11, name=ten[0].name.upper().replace("PDF", "pdf"))).refused(
        Invalid, "file"
    )


def test_the_revision_counts_every_change_of_a_draft() -> None:
    assert APPLICATION.fold(READY).revision == len(READY)
    assert APPLICATION.fold(SUBMITTED).revision == len(READY) + 2
    assert isinstance(SUBMITTED[-1], ApplicationSubmitted)
    assert Application().revision == 0
