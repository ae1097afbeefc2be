"""What a search means: words, phrases, facets and days."""

from datetime import date
from functools import partial
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.vocabulary.official import OFFICIAL
from shared.vocabulary.reference import (
    CATEGORIES,
    DUTY_STATIONS,
    FAMILIES,
    LEVELS,
    NETWORKS,
    category_of,
    code_of,
    network_of,
)
from shared.vocabulary.search import (
    CRITERIA,
    FACETS,
    MOST_KEYWORDS,
    MOST_VALUES,
    Criteria,
    Notice,
    graded,
    matches,
    phrases,
)
from shared.vocabulary.words import fold, stems, without_tags


def notice(*passages: str, language: str = "fr", posted: date = date(2026, 11, 20), **facets: str) -> Notice:
    return Notice(posted, {name: frozenset(text.split()) for name, text in facets.items()}, {language: passages})


def finds(keywords: str, *passages: str, language: str = "fr") -> bool:
    return matches(Criteria(keywords=keywords), notice(*passages, language=language))


@pytest.mark.parametrize("keywords", ["economie", "ÉCONOMIE", "Économies", "  économie \n", "«économie»"])
def test_case_accents_and_endings_do_not_matter(keywords: str) -> None:
    assert finds(keywords, "Chargé de l’économie")


@pytest.mark.parametrize("keywords", ["eau", "l’eau", "l'eau", "d’eau", '"qualité de l’eau"', '"qualite de eau"'])
def test_what_french_elides_before_a_word_is_no_word(keywords: str) -> None:
    assert finds(keywords, "Qualité de l’eau")
    assert finds(keywords, "Qualité d'eau ; la qualité de l'eau")


@pytest.mark.parametrize(
    "keywords", ["P3", "p3", "P-3", "P–3", '"P3"', "P3 economist", "economist p-3", '"P3 economist"']
)
def test_a_level_is_found_however_it_is_written(keywords: str) -> None:
    assert finds(keywords, "P-3", "An economist", "P-3 economist", language="en")
    assert not finds(keywords, "P-4", "3 years as an economist of type P", language="en")


@pytest.mark.parametrize("keywords", ["GS5", "GS-5", "G5", "G-5"])
def test_so_is_one_of_the_general_service(keywords: str) -> None:
    assert finds(keywords, "G-5", language="en")


@pytest.mark.parametrize("keywords", ["XP3", "P33", "ISO-9", "COVID-19", "P3x"])
def test_what_is_no_level_is_words(keywords: str) -> None:
    assert finds(keywords, f"about {keywords} here", language="en")
    assert not finds(keywords, "P-3", language="en")


def test_an_apostrophe_within_a_word_is_none_of_these() -> None:
    assert finds("aujourd'hui", "Aujourd’hui")
    assert not finds("hui", "d’aujourdhui")
    assert stems("l'eau", "en") == ["l", "eau"]


def test_ligatures_are_two_letters() -> None:
    assert finds("coeur soeur", "Le cœur de ma sœur")


def test_every_word_must_occur() -> None:
    assert finds("dette publique", "Une dette", "assez publique")
    assert not finds("dette privée", "Une dette publique")


def test_words_are_whole_words() -> None:
    assert not finds("cono", "économie")


@pytest.mark.parametrize("marks", ['""', "“”", "«»"])
def test_a_phrase_in_quotes_must_stand_consecutively_in_one_passage(marks: str) -> None:
    phrase = f"{marks[0]}droits humains{marks[1]}"
    assert finds(phrase, "Les droits humains partout")
    assert not finds(phrase, "Les humains ont des droits")
    assert not finds(phrase, "Les droits", "humains")


def test_a_phrase_may_repeat_a_word() -> None:
    assert finds('"a a b"', "a a a b", language="en")
    assert not finds('"a a b"', "a b a b", language="en")


def test_a_quote_that_is_not_closed_is_no_phrase() -> None:
    assert finds('humains "droits', "Les droits humains")


def test_a_notice_is_read_in_its_own_language() -> None:
    assert finds("officers", "Legal Officer", language="en")
    assert stems("nations", "fr") != stems("nationalités", "fr")


@pytest.mark.parametrize("keywords", ["", "  ", "!?", '""', "«»", "\u0000"])
def test_nothing_asked_finds_everything(keywords: str) -> None:
    assert finds(keywords, "Traducteur")


