"""JobPostings of schema.org: what we write, what we read, and that we read what we write."""

import json
from typing import Any

import pytest

from services.vacancies.api.cleaning import clean
from services.vacancies.domain import VACANCY, Vacancy, importing
from services.vacancies.domain.postings import EMPLOYMENT_TYPES
from services.vacancies.pages.postings import posting
from shared.model.errors import Invalid
from shared.model.testing import NOON
from tests.vacancies.values import TODAY, YES_NO, bring, names, publish, published, shown

POSTING: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "identifier": {"@type": "PropertyValue", "name": "United Nations", "value": 247315},
    "inLanguage": "fr-FR",
    "title": "Statisticienne (P-3)",
    "description": "&lt;p&gt;Compte &lt;b&gt;tout&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;",
    "datePosted": "2026-11-20",
    "validThrough": "2026-12-16T04:59:59+00:00",
    "employmentType": ["FULL_TIME", "TEMPORARY"],
    "hiringOrganization": {"@type": "Organization", "name": "Department of Economic and Social Affairs"},
    "jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": "Genève"}},
    "occupationalCategory": "Statistiques",
    "industry": "International affairs",
}


def cleaned(record: dict[str, Any]) -> dict[str, Any]:
    known = importing.shaped(record)
    return {**known, "jobDescription": clean(known["jobDescription"])}


def test_a_posting_becomes_a_notice() -> None:
    vacancy, happened = bring(cleaned(POSTING), Vacancy())
    assert names(happened) == ["VacancyPublished"]
    content = vacancy.content
    assert content
    assert (content.job_opening_number, content.language, content.title) == ("247315", "fr", "Statisticienne (P-3)")
    assert (content.family, content.level, content.network, content.department) == ("STA", "P-3", "DEVNET", "DESA")
    assert [(station.code, station.description) for station in content.duty_stations] == [("GENEVA", "Genève")]
    assert content.recruitment_type == "FULL_TIME, TEMPORARY"
    assert content.closes_at.isoformat() == "2026-12-16T04:59:59+00:00"


def test_html_that_a_posting_carries_escaped_is_cleaned_all_the_same() -> None:
    assert cleaned(POSTING)["jobDescription"] == "<p>Compte <b>tout</b>.</p>"
    plain = {**POSTING, "description": "Compte tout.\n\nEt R&amp;D < 3."}
    assert cleaned(plain)["jobDescription"] == "<p>Compte tout.</p><p>Et R&amp;D &lt; 3.</p>"


@pytest.mark.parametrize(
    "changes",
    [
        {"@type": ["Thing", "https://schema.org/JobPosting"]},
        {"@type": "http://schema.org/JobPosting"},
        {"jobLocation": [{"address": "Geneva"}], "hiringOrganization": "DESA"},
        {"hiringOrganization": {"name": "United Nations", "department": {"name": "DESA"}}},
        {"title": "Statisticienne", "occupationalCategory": ["STA", {"@type": "CategoryCode", "codeValue": "P-3"}]},
        {"identifier": "247315", "inLanguage": {"@type": "Language", "name": "French", "alternateName": "fr"}},
    ],
)
def test_the_ways_in_which_postings_are_written(changes: dict[str, Any]) -> None:
    assert (
        importing.read(cleaned({**POSTING, **changes}), TODAY).number == importing.read(cleaned(POSTING), TODAY).number
    )
    content = bring(cleaned({**POSTING, **changes}), Vacancy())[0].content
    assert content
    assert (content.level, content.department, content.duty_stations[0].code) == ("P-3", "DESA", "GENEVA")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"validThrough": "soon"}, "validThrough: “soon” is not a date"),
        ({"inLanguage": None}, "inLanguage: “” is not a language of notices: AR, ZH, EN, FR, RU or ES"),
        ({"jobLocation": {"address": "Atlantis"}}, "jobLocation: “Atlantis” is not a code of the list duty_stations"),
        ({"occupationalCategory": "P-3"}, "occupationalCategory: “P-3” is not a code of the list families"),
        ({"hiringOrganization": 3}, "hiringOrganization: “3” is not a code of the list departments"),
        ({"title": "Statisticienne"}, "occupationalCategory: “Statistiques” is not a code of the list levels"),
        ({"identifier": None}, "identifier: The job opening number has 1 to 100 printable characters"),
        ({"description": ""}, "description: The notice needs a text here"),
    ],
)
def test_a_rejection_says_which_field_of_the_posting_and_why(changes: dict[str, Any], reason: str) -> None:
    record = {**POSTING, **changes}
    with pytest.raises(Invalid) as refusal:
        bring(cleaned(record), Vacancy())
    assert reason in [importing.rejected(problem, record) for problem in refusal.value.problems]


