"""One opening is one vacancy: notices in several languages are its translations (R42, R44)."""

from functools import reduce
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.applications.events import ApplicationSubmitted
from services.identity.events import AccountClosed
from services.vacancies.domain import VACANCY, MergeVacancy, PublishVacancy, Vacancy, vacancy_id
from services.vacancies.domain.commands import CancelVacancy
from services.vacancies.domain.openings import Opening, merging, opening_of, places_of
from services.vacancies.domain.vacancy import VACANCIES as NAMESPACE
from services.vacancies.events import (
    Choice,
    Question,
    Translation,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyMerged,
    VacancyPublished,
    in_language,
    notice_of,
)
from services.vacancies.projections import APPLIED
from services.vacancies.reactions import CANCEL_ABSORBED
from shared.model.errors import Conflict, Invalid
from shared.model.reaction import Do, Known
from shared.model.testing import NOON, given, recorded
from shared.vocabulary.search import Criteria, matches
from tests.vacancies.values import LATER, amend, found, publish, published, shown

pytestmark = [pytest.mark.rule("R42")]

FRENCH: dict[str, Any] = {
    "language": "fr", "title": "Économiste", "job_title": "Spécialiste", "description": "<p>Analyse la dette.</p>",
}  # fmt: skip
NOTICE = Translation(**FRENCH)
ASKED_IN_FRENCH = (
    Question(id="experience", type="yes_no", text={"fr": "Cinq ans ?"}, eliminatory=True),
    Question(
        id="degree", type="single", text={"fr": "Votre diplôme ?"},
        options=(Choice(value="master", text={"fr": "Master"}), Choice(value="other", text={"fr": "Autre"})),
    ),
)  # fmt: skip


def in_french(**changes: Any) -> PublishVacancy:
    return publish(**{**FRENCH, "questions": ASKED_IN_FRENCH, **changes})


def amended(*past: Any, **changes: Any) -> VacancyAmended:
    [event] = given(VACANCY, published(), *past).when(in_french(**changes)).happened(VacancyAmended)
    assert isinstance(event, VacancyAmended)
    return event


def test_a_second_language_is_added_and_nothing_else_changes() -> None:
    event = amended()
    assert event.translations == (NOTICE,)
    assert (event.title, event.language, event.version) == (published().title, "en", 1)
    experience, degree = event.questions
    assert experience.text == {"en": "Five years?", "fr": "Cinq ans ?"}
    assert [option.text for option in degree.options] == [
        {"en": "Master's", "fr": "Master"}, {"en": "Another", "fr": "Autre"},
    ]  # fmt: skip
    given(VACANCY, published(), event).when(in_french()).then()
    given(VACANCY, published(), event).when(publish()).then()


def test_both_come_together_or_one_after_the_other() -> None:
    together = publish(translations=(NOTICE,))
    [event] = given(VACANCY).when(together).happened(VacancyPublished)
    assert isinstance(event, VacancyPublished)
    assert [notice.language for notice in event.notices] == ["en", "fr"]
    given(VACANCY, event).when(together).then()
    given(VACANCY, event).when(publish()).then()
    [later] = given(VACANCY, published()).when(together).happened(VacancyAmended)
    assert isinstance(later, VacancyAmended)
    assert later.notices == event.notices


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"level": "P-4"}, "category|level"),
        ({"questions": ()}, "questions"),
        ({"questions": ASKED_IN_FRENCH[:1]}, "questions"),
        ({"department": "OCHA", "recruitment_type": "Temporaire"}, "department"),
    ],
)
def test_another_language_with_other_facts_is_a_conflict_that_names_them(changes: dict[str, Any], parts: str) -> None:
    command = in_french(**{"questions": ASKED_IN_FRENCH, **changes})
    refusal = given(VACANCY, published()).when(command).refused(Conflict, "job_opening_number")
    assert any(part in str(refusal) for part in parts.split("|"))


def test_a_language_that_is_known_is_amended_and_not_published_again() -> None:
    given(VACANCY, published(), amended()).when(in_french(title="Autre")).refused(Conflict, "job_opening_number")


def test_one_more_language_is_also_told_of_a_vacancy_that_is_over() -> None:
    assert amended(VacancyClosed()).translations == (NOTICE,)
    assert amended(VacancyCancelled()).translations == (NOTICE,)


def test_an_amendment_changes_one_language_and_the_facts_and_leaves_the_others() -> None:
    known = (published(), amended())
    [event] = given(VACANCY, *known).when(amend(title="Chief")).happened(VacancyAmended)
    assert isinstance(event, VacancyAmended)
    assert (event.title, event.translations, event.version) == ("Chief", (NOTICE,), 2)
    assert event.questions == known[1].questions, "with their French texts"
    words = {**FRENCH, "title": "Économiste principale"}
    [event] = given(VACANCY, *known).when(amend(**words, questions=ASKED_IN_FRENCH)).happened(VacancyAmended)
    assert isinstance(event, VacancyAmended)
    assert (event.title, event.translations[0].title) == (published().title, "Économiste principale")
    assert (event.version, event.duty_stations) == (2, known[1].duty_stations)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "translations.0.title"),
        ({"description": "<p></p>"}, "translations.0.description"),
        ({"language": "en"}, "translations"),
    ],
)
def test_a_translation_is_a_notice_too(changes: dict[str, Any], field: str) -> None:
    notice = NOTICE.model_copy(update=changes)
    given(VACANCY).when(publish(translations=(notice,))).refused(Invalid, field)