def test_values_of_a_facet_are_alternatives_and_facets_add_up() -> None:
    found = notice("x", levels="P-3", duty_stations="GENEVA NEWYORK")
    assert matches(Criteria(levels=("P-2", "P-3")), found)
    assert matches(Criteria(levels=("P-3",), duty_stations=("NEWYORK",)), found)
    assert not matches(Criteria(levels=("P-3",), duty_stations=("ROME",)), found)
    assert not matches(Criteria(networks=("POLNET",)), found)


def test_posted_since_includes_its_day() -> None:
    assert matches(Criteria(posted_since=date(2026, 11, 20)), notice("x"))
    assert not matches(Criteria(posted_since=date(2026, 11, 21)), notice("x"))


def test_equal_searches_are_equal_however_they_were_ticked() -> None:
    assert Criteria(levels=("P-3", "P-2", "P-3", "")) == Criteria(levels=("P-2", "P-3"))


values = st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple)


@forall(
    st.builds(
        Criteria, keywords=st.text(max_size=60), posted_since=st.none() | st.dates(), **dict.fromkeys(FACETS, values)
    )
)
def test_the_address_of_a_search_says_all_of_it(criteria: Criteria) -> None:
    assert Criteria.from_items(criteria.items()) == criteria
    assert Criteria.model_validate_json(criteria.model_dump_json()) == criteria


def test_an_address_may_hold_other_things_and_empty_ones() -> None:
    items = [("keywords", ""), ("levels", ""), ("page", "3"), ("posted_since", " ")]
    assert Criteria.from_items(items) == Criteria()
    with pytest.raises(ValidationError):
        Criteria.from_items([("posted_since", "yesterday")])
    with pytest.raises(ValidationError):
        Criteria(keywords="x" * 201)


def test_values_outside_our_lists_are_named() -> None:
    problems = Criteria(levels=("P-3", "P-33"), duty_stations=("ATLANTIS",), languages=("en",)).problems()
    assert [(problem.field, problem.params["value"]) for problem in problems] == [
        ("levels", "P-33"),
        ("duty_stations", "ATLANTIS"),
    ]


def test_the_form_of_a_search_asks_for_everything_that_criteria_hold() -> None:
    assert [field.name for field in CRITERIA] == list(Criteria.model_fields)


@forall(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@forall(st.text(max_size=80).map(partial(normalize, "NFKC")).map(graded), st.sampled_from(OFFICIAL))
def test_a_text_contains_its_own_words_and_phrases(text: str, language: str) -> None:
    """A text whose levels are written as notices write them, no sign of which stands for several."""
    own = notice(text, language=language)
    said = (" ".join(phrase) for phrase in phrases(text, "de"))
    assert all(matches(Criteria(keywords=words), own) for words in said if len(words) <= MOST_KEYWORDS)


@pytest.mark.parametrize(
    ("markup", "text"), [("1 < 2", "1 < 2"), ("<b>1</b> < 2", " 1  < 2"), ("a > b <", "a > b <"), ("<<b>c", " c")]
)
def test_what_no_end_follows_is_no_tag(markup: str, text: str) -> None:
    assert without_tags(markup) == text


def test_tags_part_words_and_entities_are_read() -> None:
    assert stems(without_tags("<ul><li>Audit</li><li>R&eacute;seau &lt;b&gt;</li></ul>"), "de") == [
        "audit",
        "reseau",
        "b",
    ]


def test_the_lists_have_what_the_rules_name() -> None:
    assert (len(NETWORKS.labels("en")), len(FAMILIES.labels("fr")), len(CATEGORIES.labels("en"))) == (9, 47, 9)
    assert {network_of(family) for family in FAMILIES.labels("en")} == set(NETWORKS.labels("en"))
    assert {category_of(level) for level in LEVELS.labels("en")} == set(CATEGORIES.labels("en"))


def test_a_code_is_found_by_either_name() -> None:
    assert {code_of(DUTY_STATIONS, text) for text in ("GENEVA", "geneva", "Genève", " GENEVE ")} == {"GENEVA"}
    assert code_of(DUTY_STATIONS, "Atlantis") == ""


def test_names_are_sorted_in_the_readers_language_and_ranks_are_kept() -> None:
    french = [fold(name) for name in DUTY_STATIONS.labels("fr").values()]
    assert french == sorted(french)
    assert list(LEVELS.labels("fr"))[:3] == ["P-1", "P-2", "P-3"]


@pytest.mark.parametrize("value", [{}, 1, None])
def test_values_of_a_facet_that_are_no_text_are_refused_for_their_beginning(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Criteria.model_validate({"networks": [value] * 29_000})
    assert refused.value.error_count() == MOST_VALUES