def test_a_rejected_posting_is_called_by_its_number_and_language() -> None:
    assert importing.name_of(POSTING) == "247315 (fr-FR)"


def test_what_we_write_is_a_posting_of_everything_a_search_engine_asks_for() -> None:
    written = posting(shown(published()), "https://careers.test/vacancies/1")
    assert written["@type"] == "JobPosting"
    assert written["validThrough"] == "2026-12-16T04:59:59Z"
    assert written["identifier"]["value"] == "26-ECO-DESA-1 (X)"
    assert written["hiringOrganization"]["department"]["name"] == "Department of Economic and Social Affairs"
    place = {"@type": "PostalAddress", "addressLocality": "Geneva", "addressCountry": "CH"}
    assert written["jobLocation"] == [{"@type": "Place", "address": place}]
    assert written["hiringOrganization"]["sameAs"] == "https://www.un.org/"
    assert written["directApply"] is True
    assert "employmentType" not in written
    assert json.loads(json.dumps(written)) == written


@pytest.mark.parametrize(
    ("recruitment", "types"),
    [
        ("Fixed-term", ["FULL_TIME"]),
        ("Continuing", ["FULL_TIME"]),
        ("Temporary", ["FULL_TIME", "TEMPORARY"]),
        ("Engagement temporaire", ["FULL_TIME", "TEMPORARY"]),
        ("Temporary, part-time", ["TEMPORARY", "PART_TIME"]),
        ("Engagement à temps partiel", ["PART_TIME"]),
        ("Internship", ["INTERN"]),
        ("Stage", ["INTERN"]),
        ("International", ["FULL_TIME"]),
        ("Consultancy", ["CONTRACTOR"]),
        ("UN Volunteer", ["VOLUNTEER"]),
        ("FULL_TIME, TEMPORARY", ["FULL_TIME", "TEMPORARY"]),
    ],
)
def test_the_type_of_recruitment_is_one_of_googles_and_read_back_it_is_ours(recruitment: str, types: list[str]) -> None:
    event = published(recruitment_type=recruitment)
    written = posting(shown(event), "https://careers.test/vacancies/1")
    assert written["employmentType"] == types
    assert set(types) <= set(EMPLOYMENT_TYPES)
    assert importing.shaped(written)["recruitmentType"] == recruitment


def test_a_description_of_somebody_else_s_is_no_type_of_recruitment() -> None:
    other = {**POSTING, "employmentType": "Vacation work", "disambiguatingDescription": "In the mountains"}
    assert importing.shaped(other)["recruitmentType"] == "Vacation work"
    assert importing.shaped({**other, "employmentType": None})["recruitmentType"] == ""


def test_where_the_status_of_a_place_is_not_settled_no_country_is_named() -> None:
    event = published(duty_stations=({"code": "JERUSALEM"}, {"code": "NAIROBI"}))
    places = [place["address"] for place in posting(shown(event), "https://careers.test/vacancies/1")["jobLocation"]]
    assert [(place["addressLocality"], place.get("addressCountry")) for place in places] == [
        ("Jerusalem", None),
        ("Nairobi", "KE"),
    ]


def test_reading_what_we_write_changes_nothing_and_keeps_the_questions() -> None:
    [event] = VACANCY.decide(publish(at=NOON, questions=(YES_NO,)), Vacancy())
    vacancy = VACANCY.evolve(Vacancy(), event)
    written = posting(shown(event), "https://careers.test/vacancies/1")
    assert bring(cleaned(written), vacancy) == (vacancy, [])
    amended, happened = bring(cleaned({**written, "title": "Other"}), vacancy)
    assert names(happened) == ["VacancyAmended"]
    assert amended.content
    assert [question.id for question in amended.content.questions] == ["experience"]
