"""Notices in the shape of careers.un.org: what they become, why they are rejected, and that a second import is idle."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from services.vacancies.api.cleaning import clean
from services.vacancies.domain import Vacancy, importing, samples, vacancy_id
from services.vacancies.domain.days import clock_change, closing, day_of
from shared.model.errors import Conflict, Invalid
from tests.vacancies.values import TODAY, bring, names

RECORD: dict[str, Any] = {
    "jobId": 247315,
    "language": "EN",
    "jobTitle": "TRANSLATOR",
    "postingTitle": "French Translator",
    "jobCodeTitle": "TRANSLATOR, FRENCH",
    "jobDescription": "<p>Translates.</p>",
    "jobLevel": "P-3",
    "categoryCode": "PD",
    "jobFamilyCode": "LAN",
    "dutyStation": [{"code": "NEWYORK", "description": "NEW YORK"}, {"code": "", "description": "Genève"}],
    "recruitmentType": "Fixed-term",
    "startDate": "2026-11-20T00:00:00Z",
    "endDate": "2026-12-16T04:59:59Z",
    "dept": {"code": "DGACM", "name": "Department for General Assembly and Conference Management"},
    "jn": {"name": "Public Information and Conference Management"},
    "jf": {"name": "Language services"},
    "jl": {"name": "P-3"},
}


def record(**changes: Any) -> dict[str, Any]:
    return {**RECORD, **changes}


def test_a_record_becomes_a_notice() -> None:
    notice = importing.read(record(), TODAY).announcement
    assert (notice.job_opening_number, notice.language, notice.title) == ("247315", "en", "French Translator")
    assert (notice.family, notice.network, notice.department) == ("LAN", "INFONET", "DGACM")
    assert [station.code for station in notice.duty_stations] == ["NEWYORK", "GENEVA"]
    assert [station.description for station in notice.duty_stations] == ["New York", "Geneva"]


def test_a_title_of_several_lines_becomes_one_and_keeps_its_no_break_spaces() -> None:
    notice = importing.read(record(postingTitle="Juriste\N{NO-BREAK SPACE}:\r\n\tdroit  de la mer"), TODAY).announcement
    assert notice.title == "Juriste\N{NO-BREAK SPACE}: droit de la mer"


@pytest.mark.rule("R45")
def test_the_closing_day_is_a_day_in_new_york() -> None:
    assert importing.read(record(), TODAY).announcement.closes_on == date(2026, 12, 15)
    assert importing.read(record(endDate="2026-12-16"), TODAY).announcement.closes_on == date(2026, 12, 16)


def test_days_may_be_counted_from_the_day_of_the_import() -> None:
    notice = importing.read(record(startDate=-3, endDate=30), TODAY).announcement
    assert (notice.opens_on, notice.closes_on) == (date(2026, 11, 20), date(2026, 12, 23))
    assert importing.read(record(endDate="clock-change"), TODAY).announcement.closes_on == clock_change(TODAY)
    assert importing.read(record(endDate="clock-change 2"), TODAY).announcement.closes_on == clock_change(TODAY, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endDate": "soon"}, "endDate"),
        ({"endDate": None}, "endDate"),
        ({"endDate": True}, "endDate"),
        ({"startDate": "0001-01-01"}, "startDate"),
        ({"endDate": 99_999}, "endDate"),
        ({"language": "DE"}, "language"),
        ({"questions": [{"id": "a", "type": "riddle", "text": {}}]}, "questions.0.type"),
        ({"questions": 3}, "questions"),
    ],
)
def test_a_record_that_cannot_be_read_names_its_own_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        importing.read(record(**changes), TODAY)
    assert [problem.field for problem in refusal.value.problems] == [field]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"jobFamilyCode": "XYZ", "jf": ""}, "jobFamilyCode: “XYZ” is not a code of the list families"),
        ({"dutyStation": "Atlantis"}, "dutyStation.0.code: “Atlantis” is not a code of the list duty_stations"),
        ({"dutyStation": []}, "dutyStation: Give 1 to 50 duty stations, not 0"),
        ({"postingTitle": "", "jobTitle": "", "jobCodeTitle": ""}, "postingTitle: The notice needs a text here"),
        ({"startDate": "2026-12-20"}, "startDate: 2026-12-20 is in the future. Publish the notice on its first day"),
    ],
)
def test_a_rejection_says_which_field_of_the_record_and_why(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        bring(record(**changes), Vacancy())
    assert reason in [importing.rejected(problem, RECORD) for problem in refusal.value.problems]


def test_importing_again_changes_nothing() -> None:
    vacancy, happened = bring(record(), Vacancy())
    assert names(happened) == ["VacancyPublished"]
    assert bring(record(), vacancy) == (vacancy, [])


def test_importing_something_new_amends_and_a_later_day_extends() -> None:
    vacancy, _ = bring(record(), Vacancy())
    _, happened = bring(record(postingTitle="English Translator", endDate="2027-01-10"), vacancy)
    assert names(happened) == ["VacancyAmended", "DeadlineExtended"]


def test_an_earlier_day_in_a_file_does_not_shorten_a_vacancy() -> None:
    vacancy, _ = bring(record(), Vacancy())
    assert bring(record(endDate="2026-12-01"), vacancy) == (vacancy, [])


def test_something_new_about_a_closed_vacancy_is_rejected() -> None:
    vacancy, happened = bring(record(endDate="2026-11-21"), Vacancy())
    assert names(happened) == ["VacancyPublished", "VacancyClosed"]
    with pytest.raises(Conflict):
        bring(record(endDate="2026-11-21", postingTitle="Other"), vacancy)


@pytest.mark.rule("R51")
def test_the_source_of_a_galaxy_notice_is_kept() -> None:
    vacancy, _ = bring(record(source="Galaxy"), Vacancy())
    assert vacancy.content
    assert vacancy.content.source == "galaxy"


def test_the_samples_are_what_the_rules_ask_for() -> None:
    counted: Counter[str] = Counter()
    keys = set()
    for raw in samples.records():
        vacancy, _ = bring(raw, Vacancy())
        content = vacancy.content
        assert content
        keys.add(vacancy_id(str(raw["jobId"])))
        counted.update({vacancy.status: 1, content.source: 1, content.language: 1, f"category {content.category}": 1})
        counted["several stations"] += len(content.duty_stations) > 1
        counted["no questions"] += content.source == "inspira" and not content.questions
        counted["extended"] += vacancy.extended
        counted["clock change"] += day_of(content.closes_at) in (clock_change(TODAY), clock_change(TODAY, 2))
        counted["far away"] += content.closes_at > closing(TODAY.replace(year=TODAY.year + 1, month=1))
    assert len(keys) == 160, "40 of 200 notices are translations"
    wanted = ("open", "closed", "cancelled", "galaxy", "inspira", "en", "fr", "several stations", "no questions")
    assert all(counted[name] >= 5 for name in (*wanted, "extended", "clock change", "far away")), counted
    assert {name for name in counted if name.startswith("category")} == {
        f"category {code}" for code in ("PD", "G", "TC", "S", "PIA", "LT", "NO", "FS", "SR")
    }


def test_importing_the_samples_again_on_a_later_day_changes_nothing() -> None:
    for raw in samples.records():
        vacancy, happened = bring(raw, Vacancy())
        assert happened
        assert bring(raw, vacancy, date(2026, 11, 24)) == (vacancy, [])


def test_sample_html_is_clean_already() -> None:
    described = [raw["jobDescription"] for raw in samples.records()]
    assert [clean(html).replace("&nbsp;", "\u00a0") for html in described] == described
