"""What may happen to a vacancy, and what a notice must say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.vacancies.domain import (
    VACANCY,
    CancelVacancy,
    CloseVacancy,
    ExtendDeadline,
    VacancyCommand,
    vacancy_id,
)
from services.vacancies.domain.days import clock_change, closing, day_of, opening
from services.vacancies.events import (
    NEW_YORK,
    Choice,
    DeadlineExtended,
    DutyStation,
    Question,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    VacancyPublished,
    publisher_of,
)
from shared.model.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from shared.model.testing import NOON, given, history
from shared.vocabulary.permissions import Owners
from tests.vacancies.values import DEGREE, YES_NO, amend, galaxy, publish, published


def listed() -> list[VacancyEvent]:
    return given(VACANCY).when(galaxy()).happened(VacancyPublished)


def test_a_published_notice_is_completed_from_our_lists() -> None:
    notice = published()
    assert (notice.network, notice.category, notice.source) == ("DEVNET", "PD", "inspira")
    assert notice.duty_stations == (DutyStation(code="GENEVA", description="Geneva"),)
    assert notice.version == 1


def test_a_french_notice_names_its_duty_station_in_french() -> None:
    questions = (YES_NO.model_copy(update={"text": {"fr": "Cinq ans ?"}}),)
    [notice] = given(VACANCY).when(publish(language="fr", questions=questions)).happened(VacancyPublished)
    assert notice.duty_stations[0].description == "Genève"


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 3, 7), "2026-03-08T04:59:59Z"),  # the night in which clocks go forward
        (date(2026, 3, 8), "2026-03-09T03:59:59Z"),
        (date(2026, 10, 31), "2026-11-01T03:59:59Z"),  # the night in which they go back
        (date(2026, 11, 1), "2026-11-02T04:59:59Z"),
    ],
)
def test_a_notice_closes_at_the_last_second_of_a_new_york_day(day: date, instant: str) -> None:
    assert closing(day) == datetime.fromisoformat(instant)


@pytest.mark.rule("R45")
@forall(st.dates(date(1970, 1, 1), date(2099, 12, 31)))
def test_every_deadline_is_the_last_second_of_its_day(day: date) -> None:
    last = closing(day)
    assert day_of(last) == day
    assert day_of(last + timedelta(seconds=1)) == day + timedelta(days=1)


def test_clock_changes_are_found_in_order() -> None:
    assert clock_change(date(2026, 1, 1)) == date(2026, 3, 8)
    assert clock_change(date(2026, 3, 8)) == date(2026, 11, 1)
    assert clock_change(date(2026, 1, 1), 2) == date(2026, 11, 1)


def test_a_notice_opens_when_its_day_begins_or_now_if_it_has_not_begun() -> None:
    assert opening(date(2026, 11, 20), NOON) == datetime(2026, 11, 20, tzinfo=NEW_YORK).astimezone(UTC)
    assert opening(date(2026, 11, 24), NOON) == NOON


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"job_opening_number": "  "}, ["job_opening_number"]),
        ({"job_opening_number": "1\n2"}, ["job_opening_number"]),
        ({"title": ""}, ["title"]),
        ({"description": "<p> </p>"}, ["description"]),
        ({"title": "x" * 301}, ["title"]),
        ({"family": "XXX"}, ["family"]),
        ({"family": "XXX", "network": "DEVNET"}, ["family"]),
        ({"network": "LOGNET"}, ["network"]),
        ({"level": "P-9"}, ["level"]),
        ({"category": "G"}, ["category"]),
        ({"category": "Z"}, ["category"]),
        ({"department": ""}, ["department"]),
        ({"duty_stations": ()}, ["duty_stations"]),
        ({"duty_stations": (DutyStation(code="ATLANTIS"),)}, ["duty_stations.0.code"]),
        ({"duty_stations": (DutyStation(code="ROME"),) * 2}, ["duty_stations"]),
        ({"opens_on": date(2026, 11, 25)}, ["opens_on"]),
        ({"closes_on": date(2026, 11, 19)}, ["closes_on"]),
        ({"closes_on": date(2026, 11, 22)}, ["closes_on"]),
        ({"closes_on": date(2030, 1, 1)}, ["closes_on"]),
        ({"closes_on": date.max}, ["closes_on"]),
    ],
)
def test_a_notice_that_says_too_little_or_something_wrong_is_refused(
    changes: dict[str, object], fields: list[str]
) -> None:
    given(VACANCY).when(publish(**changes)).refused(Invalid, *fields)


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ((YES_NO, YES_NO), "questions"),
        ((YES_NO.model_copy(update={"id": "a b"}),), "questions.0.id"),
        ((YES_NO.model_copy(update={"text": {"fr": "Seulement en français"}}),), "questions.0.text"),
        ((DEGREE.model_copy(update={"options": DEGREE.options[:1]}),), "questions.0.options"),
        ((DEGREE.model_copy(update={"options": (*DEGREE.options, DEGREE.options[0])}),), "questions.0.options"),
        ((YES_NO.model_copy(update={"options": DEGREE.options}),), "questions.0.options"),
        (
            (DEGREE.model_copy(update={"options": (*DEGREE.options, Choice(value="x", text={}))}),),
            "questions.0.options.2.text",
        ),
        (tuple(YES_NO.model_copy(update={"id": f"q{n}"}) for n in range(51)), "questions"),
    ],
)
def test_a_questionnaire_is_checked(questions: tuple[Question, ...], field: str) -> None:
    given(VACANCY).when(publish(questions=questions)).refused(Invalid, field)


@pytest.mark.rule("R18")
def test_every_type_of_question_can_be_asked() -> None:
    plain = [YES_NO.model_copy(update={"id": kind, "type": kind}) for kind in ("number", "date", "text", "file")]
    chosen = [DEGREE.model_copy(update={"id": kind, "type": kind}) for kind in ("multiple", "single")]
    criterion = YES_NO.model_copy(update={"id": "criterion", "type": "criterion"})
    asked = (YES_NO, criterion, *plain, *chosen)
    [notice] = given(VACANCY).when(publish(questions=asked)).happened(VacancyPublished)
    assert notice.questions == asked


def test_publishing_the_same_again_changes_nothing() -> None:
    past = [published()]
    given(VACANCY, *past).when(publish()).then()
    given(VACANCY, *past).when(publish(job_opening_number=" 26-ECO-DESA-1 (X) ")).then()
    extended = DeadlineExtended(closes_at=closing(date(2027, 1, 5)))
    given(VACANCY, *past, extended).when(publish()).then()
    given(VACANCY, *past, VacancyCancelled()).when(publish()).then()


def test_publishing_something_else_under_a_known_number_is_a_conflict() -> None:
    given(VACANCY, published()).when(publish(title="Another")).refused(Conflict, "job_opening_number")
    given(VACANCY, published()).when(publish(closes_on=date(2026, 12, 16))).refused(Conflict, "job_opening_number")
    given(VACANCY, published()).when(galaxy()).refused(Conflict, "job_opening_number")


def test_the_number_names_a_vacancy_however_it_is_written() -> None:
    assert vacancy_id("26-ECO 1 (x)") == vacancy_id(" 26-eco1 (X)")
    assert vacancy_id("26-ECO-1") != vacancy_id("26-ECO-2")


def test_an_archived_notice_whose_deadline_has_passed_is_closed_at_once() -> None:
    past = publish(opens_on=date(2026, 1, 1), closes_on=date(2026, 2, 1), archived=True)
    given(VACANCY).when(past).happened(VacancyPublished, VacancyClosed)


def test_an_amendment_is_a_new_version_with_the_same_days() -> None:
    notice = published()
    [amended] = given(VACANCY, notice).when(amend(title="Senior Officer")).happened(VacancyAmended)
    assert (amended.title, amended.version) == ("Senior Officer", 2)
    assert (amended.closes_at, amended.job_opening_number) == (notice.closes_at, notice.job_opening_number)


def test_amending_to_the_same_is_no_amendment_even_when_closed() -> None:
    given(VACANCY, published()).when(amend()).then()
    given(VACANCY, published(), VacancyClosed()).when(amend()).then()


@pytest.mark.parametrize("end", [VacancyClosed(), VacancyCancelled()])
def test_what_is_over_can_neither_be_amended_nor_extended(end: VacancyEvent) -> None:
    given(VACANCY, published(), end).when(amend(title="Other")).refused(Conflict)
    given(VACANCY, published(), end).when(ExtendDeadline(closes_on=date(2027, 1, 5))).refused(Conflict)


def test_a_deadline_that_has_passed_ends_amendments_before_the_timer_does() -> None:
    late = closing(date(2026, 12, 15)) + timedelta(seconds=1)
    given(VACANCY, published()).when(amend(title="Other", at=late)).refused(Conflict)


def test_a_deadline_can_be_extended_and_only_extended() -> None:
    later = ExtendDeadline(closes_on=date(2027, 1, 5))
    [extended] = given(VACANCY, published()).when(later).happened(DeadlineExtended)
    assert extended.closes_at == datetime(2027, 1, 6, 4, 59, 59, tzinfo=UTC)
    given(VACANCY, published(), extended).when(later).then()
    given(VACANCY, published()).when(ExtendDeadline(closes_on=date(2026, 12, 1))).refused(Invalid, "closes_on")
    given(VACANCY, published()).when(ExtendDeadline(closes_on=date.max)).refused(Invalid, "closes_on")


@pytest.mark.rule("R45")
def test_a_vacancy_closes_at_its_deadline_and_not_before() -> None:
    deadline = closing(date(2026, 12, 15))
    given(VACANCY, published()).when(CloseVacancy(at=deadline - timedelta(seconds=1))).then()
    given(VACANCY, published()).when(CloseVacancy(at=deadline)).then(VacancyClosed())
    given(VACANCY, published(), VacancyClosed()).when(CloseVacancy(at=deadline)).then()


def test_an_extended_vacancy_does_not_close_at_its_first_deadline() -> None:
    extended = DeadlineExtended(closes_at=closing(date(2027, 1, 5)))
    given(VACANCY, published(), extended).when(CloseVacancy(at=closing(date(2026, 12, 15)))).then()


def test_a_cancelled_vacancy_stays_cancelled() -> None:
    cancel = CancelVacancy(reason="Filled by a transfer.")
    given(VACANCY, published()).when(cancel).then(VacancyCancelled(reason="Filled by a transfer."))
    given(VACANCY, published(), VacancyCancelled()).when(cancel).then()
    given(VACANCY, published(), VacancyCancelled()).when(CloseVacancy(at=closing(date(2026, 12, 15)))).then()


@pytest.mark.rule("R51")
def test_a_galaxy_notice_is_marked_and_asks_nothing() -> None:
    [notice] = listed()
    assert isinstance(notice, VacancyPublished)
    assert notice.source == "galaxy"
    given(VACANCY).when(galaxy(questions=(YES_NO,))).refused(Invalid, "questions")
    given(VACANCY, *listed()).when(amend()).refused(Invalid, "questions")


@pytest.mark.parametrize(
    "command", [amend(), ExtendDeadline(closes_on=date(2027, 1, 5)), CloseVacancy(), CancelVacancy()]
)
def test_nothing_happens_to_a_vacancy_that_was_never_published(command: object) -> None:
    given(VACANCY).when(command).refused(NotFound)  # type: ignore[arg-type]


@forall(st.lists(st.sampled_from(["publish", "amend", "extend", "close", "cancel"]), max_size=12), st.data())
def test_whatever_is_asked_in_whatever_order_doing_it_again_adds_nothing(steps: list[str], data: st.DataObject) -> None:
    state, now = VACANCY.initial, NOON
    for step in steps:
        now += timedelta(days=data.draw(st.integers(0, 30)))
        day = NOON.date() + timedelta(days=data.draw(st.integers(0, 60)))
        command = {
            "publish": publish(closes_on=day, opens_on=min(day, NOON.date())),
            "amend": amend(title=data.draw(st.sampled_from(["One", "Two"]))),
            "extend": ExtendDeadline(closes_on=day),
            "close": CloseVacancy(),
            "cancel": CancelVacancy(),
        }[step].model_copy(update={"at": now})
        try:
            for event in VACANCY.decide(command, state):  # type: ignore[arg-type]
                state = VACANCY.evolve(state, event)
        except Refused:
            continue
        assert list(VACANCY.decide(command, state)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("character", ["\n", "\t", "\0", "\N{LINE SEPARATOR}", "\N{RIGHT-TO-LEFT OVERRIDE}"])
@pytest.mark.parametrize("name", ["title", "job_title", "recruitment_type"])
def test_what_is_shown_in_one_line_holds_nothing_that_breaks_or_turns_it(name: str, character: str) -> None:
    given(VACANCY).when(publish(**{name: f"Economist{character}x"})).refused(Invalid, name)
    station = DutyStation(code="GENEVA", description=f"Geneva{character}x")
    given(VACANCY).when(publish(duty_stations=(station,))).refused(Invalid, "duty_stations.0.description")


def test_a_french_title_may_hold_no_break_spaces() -> None:
    title = "Spécialiste\N{NO-BREAK SPACE}: économie"
    given(VACANCY).when(publish(title=title)).happened(VacancyPublished)


OWN, BOTH, STRANGER = frozenset({"OHRM"}), frozenset({"OHRM", ""}), frozenset({"UNHCR", ""})
"""Whose notices a client reaches: a narrow one of the organisation, one with the scope hr, and one of another."""

ASKED: dict[str, Callable[..., VacancyCommand]] = {
    "publish": publish,
    "list": galaxy,
    "amend": lambda **who: amend(title="Other", **who),
    "amend to the same": amend,
    "extend": lambda **who: ExtendDeadline(closes_on=date(2027, 1, 5), **who),
    "cancel": lambda **who: CancelVacancy(reason="Filled.", **who),
}
CHANGES = ("amend", "extend", "cancel")


def test_a_notice_remembers_the_organisation_that_published_it_through_every_amendment() -> None:
    notice = published(organisation="OHRM")
    assert notice.organisation == "OHRM"
    [amended] = given(VACANCY, notice).when(amend(title="Other", owners=OWN)).happened(VacancyAmended)
    assert isinstance(amended, VacancyAmended)
    assert amended.organisation == "OHRM"
    assert published().organisation == ""


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("past", [(), (VacancyClosed(),), (VacancyCancelled(),)], ids=["open", "closed", "cancelled"])
def test_what_another_organisation_published_is_out_of_reach_in_every_state(
    asked: str, past: tuple[VacancyEvent, ...]
) -> None:
    notice = published(organisation="OHRM")
    given(VACANCY, notice, *past).when(ASKED[asked](owners=STRANGER)).refused(Forbidden)


@pytest.mark.parametrize("asked", CHANGES)
@pytest.mark.parametrize("owners", [OWN, BOTH, None], ids=["narrow", "hr", "staff"])
def test_what_the_own_organisation_published_is_within_reach_of_its_clients_and_of_staff(
    asked: str, owners: Owners
) -> None:
    assert given(VACANCY, published(organisation="OHRM")).when(ASKED[asked](owners=owners)).events


@pytest.mark.parametrize("asked", CHANGES)
def test_what_belongs_to_nobody_is_for_staff_and_for_clients_of_all_of_hr(asked: str) -> None:
    for owners in (None, BOTH, STRANGER):
        assert given(VACANCY, published()).when(ASKED[asked](owners=owners)).events
    given(VACANCY, published()).when(ASKED[asked](owners=OWN)).refused(Forbidden)


@pytest.mark.parametrize("asked", CHANGES)
def test_a_notice_older_than_organisations_belongs_to_who_is_recorded_to_have_published_it(asked: str) -> None:
    for owners in (OWN, BOTH, None):
        assert given(VACANCY, published()).when(ASKED[asked](owners=owners, published_by="OHRM")).events
    given(VACANCY, published()).when(ASKED[asked](owners=STRANGER, published_by="OHRM")).refused(Forbidden)
    named = published(organisation="UNHCR")
    given(VACANCY, named).when(ASKED[asked](owners=OWN, published_by="OHRM")).refused(Forbidden)


def test_a_notice_that_is_not_there_yet_can_be_published_by_everybody_and_is_closed_by_its_timer() -> None:
    for owners in (OWN, BOTH, STRANGER, None):
        given(VACANCY).when(publish(owners=owners, organisation="OHRM")).happened(VacancyPublished)
        given(VACANCY).when(CancelVacancy(owners=owners)).refused(NotFound)
    deadline = closing(date(2026, 12, 15))
    given(VACANCY, published(organisation="OHRM")).when(CloseVacancy(at=deadline)).then(VacancyClosed())


def test_publishing_the_same_again_by_another_client_of_the_organisation_changes_nothing() -> None:
    given(VACANCY, published(organisation="OHRM")).when(publish(owners=OWN, organisation="OHRM")).then()


def test_who_published_a_notice_is_named_or_else_the_recorded_client() -> None:
    named, old = published(organisation="OHRM"), published()
    for event, actor, owner in (
        (named, "machine:hr-geneva", "OHRM"),
        (old, "machine:hr-geneva", "hr-geneva"),
        (old, "machine:hr:geneva", "hr:geneva"),
        (old, "agent:5e1c", ""),
        (old, "operator:import", ""),
        (old, "", ""),
    ):
        [recorded] = history("vacancy-5e1c", event)
        assert publisher_of(recorded._replace(actor=actor)) == owner