def test_it_is_found_by_the_words_of_either_language_but_not_by_words_of_both() -> None:
    notice = notice_of(amended())
    for keywords, expected in (("dette", True), ("debt", True), ("debt dette", False), ("genève", True)):
        assert matches(Criteria(keywords=keywords), notice) == expected, keywords
    for languages, expected in ((("fr",), True), (("en", "fr"), True), ((), True)):
        assert matches(Criteria(languages=languages), notice) == expected
    assert not matches(Criteria(languages=("fr",)), notice_of(published()))


def test_documents_hold_every_language_and_show_the_reader_s() -> None:
    document = shown(published(), amended())
    assert in_language(document, "fr")["title"] == "Économiste"
    assert in_language(document, "fr")["language"] == "fr"
    assert in_language(document, "en") == in_language(document, "de") == document
    result = found(published(), amended())
    assert result["translations"] == [{"language": "fr", "title": "Économiste"}]
    assert result["translated"]["fr"]["heading"] == "econom"
    assert result["facets"]["languages"] == ["en", "fr"]


OLD = [uuid5(NAMESPACE, f"26-eco-desa-1(x)/{language}") for language in ("en", "fr")]
NUMBER = "26-ECO-DESA-1 (X)"


def state(*events: Any) -> Vacancy:
    return VACANCY.fold(events)


def opening(known: dict[UUID, Vacancy], language: Any = "en") -> Opening:
    return opening_of(NUMBER, language, lambda key: known.get(key, Vacancy()))


def test_a_new_opening_has_the_id_of_its_number() -> None:
    assert places_of(NUMBER) == (vacancy_id(NUMBER), *OLD)
    assert opening({}) == (vacancy_id(NUMBER), Vacancy(), ())


def test_notices_that_were_two_vacancies_become_one() -> None:
    french = published(**FRENCH, questions=ASKED_IN_FRENCH)
    twins = {OLD[0]: state(published()), OLD[1]: state(french)}
    assert [opening(twins, language).key for language in ("en", "fr")] == [OLD[0], OLD[0]]
    (first, words), (second, end) = merging(opening(twins))
    assert (first, second) == (OLD[0], OLD[1])
    [event] = given(VACANCY, published()).when(words).happened(VacancyAmended)
    assert isinstance(event, VacancyAmended)
    assert (event.translations[0].title, event.version) == ("Économiste", 1)
    assert event.questions[0].text == {"en": "Five years?", "fr": "Cinq ans ?"}
    assert event.absorbed == (OLD[1],)
    assert given(VACANCY, published(), event).when(amend(title="Chief")).happened(VacancyAmended)[0].absorbed == (
        OLD[1],
    )
    assert (shown(published(), event)["absorbed"], found(published(), event)["absorbed"]) == ([str(OLD[1])],) * 2
    [gone] = given(VACANCY, french).when(end).happened(VacancyMerged)
    assert gone == VacancyMerged(into=OLD[0])
    after = {OLD[0]: state(published(), event), OLD[1]: state(french, gone)}
    assert opening(after, "fr") == (OLD[0], after[OLD[0]], ())
    given(VACANCY, french, gone).when(MergeVacancy(into=OLD[0])).then()


@pytest.mark.parametrize("apart", [VacancyClosed(), VacancyCancelled(), LATER])
def test_notices_that_stand_differently_stay_apart(apart: Any) -> None:
    twins = {OLD[0]: state(published(), apart), OLD[1]: state(published(**FRENCH, questions=ASKED_IN_FRENCH))}
    assert [*merging(opening(twins))] == []
    assert {opening(twins, language).key for language in ("en", "fr")} == {*OLD}


def test_a_merged_notice_is_found_no_more_and_knows_where() -> None:
    gone = VacancyMerged(into=OLD[0])
    assert found(published(), gone) is None
    assert shown(published(), gone)["merged_into"] == str(OLD[0])
    assert state(published(), gone).merged_into == OLD[0]


@pytest.mark.rule("R44")
def test_whoever_applied_to_what_is_part_of_a_cancelled_vacancy_learns_it() -> None:
    [event] = given(VACANCY, published()).when(amend(absorbs=OLD[1])).happened(VacancyAmended)
    whole = given(VACANCY, published(), event)
    [ended] = whole.when(CancelVacancy(reason="No funds", at=NOON)).happened(VacancyCancelled)
    assert ended.absorbed == (OLD[1],)
    [step] = CANCEL_ABSORBED.react(recorded(ended, "vacancy-whole"), Known({}))
    assert isinstance(step, Do)
    assert (step.key, step.command) == (str(OLD[1]), CancelVacancy(reason="No funds"))


def submitted_for(vacancy: UUID) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        candidate_id=OLD[0], vacancy_id=vacancy, job_opening_number=NUMBER, title="x", reference="x", snapshot={}
    )


@pytest.mark.parametrize("late", [True, False])
def test_nothing_is_kept_of_whoever_has_closed_their_account_in_whichever_order_it_is_heard(late: bool) -> None:
    applied = recorded(submitted_for(OLD[1]), "application-a")
    assert APPLIED.keys(applied) == (str(OLD[0]),)
    document = APPLIED.evolve(None, applied)
    assert document
    assert document["vacancies"][str(OLD[1])]["application_id"] == "a"
    closed = recorded(AccountClosed(), f"account-{OLD[0]}")
    assert APPLIED.keys(closed) == APPLIED.keys(applied)
    events = [closed, applied] if late else [applied, closed]
    assert reduce(APPLIED.evolve, events, None) == {"vacancies": {}, "closed": True}
