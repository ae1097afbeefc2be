"""What was read beside what is there: nothing is replaced that was not named."""

from typing import Any

from services.profile.domain.cv import harmless, made, proposals, taken

THERE: dict[str, dict[str, Any]] = {
    "contact": {"email": "anna@example.org", "phone": "+33 1 11 11 11 11"},
    "education": {
        "jobs": [
            {"title": "Economist", "employer": "Trade & Co", "started_on": "2014-09-01", "duties": "Mine"},
            {"title": "Trainee", "employer": "Bank", "started_on": "2013-01-01"},
        ]
    },
}
READ = made(
    {
        "contact": {"email": "anna@example.org", "phone": "+33 2 22 22 22 22", "birth_place": "Gdańsk"},
        "education": {
            "jobs": [
                {
                    "title": "ECONOMIST",
                    "employer": "Trade &  Co",
                    "started_on": "2014-09-01",
                    "duties": "Theirs",
                    "country": "FR",
                },
                {"title": "Trainee", "employer": "Bank", "started_on": "2013-01-01"},
                {"title": "Clerk", "employer": "City"},
            ]
        },
    }
)


def test_each_field_and_entry_is_known_for_new_other_or_there_already() -> None:
    assert {each.id: each.state for each in proposals(READ, THERE)} == {
        "contact.birth_place": "new",
        "contact.email": "same",
        "contact.phone": "differs",
        "education.jobs.0": "completes",
        "education.jobs.1": "same",
        "education.jobs.2": "new",
    }


def test_everything_that_is_new_replaces_nothing() -> None:
    found = proposals(READ, THERE)
    changed = taken(found, harmless(found), THERE)
    assert changed["contact"] == {**THERE["contact"], "birth_place": "Gdańsk"}
    first, second, third = changed["education"]["jobs"]
    assert first == {**THERE["education"]["jobs"][0], "country": "FR"}
    assert second == THERE["education"]["jobs"][1]
    assert third == {"title": "Clerk", "employer": "City"}


def test_only_what_is_named_is_taken() -> None:
    found = proposals(READ, THERE)
    assert taken(found, ["contact.phone"], THERE) == {"contact": {**THERE["contact"], "phone": "+33 2 22 22 22 22"}}
    assert taken(found, ["contact.email", "education.jobs.1", "nothing.known"], THERE) == {}


def test_taken_once_it_is_all_there() -> None:
    found = proposals(READ, THERE)
    after = {**THERE, **taken(found, [each.id for each in found], THERE)}
    differing = [each for each in proposals(READ, after) if each.state != "same"]
    assert [(each.id, each.state) for each in differing] == [("education.jobs.0", "differs")]
    replaced = {**after, **taken(differing, ["education.jobs.0"], after)}
    assert {each.state for each in proposals(READ, replaced)} == {"same"}


def test_an_entry_of_which_the_file_says_something_else_is_replaced_where_somebody_says_so_alone() -> None:
    mine, theirs = ({"title": "Clerk", "employer": "City", "duties": words} for words in ("Mine", "Theirs"))
    there = {"education": {"jobs": [{**mine, "country": "FR"}]}}
    found = proposals(made({"education": {"jobs": [theirs]}}), there)
    assert ([each.state for each in found], harmless(found)) == (["differs"], frozenset())
    assert taken(found, ["education.jobs.0"], there) == {"education": {"jobs": [{**theirs, "country": "FR"}]}}


def test_each_entry_that_is_there_is_one_of_the_file_s_and_none_is_lost() -> None:
    read = made({"skills": {"languages": [{"language": "fr", "read": "fluent"}, {"language": "fr", "speak": "basic"}]}})
    there = {"skills": {"languages": [{"language": "fr"}]}}
    found = proposals(read, there)
    assert [each.state for each in found] == ["completes", "new"]
    after = taken(found, [each.id for each in found], there)
    assert after == {"skills": read.sections["skills"]}
    assert [each.state for each in proposals(read, after)] == ["same", "same"]


def test_two_diplomas_of_one_school_are_told_apart_by_their_fields() -> None:
    economics, law = (
        {"title": "Bachelor", "institution": "Geneva", "field_of_study": field} for field in ("Economics", "Law")
    )
    found = proposals(made({"education": {"diplomas": [law]}}), {"education": {"diplomas": [economics]}})
    assert [each.state for each in found] == ["new"]


def test_what_no_list_knows_is_not_taken_and_told() -> None:
    reading = made({"contact": {"birth_country": "Atlantis", "gender": "female", "shoe_size": "44"}})
    assert reading.sections["contact"] == {"gender": "female"}
    assert [(each.where, each.words) for each in reading.left] == [
        ("contact › shoe_size", "44"),
        ("contact › birth_country", "Atlantis"),
    ]
