"""Records of careers.un.org with all their oddities: what is read, what is rejected, and what a second one changes."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.vacancies.domain import CancelVacancy, ExtendDeadline, Vacancy, importing, vacancy_id
from services.vacancies.domain.days import clock_change, closing
from services.vacancies.events import VacancyAmended, VacancyCancelled
from shared.model.errors import Conflict, Invalid, Problem
from tests.vacancies.values import TODAY, bring, names

QUESTION = {"id": "degree", "type": "yes_no", "text": {"en": "A degree?"}}
RECORD: dict[str, Any] = {
    "jobId": 300001,
    "language": "EN",
    "postingTitle": "Statistician",
    "jobTitle": "STATISTICIAN",
    "jobDescription": "<p>Counts.</p>",
    "jobLevel": "P-3",
    "jobFamilyCode": "STA",
    "dutyStation": [{"code": "GENEVA", "description": "GENEVA"}],
    "startDate": "2026-11-20",
    "endDate": "2026-12-15",
    "dept": "DESA",
}


def record(**changes: Any) -> dict[str, Any]:
    return {**RECORD, **changes}


def announced(**changes: Any) -> Any:
    return importing.read(record(**changes), TODAY).announcement


def rejections(**changes: Any) -> list[str]:
    """Why this record is rejected, whether while it is read or by the rules of a notice."""
    raw = record(**changes)
    with pytest.raises(Invalid) as refusal:
        bring(raw, Vacancy())
    return [importing.rejected(problem, raw) for problem in refusal.value.problems]


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-12-15", date(2026, 12, 15)),
        (" 2026-12-15 ", date(2026, 12, 15)),
        ("2026-12-15T10:00:00", date(2026, 12, 15)),
        ("2026-12-16T04:59:59Z", date(2026, 12, 15)),
        ("2026-12-16T05:00:00Z", date(2026, 12, 16)),
        ("2026-12-16T04:59:59+01:00", date(2026, 12, 15)),
        ("2027-03-15T03:59:59Z", date(2027, 3, 14)),  # the day on which the clocks go forward
        ("2027-03-15T04:00:00Z", date(2027, 3, 15)),
        (0, TODAY),
        (-1, TODAY - timedelta(days=1)),
        (9_999, TODAY + timedelta(days=9_999)),
        ("clock-change", clock_change(TODAY)),
        (" clock-change 3 ", clock_change(TODAY, 3)),
        ("1945-01-01", date(1945, 1, 1)),
        ("2999-12-31", date(2999, 12, 31)),
    ],
)
def test_the_ways_in_which_a_day_is_written(written: object, day: date) -> None:
    assert announced(endDate=written, startDate="1945-01-01").closes_on == day


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "2026-02-30", "15.12.2026", "clock-change 10", "clock-change x", "1944-12-31", "3000-01-01",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 10_000, -10_000, 3.5, True, [], {},
        {"date": "2026-12-15"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["startDate", "endDate", "extendedTo"])
def test_what_is_no_day_is_rejected_under_its_own_name(name: str, written: object) -> None:
    assert rejections(**{name: written}) == [f"{name}: “{written}” is not a date"]


def test_every_wrong_day_is_named_and_a_long_one_only_begun() -> None:
    found = rejections(startDate="x" * 100, endDate=None, extendedTo="never", language="DE")
    assert found == [
        f"startDate: “{'x' * 60}” is not a date",
        "extendedTo: “never” is not a date",
        "endDate: The closing day is missing",
        "language: “DE” is not a language of notices: AR, ZH, EN, FR, RU or ES",
    ]


@pytest.mark.parametrize("written", [
    "EN", "en", "English", "en-GB", {"code": "EN"}, {"name": "english"}, "ENG", "En.", "EN/FR",
])  # fmt: skip
def test_english_is_written_in_several_ways(written: object) -> None:
    assert announced(language=written).language == "en"


@pytest.mark.parametrize("written", [
    "FR", "fr-CH", "Français", "FRENCH", {"code": "", "name": "fr"}, "fra", "fre",
])  # fmt: skip
def test_and_so_is_french(written: object) -> None:
    assert announced(language=written, dutyStation="GENEVA").language == "fr"
    assert announced(language=written, dutyStation="GENEVA").duty_stations[0].description == "Genève"


@pytest.mark.parametrize(("written", "code"), [
    ("AR", "ar"), ("العربية", "ar"), ("zh-CN", "zh"), ("Chinese", "zh"), ("中文", "zh"), ("русский", "ru"),
    ("Russe", "ru"), ("es_ES", "es"), ("Español", "es"), ({"name": "Spanish"}, "es"),
])  # fmt: skip
def test_and_so_are_the_other_official_languages(written: object, code: str) -> None:
    assert announced(language=written).language == code


@pytest.mark.parametrize("written", [None, "", "E", "Deutsch", 7, [], {"code": "de"}])
def test_a_notice_in_no_language_of_ours_is_rejected(written: object) -> None:
    [reason] = rejections(language=written)
    assert reason.startswith("language: “")


def test_without_a_first_day_a_notice_opens_today_or_on_its_closing_day_if_that_has_passed() -> None:
    assert announced(startDate=None).opens_on == TODAY
    old = announced(startDate=None, endDate="2026-01-31")
    assert old.opens_on == old.closes_on == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("changes", "title", "job_title"),
    [
        ({}, "Statistician", "STATISTICIAN"),
        ({"postingTitle": ""}, "STATISTICIAN", "STATISTICIAN"),
        ({"jobTitle": "", "jobCodeTitle": "STATISTICIAN, P3"}, "Statistician", "STATISTICIAN, P3"),
        ({"postingTitle": None, "jobTitle": None, "jobCodeTitle": "CODE"}, "CODE", "CODE"),
        ({"postingTitle": "  A \n\t B\N{LINE SEPARATOR}C\x85D "}, "A B C D", "STATISTICIAN"),
    ],
)
def test_the_title_is_the_postings_or_else_the_jobs(changes: dict[str, Any], title: str, job_title: str) -> None:
    notice = announced(**changes)
    assert (notice.title, notice.job_title) == (title, job_title)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"jobFamilyCode": "sta"}, "family", "STA"),
        ({"jobFamilyCode": "", "jf": {"name": "Economic affairs"}}, "family", "ECO"),
        ({"jobFamilyCode": "XXX", "jf": "Affaires économiques"}, "family", "ECO"),
        ({"jobFamilyCode": "XXX", "jf": "Alchemy"}, "family", "XXX"),
        ({"jobLevel": "p-4"}, "level", "P-4"),
        ({"jobLevel": None, "jl": {"name": "P-5"}}, "level", "P-5"),
        ({"categoryCode": None, "jc": {"code": "PD"}}, "category", "PD"),
        ({"dept": {"code": "", "name": "Department of Economic and Social Affairs"}}, "department", "DESA"),
        ({"dept": {"description": "departement des affaires economiques et sociales"}}, "department", "DESA"),
        ({"jn": "Développement économique et social"}, "network", "DEVNET"),
        ({"jobId": " 26/7 "}, "job_opening_number", "26/7"),
        ({"recruitmentType": " Fixed\n term "}, "recruitment_type", "Fixed term"),
    ],
)
def test_a_code_may_be_given_as_a_name_in_either_language(changes: dict[str, Any], field: str, value: str) -> None:
    assert getattr(announced(**changes), field) == value


@pytest.mark.parametrize(
    ("stations", "places"),
    [
        ("GENEVA", [("GENEVA", "Geneva")]),
        ({"code": "GENEVA"}, [("GENEVA", "Geneva")]),
        (["ROME", {"description": "Genève"}], [("ROME", "Rome"), ("GENEVA", "Geneva")]),
        ([{"code": "XX", "description": "ROME"}], [("ROME", "Rome")]),
        ([{"code": "XX", "description": " Far \n away "}], [("XX", "Far away")]),
        (None, []),
        ("", []),
    ],
)
def test_the_ways_in_which_duty_stations_are_written(stations: Any, places: list[tuple[str, str]]) -> None:
    notice = announced(dutyStation=stations)
    assert [(station.code, station.description) for station in notice.duty_stations] == places


@pytest.mark.parametrize(("source", "kind"), [("galaxy", "RegisterGalaxyNotice"), (" GALAXY ", "RegisterGalaxyNotice"),
    ("inspira", "PublishVacancy"), (None, "PublishVacancy"), ("Galaxies", "PublishVacancy")])  # fmt: skip
@pytest.mark.rule("R51")
def test_only_a_record_that_says_galaxy_is_listed_as_one(source: object, kind: str) -> None:
    assert type(announced(source=source)).__name__ == kind


def test_a_question_that_is_none_is_named_where_it_stands() -> None:
    broken = [QUESTION, {"id": "b", "type": "riddle", "text": "?"}, "what?"]
    fields = [reason.partition(": ")[0] for reason in rejections(questions=broken)]
    assert fields == ["questions.1.type", "questions.1.text", "questions.2"]
    assert rejections(source="galaxy", questions=[QUESTION])[0].startswith("questions: A Galaxy notice")


def test_a_problem_of_the_whole_record_is_told_without_a_field() -> None:
    assert importing.rejected(Problem("", "Gone"), RECORD) == "Gone"
    assert importing.rejected(Problem("surprise.1", "New"), RECORD) == "surprise.1: New"


def test_a_record_is_called_by_its_number_and_language_as_they_stand_there() -> None:
    assert importing.name_of(record()) == "300001 (EN)"
    assert importing.name_of({}) == "None (None)"


@pytest.mark.rule("R42")
def test_the_same_number_is_one_vacancy_in_either_language_and_however_it_is_spelled() -> None:
    notices = [importing.read(record(**changes), TODAY) for changes in (
        {}, {"jobId": "30 0001"}, {"language": "English"}, {"language": "FR"},
    )]  # fmt: skip
    assert len({vacancy_id(notice.number) for notice in notices}) == 1
    assert [notice.language for notice in notices] == ["en", "en", "en", "fr"]


def test_a_record_that_asks_nothing_leaves_the_questions_and_one_that_asks_none_takes_them_away() -> None:
    vacancy, _ = bring(record(questions=[QUESTION]), Vacancy())
    assert bring(record(), vacancy) == (vacancy, [])
    without, happened = bring(record(questions=[]), vacancy)
    assert names(happened) == ["VacancyAmended"]
    assert without.content
    assert without.content.questions == ()
    assert bring(record(questions=None), without) == (without, [])


def test_a_new_record_may_bring_an_extension_and_a_cancellation_along() -> None:
    raw = record(extendedTo="2026-12-20", cancelled="No funds")
    vacancy, happened = bring(raw, Vacancy())
    assert names(happened) == ["VacancyPublished", "DeadlineExtended", "VacancyCancelled"]
    assert vacancy.reason == "No funds"
    assert bring(raw, vacancy) == (vacancy, []), "and again, nothing"


def test_a_known_vacancy_is_cancelled_by_a_later_record() -> None:
    vacancy, _ = bring(record(), Vacancy())
    cancelled, happened = bring(record(cancelled="Filled"), vacancy)
    assert happened == [VacancyCancelled(reason="Filled")]
    assert bring(record(cancelled=" "), cancelled) == (cancelled, []), "what is cancelled stays cancelled"
    with pytest.raises(Conflict):
        bring(record(postingTitle="Other"), cancelled)


@pytest.mark.parametrize(
    ("changes", "extended_to"),
    [
        ({"endDate": "2026-12-16"}, date(2026, 12, 16)),
        ({"extendedTo": "2026-12-20"}, date(2026, 12, 20)),
        ({"endDate": "2026-12-18", "extendedTo": "2026-12-20"}, date(2026, 12, 20)),
        ({"endDate": "2026-12-14"}, None),
        ({"extendedTo": "2026-12-14"}, None),
        ({"endDate": 40}, None),  # counted from today, it says nothing new
        ({"endDate": "clock-change"}, None),
        ({"endDate": 40, "extendedTo": 50}, TODAY + timedelta(days=50)),
    ],
)
def test_a_later_day_of_a_record_extends_a_known_vacancy(changes: dict[str, Any], extended_to: date | None) -> None:
    vacancy, _ = bring(record(), Vacancy())
    commands = list(importing.steps(importing.read(record(**changes), TODAY), vacancy))
    assert [c for c in commands if isinstance(c, ExtendDeadline)] == (
        [ExtendDeadline(closes_on=extended_to)] if extended_to else []
    )


def test_days_counted_from_today_extend_a_vacancy_only_once() -> None:
    raw = record(endDate=30, extendedTo=40)
    vacancy, happened = bring(raw, Vacancy())
    assert names(happened) == ["VacancyPublished", "DeadlineExtended"]
    assert bring(raw, vacancy, TODAY.replace(day=30)) == (vacancy, [])


def test_a_record_whose_days_float_does_not_touch_a_closed_vacancy() -> None:
    closed, _ = bring(record(endDate=-1, startDate=-9), Vacancy())
    assert closed.status == "closed"
    assert bring(record(endDate=-1, startDate=-9, extendedTo=5), closed) == (closed, [])


def test_each_step_of_a_record_is_a_command_of_its_own() -> None:
    vacancy, _ = bring(record(), Vacancy())
    raw = record(postingTitle="Other", endDate="2026-12-20", cancelled="No")
    notice = importing.read(raw, TODAY)
    assert [type(command).__name__ for command in importing.steps(notice, vacancy)] == [
        "AmendVacancy", "ExtendDeadline", "CancelVacancy",
    ]  # fmt: skip
    assert CancelVacancy(reason="No") in list(importing.steps(notice, vacancy))
    amended, happened = bring(raw, vacancy)
    assert isinstance(happened[0], VacancyAmended)
    assert amended.content
    assert amended.content.closes_at == closing(date(2026, 12, 20))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["P-3", "ECO", "GENEVA", "2026-12-01", "galaxy", "fr"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["code", "name", "id"]), inner),
    max_leaves=4,
)  # fmt: skip


@forall(
    st.dictionaries(st.sampled_from([*RECORD, "questions", "cancelled", "extendedTo", "source", "jn"]), json_values)
)
def test_whatever_a_record_holds_it_is_a_notice_or_it_is_rejected_and_again_it_changes_nothing(
    broken: dict[str, Any],
) -> None:
    raw = record(**broken)
    try:
        vacancy, happened = bring(raw, Vacancy())
    except Invalid:
        assert rejections(**broken)
        return
    assert names(happened)[0] == "VacancyPublished"
    assert bring(raw, vacancy) == (vacancy, [])
