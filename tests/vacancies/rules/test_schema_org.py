"""JobPostings as the web writes them: which are recognised, and what is read where their fields hold something odd."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.vacancies.domain import Vacancy, importing
from services.vacancies.domain.postings import is_posting, record_of
from shared.model.errors import Invalid
from tests.vacancies.values import TODAY, bring, names

POSTING: dict[str, Any] = {
    "@type": "JobPosting",
    "identifier": "300002",
    "inLanguage": "en",
    "title": "Statistician (P-3)",
    "description": "<p>Counts.</p>",
    "datePosted": "2026-11-20",
    "validThrough": "2026-12-15",
    "hiringOrganization": "DESA",
    "jobLocation": "Geneva",
    "occupationalCategory": "STA",
}


def read(**changes: Any) -> dict[str, Any]:
    return record_of({**POSTING, **changes})


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [
        ("JobPosting", True),
        ("schema:JobPosting", True),
        ("http://schema.org/JobPosting", True),
        ("https://schema.org/JobPosting", True),
        (["Thing", "JobPosting"], True),
        ("https://example.org/JobPosting", False),
        ("JobPostings", False),
        ("a JobPosting", False),
        ("jobposting", False),
        ([{"@id": "JobPosting"}, 7, None], False),
        ("", False),
        (None, False),
    ],
)
def test_a_record_says_of_itself_that_it_is_a_posting(kind: object, is_one: bool) -> None:
    assert is_posting({"@type": kind}) is is_one
    assert (importing.shaped({"@type": kind}) == {"@type": kind}) is not is_one


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Statistician P-4", "P-4"),
        ("Statistician (P-4)", "P-4"),
        ("Statistician, P-4", "P-4"),
        ("Statistician – P-4 ", "P-4"),
        ("Statistician [P-4]", ""),
        ("Statistician, GS-6", "G-6"),
        ("Statistician, XY-6", ""),
        ("P-4", ""),  # a level alone is no title that ends with one
        ("Statistician P-4 in Geneva", ""),
        ("StatisticianP-4", ""),
    ],
)
def test_the_level_may_stand_at_the_end_of_the_title(title: str, level: str) -> None:
    assert read(title=title, occupationalCategory=None)["jobLevel"] == level
    assert read(title=title)["postingTitle"] == title.strip()


def test_a_level_among_the_categories_counts_more_than_the_titles() -> None:
    both = ["Statistics", {"codeValue": "P-5", "name": "Officers"}]
    assert (read(occupationalCategory=both)["jobLevel"], read(occupationalCategory=both)["jobFamilyCode"]) == (
        "P-5", "STA",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("categories", "family"),
    [
        ("STA", "STA"),
        (["Alchemy", "Economic affairs"], "ECO"),
        ({"codeValue": "ECO", "name": "Alchemy"}, "ECO"),
        ({"codeValue": "01-2345", "name": "Affaires économiques"}, "ECO"),
        (["Alchemy", {"codeValue": "A-1", "name": "Magic"}], "Alchemy, A-1, Magic"),
        ([None, "", {}], ""),
        (7, "7"),
    ],
)
def test_the_family_is_sought_by_code_and_by_name_and_else_shown_as_it_stands(categories: object, family: str) -> None:
    assert read(occupationalCategory=categories)["jobFamilyCode"] == family


@pytest.mark.parametrize(
    ("organization", "department"),
    [
        ("DESA", "DESA"),
        ({"name": "United Nations", "department": {"identifier": "DESA", "name": "Economics"}}, "DESA"),
        ({"name": "United Nations", "department": "UNCTAD"}, "UNCTAD"),
        ({"identifier": "UNOG", "name": "United Nations"}, "UNOG"),
        ({"name": "United Nations"}, "United Nations"),
        (None, ""),
        ({}, ""),
    ],
)
def test_the_department_is_the_one_that_hires_or_else_the_organization(organization: object, department: str) -> None:
    assert read(hiringOrganization=organization)["dept"] == department


@pytest.mark.parametrize(
    ("location", "places"),
    [
        ("Geneva", ["Geneva"]),
        (["Geneva", {"address": "Rome"}], ["Geneva", "Rome"]),
        ({"address": {"addressLocality": "Geneva", "name": "Palais"}}, ["Geneva"]),
        ({"address": {"name": "Palais"}}, ["Palais"]),
        ({"addressLocality": "Geneva"}, ["Geneva"]),
        ({"name": "Geneva"}, ["Geneva"]),
        ([{"address": {}}, {"address": None}, None, "", 0.5], []),
        ({"address": [{"addressLocality": ""}, {"addressLocality": "Geneva"}]}, ["Geneva"]),
    ],
)
def test_the_ways_in_which_places_are_written(location: object, places: list[str]) -> None:
    assert read(jobLocation=location)["dutyStation"] == [{"code": each, "description": each} for each in places]


@pytest.mark.parametrize(
    ("identifier", "number"),
    [
        (300002, "300002"),
        (" 26/7 ", "26/7"),
        ({"value": 7, "name": "UN"}, "7"),
        ({"@value": "8"}, "8"),
        ({"name": "UN"}, "UN"),
        ([{}, {"value": "9"}], "9"),
        (1.5, ""),
        (None, ""),
    ],
)
def test_the_number_is_the_first_text_that_identifies_it(identifier: object, number: str) -> None:
    assert read(identifier=identifier)["jobId"] == number


@pytest.mark.parametrize(
    ("language", "code"),
    [("fr", "fr"), ({"alternateName": "fr", "name": "French"}, "fr"), ({"name": "French"}, "French"), ([], "")],
)
def test_the_language_is_a_code_or_a_name(language: object, code: str) -> None:
    assert read(inLanguage=language)["language"] == code


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<p>Counts.</p>", "<p>Counts.</p>"),
        ("&lt;p&gt;Counts &amp;amp; more&lt;/p&gt;", "<p>Counts &amp; more</p>"),
        ("Counts.\r\n\r\n  Adds. ", "<p>Counts.</p><p>  Adds.</p>"),
        ('R&D < 3 & "more"', '<p>R&amp;D &lt; 3 &amp; "more"</p>'),
        ("5 &lt; 6 &amp;&amp; 7", "<p>5 &lt; 6 &amp;&amp; 7</p>"),
        ({"@value": "Counts."}, "<p>Counts.</p>"),
        (["", "Counts."], "<p>Counts.</p>"),
        ("", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_a_description_is_html_however_it_was_escaped(text: object, html: str) -> None:
    assert read(description=text)["jobDescription"] == html


@pytest.mark.parametrize(
    ("industry", "network"),
    [("International affairs", ""), ("DEVNET", "DEVNET"), (["Economic, social and development"], "DEVNET"), (None, "")],
)
def test_an_industry_that_is_no_network_of_ours_is_left_out(industry: object, network: str) -> None:
    assert read(industry=industry)["jn"] == network


def test_the_kinds_of_employment_stand_in_a_row_and_the_occupation_is_the_jobs_title() -> None:
    record = read(employmentType=["FULL_TIME", None, {"name": "TEMPORARY"}], relevantOccupation={"name": "Counter"})
    assert (record["recruitmentType"], record["jobTitle"]) == ("FULL_TIME, TEMPORARY", "Counter")
    assert read()["recruitmentType"] == read()["jobTitle"] == ""


def test_a_posting_asks_nothing_so_that_the_questions_of_a_known_notice_stay() -> None:
    assert not importing.read(importing.shaped(POSTING), TODAY).asks
    assert importing.read(importing.shaped({**POSTING, "questions": []}), TODAY).asks is False


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"datePosted": "long ago"}, "datePosted"),
        ({"validThrough": {"@value": "2026-12-15"}}, "validThrough"),
        ({"title": ""}, "title occupationalCategory"),
        ({"hiringOrganization": None}, "hiringOrganization"),
        ({"jobLocation": None}, "jobLocation"),
        ({"jobLocation": ["Geneva", "Atlantis"]}, "jobLocation"),
        ({"occupationalCategory": "P-3", "title": "Statistician"}, "occupationalCategory"),
        ({"employmentType": "x" * 301}, "employmentType"),
    ],
)
def test_a_rejection_names_the_fields_of_the_posting(changes: dict[str, Any], fields: str) -> None:
    posting = {**POSTING, **changes}
    with pytest.raises(Invalid) as refusal:
        bring(dict(importing.shaped(posting)), Vacancy())
    told = {importing.rejected(problem, posting).partition(":")[0] for problem in refusal.value.problems}
    assert told == set(fields.split())


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6) | st.sampled_from(["P-3", "STA", "Geneva"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "value", "address", "codeValue", "department", "@value"]), inner)
    ),
    max_leaves=4,
)


@forall(st.dictionaries(st.sampled_from([*sorted(POSTING), "industry", "employmentType", "relevantOccupation"]), odd))
def test_whatever_a_posting_holds_it_is_read_or_rejected_and_read_again_it_changes_nothing(
    broken: dict[str, Any],
) -> None:
    raw = record_of({**POSTING, **broken})
    try:
        vacancy, happened = bring(raw, Vacancy())
    except Invalid:
        return
    assert names(happened)[0] == "VacancyPublished"
    assert bring(raw, vacancy) == (vacancy, [])
