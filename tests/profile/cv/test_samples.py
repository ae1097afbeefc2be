"""Files in the shape that each format describes: what is read from them, and what is said of the rest."""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from pypdf import PdfWriter

from services.profile.domain.cv import Reading, read
from services.profile.domain.cv.source import MOST_LEFT, MOST_LOOKED_UP, MOST_OF_ONE_KIND, Node
from shared.files.unpacking import unpack
from shared.model.errors import Invalid

SAMPLES: Final = Path(__file__).with_name("samples")


def sample(name: str) -> Reading:
    return reading((SAMPLES / name).read_bytes())


def reading(content: bytes) -> Reading:
    held = unpack(content)
    assert held.format, held.flaw
    return read(held.format, held.content)


def test_json_resume() -> None:
    found = sample("resume.json")
    contact, education, skills = (found.sections[key] for key in ("contact", "education", "skills"))
    assert contact == {
        "email": "awa.ndiaye@example.org",
        "phone": "+221 77 123 45 67",
        "permanent_street": "7 rue Carnot",
        "permanent_postcode": "10200",
        "permanent_city": "Dakar",
        "permanent_region": "Dakar",
        "permanent_country": "SN",
    }
    present, earlier = education["jobs"]
    assert (present["country"], present["current"], present["started_on"]) == ("SN", "yes", "2018-03-01")
    assert present["achievements"] == "Wrote the yearly report.\nTrained forty officials."
    assert "ended_on" not in present
    assert (earlier["city"], earlier["current"], earlier["ended_on"]) == ("Neverland", "no", "2018-02-28")
    assert "country" not in earlier
    assert education["diplomas"][0]["field_of_study"] == "Economics"
    assert education["certificates"][0]["obtained_on"] == "2019-05-04"
    assert skills["mother_tongue"] == "fr"
    assert [each["language"] for each in skills["languages"]] == ["fr", "en", "wo"]
    assert skills["other_skills"] == "Statistics (Advanced): Stata, R"
    assert found.sections["references"]["referees"] == [{"name": "Rosa Diop", "relationship": "She supervised my work"}]


def test_days_of_which_the_file_says_less_are_told() -> None:
    assert sample("resume.json").rough == {
        "education.jobs.0.started_on",
        "education.jobs.1.started_on",
        "education.jobs.1.ended_on",
        "skills.publications.0.published_on",
    }


def test_what_is_not_understood_is_told_with_its_words() -> None:
    left = {each.where: each.words for each in sample("resume.json").left}
    assert left["basics › name"] == "Awa Ndiaye"
    assert left["languages 4 › language"] == "Klingon of Mars"
    assert left["languages 4 › fluency"] == "basic"
    assert left["interests › name"] == "Chess"
    assert "basics › email" not in left


def test_europass_profile() -> None:
    found = sample("europass-profile.xml")
    contact, education, skills = (found.sections[key] for key in ("contact", "education", "skills"))
    assert (contact["given_names"], contact["family_name"]) == ("Marek", "Nowak")
    assert (contact["phone"], contact["gender"], contact["birth_date"]) == ("+48 601 234 567", "male", "1988-04-02")
    assert (contact["permanent_city"], contact["permanent_country"]) == ("Gdańsk", "PL")
    assert found.sections["nationality"] == {"nationality": "PL", "second_nationality": "FR"}
    earlier, present = education["jobs"]
    assert (earlier["employer"], earlier["duties"]) == ("Water & Soil Ltd", "Planned wells.\nCosts < 1M")
    assert (earlier["started_on"], earlier["ended_on"]) == ("2015-02-01", "2019-12-31")
    assert (present["current"], present["country"]) == ("yes", "FR")
    (diploma,) = education["diplomas"]
    assert (diploma["obtained"], diploma["obtained_on"]) == ("yes", "2012-06-30")
    assert education["certificates"] == [
        {"title": "Diver", "institution": "Divers’ Union", "obtained_on": "2011-07-01"}
    ]
    assert skills == {
        "mother_tongue": "pl",
        "languages": [
            {"language": "fr", "read": "fluent", "write": "basic", "speak": "confident", "understand": "fluent"}
        ],
        "it_skills": "AutoCAD",
    }
    assert ("CandidateProfile › ExecutiveSummary", "Engineer of water works.") in found.left


def test_europass_as_it_was() -> None:
    found = sample("europass-passport.xml")
    contact, education, skills = (found.sections[key] for key in ("contact", "education", "skills"))
    assert (contact["title"], contact["gender"], contact["birth_date"]) == ("ms", "female", "1985-11-09")
    assert (contact["phone"], contact["other_phone"]) == ("+33 6 12 34 56 78", "+33 4 91 00 00 00")
    assert found.sections["nationality"] == {"nationality": "LB", "second_nationality": "GB"}
    earlier, present = education["jobs"]
    assert earlier["duties"] == "Conseil aux réfugiés\nPlaidoyer"
    assert (earlier["started_on"], earlier["ended_on"]) == ("2010-09-01", "2016-02-29")
    assert (present["current"], "ended_on" in present) == ("yes", False)
    assert education["diplomas"][0]["field_of_study"] == "Droit"
    assert skills["languages"] == [
        {"language": "en", "read": "fluent", "write": "confident", "speak": "basic", "understand": "confident"}
    ]
    assert (skills["it_skills"], skills["other_skills"]) == ("Excel", "Négociation")
    assert ("LearnerInfo › Skills › Driving › Description › Licence", "B") in found.left


@pytest.mark.parametrize("name", ["europass-profile.xml", "europass-passport.xml"])
def test_a_pdf_that_carries_the_xml_says_the_same(name: str) -> None:
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment("picture.jpg", b"\xff\xd8\xff")
    writer.add_attachment("attachment.xml", (SAMPLES / name).read_bytes())
    writer.write(written)
    assert reading(written.getvalue()) == sample(name)


@pytest.mark.parametrize(
    ("written", "content", "said"),
    [
        ("json", {"name": "package", "version": "1.0"}, "it is no CV that is known here"),
        ("json", [1, 2], "it is no CV that is known here"),
        ("xml", {"html": [{"body": [{"#": "Me"}]}]}, "it is no CV that is known here"),
        ("form", {"topmostSubform": "x"}, "it is no CV that is known here"),
        ("json", {"basics": {}, "work": "?"}, "Nothing is filled in"),
        ("json", {"format": "postulo-profile", "version": 2, "sections": {}}, "of version 2"),
        ("json", {"format": "postulo-profile", "version": "\ud8002", "sections": {}}, "of version 2"),
        ("form", {"postulo/form": "2", "contact/phone": "+33 1 23 45 67 89"}, "of version 2"),
        ("json", {"work": [{"position": f"Job {number}"} for number in range(51)]}, "more than 50 entries"),
    ],
)
def test_what_is_no_cv_is_refused_with_a_reason(written: str, content: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(written, content)


@pytest.mark.parametrize(
    "content",
    [
        {"basics": "me", "work": [[["x"]], 7, None], "languages": {"language": ["en"]}, "education": "none"},
        {"basics": {"email": ["a@b.org", {}], "location": ["Paris"]}, "work": {"position": {"a": 1}}},
        {"format": "postulo-profile", "version": 1, "sections": {"contact": [], "family": {"values": {"x": [1]}}}},
        {
            "format": "postulo-profile",
            "version": 1,
            "sections": {"education": {"values": {"jobs": [1, {"title": {}}]}}},
        },
        {
            "postulo/form": "1",
            "education/jobs/x/title": "A",
            "a/b/c/d/e": "B",
            "": "C",
            "education/jobs/999/title": "D",
        },
        {"Candidate": [{"CandidatePerson": ["?", {"BirthDate": [{"#": "soon"}]}]}]},
        {"SkillsPassport": [{"LearnerInfo": [{"Identification": [7]}]}]},
    ],
)
@pytest.mark.parametrize("written", ["json", "xml", "form"])
def test_whatever_stands_where_something_else_should_is_read_or_refused(written: str, content: Any) -> None:
    with suppress(Invalid):
        read(written, content)


@pytest.mark.parametrize(
    ("content", "said", "left"),
    [
        (
            {"basics": "me", "work": [[["x"]], 7, None], "languages": {"language": ["en"]}, "education": "none"},
            {"skills": {"languages": [{"language": "en"}]}},
            ["me", "x", "7", "none"],
        ),
        (
            {"basics": {"email": ["a@b.org", {}], "location": ["Paris"]}, "work": {"position": {"a": 1}}},
            {"contact": {"email": "a@b.org"}},
            ["Paris", "1"],
        ),
    ],
)
def test_what_stands_in_its_place_is_read_and_the_rest_is_told(
    content: Any, said: dict[str, Any], left: list[str]
) -> None:
    found = read("json", content)
    assert {key: values for key, values in found.sections.items() if values} == said
    assert [each.words for each in found.left] == left


@pytest.mark.parametrize(
    ("location", "city", "country"),
    [
        ("Dakar, Senegal", "Dakar", "SN"),
        ("1 rue Carnot, Bat. 3, 10200, Dakar, Senegal", "1 rue Carnot, Bat. 3, 10200, Dakar", "SN"),
        ("Boston, MA", "Boston, MA", None),
        ("San Francisco, CA", "San Francisco, CA", None),
        ("Kowloon, Hong Kong, SAR China", "Kowloon", "HK"),
        ("D, Afghanistan", "D", "AF"),
    ],
)
def test_places(location: str, city: str | None, country: str | None) -> None:
    (job,) = read("json", {"work": [{"location": location}]}).sections["education"]["jobs"]
    assert (job.get("city"), job.get("country")) == (city, country)


def of_candidate(**person: Any) -> dict[str, Any]:
    return {"Candidate": [{"CandidatePerson": [person]}]}


def way(channel: str, **reached: str) -> dict[str, Any]:
    return {"ChannelCode": [{"#": channel}], **{name: [{"#": value}] for name, value in reached.items()}}


@pytest.mark.parametrize(
    ("written", "content", "left"),
    [
        (
            "xml",
            of_candidate(Communication=[way("Email", URI=f"{name}@example.org") for name in ("a", "b", "a")]),
            [("contact › email", "b@example.org")],
        ),
        (
            "xml",
            of_candidate(Communication=[way("Telephone", DialNumber=f"+4412{number}") for number in (1, 2, 3)]),
            [("contact › other_phone", "+44123")],
        ),
        (
            "xml",
            of_candidate(PrimaryLanguageCode=[{"#": "fra"}, {"#": "ara"}]),
            [("skills › mother_tongue", "ar")],
        ),
        (
            "json",
            {
                "skills": [
                    {"level": "Top", "keywords": ["x"]},
                    {"name": "IT skills", "level": "Good", "keywords": ["y"]},
                ]
            },
            [("skills › level", "Top"), ("skills 2 › level", "Good")],
        ),
        (
            "json",
            {"basics": {"email": "a@example.org"}, "in\ud800": [{"name": "\ud800\uffff?"}]},
            [("in › name", "?")],
        ),
    ],
)
def test_what_there_is_no_room_for_is_told(written: str, content: Any, left: list[tuple[str, str]]) -> None:
    assert [tuple(each) for each in read(written, content).left] == left


def test_of_two_cities_of_a_job_the_other_is_told() -> None:
    address = [{"Address": [{"CityName": [{"#": "Lyon"}], "CountryCode": [{"#": "fr"}]}]}]
    employer = {
        "OrganizationContact": [{"Communication": address}],
        "PositionHistory": [{"City": [{"#": "Paris"}], "Country": [{"#": "FR"}]}],
    }
    content = {"Candidate": [{"CandidateProfile": [{"EmploymentHistory": [{"EmployerHistory": [employer]}]}]}]}
    found = read("xml", content)
    assert found.sections["education"]["jobs"] == [{"city": "Paris", "country": "FR"}]
    assert [each.words for each in found.left] == ["Lyon"]


def test_of_names_that_no_list_knows_so_many_are_looked_up_and_codes_are_always_known() -> None:
    spoken = [{"language": f"xx yy {number}"} for number in range(MOST_LOOKED_UP)]
    found = read("json", {"languages": [*spoken, {"language": "German"}, {"language": "fr"}]})
    assert found.sections["skills"]["languages"] == [{"language": "fr"}]
    assert len(found.left) + found.more == MOST_LOOKED_UP + 1


def test_of_a_list_so_many_items_are_read_and_the_others_are_told() -> None:
    skills = [{"name": f"Skill {number}"} for number in range(MOST_OF_ONE_KIND + 2)]
    found = read("json", {"skills": skills})
    assert len(found.sections["skills"]["other_skills"].split("\n")) == MOST_OF_ONE_KIND
    assert [each.words for each in found.left] == ["Skill 300", "Skill 301"]


def test_however_long_the_way_to_a_piece_so_much_of_it_is_told() -> None:
    nested: Any = [1] * 2_000
    for number in range(37):
        nested = {str(number).ljust(10_000, "k"): nested}
    left = Node(nested).left()
    assert len(left) == 2_000
    assert sum(len(each.where) for each in left) <= 2_000 * MOST_LEFT
    assert left[0].where.startswith("36kkk")
    assert " › 35kkk" in left[0].where
