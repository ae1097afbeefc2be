"""Lookups find what people type: usual and former names, however they are written, the likeliest first (R23)."""

import json

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from shared.vocabulary.fields import (
    ANOTHER,
    COUNTRIES,
    LANGUAGES,
    NATIONALITIES,
    Field,
    Option,
    PromptList,
    check,
    display,
    meant,
)
from shared.vocabulary.fields.lists import nearest
from shared.vocabulary.naming import SAINTS, Names, found, key, keys
from shared.vocabulary.reference import (
    CATEGORIES,
    DEPARTMENTS,
    DUTY_STATIONS,
    FAMILIES,
    LEVELS,
    NETWORKS,
    ORGANISATIONS,
    country_of,
)
from shared.web.listings import LISTS, listing
from tests.shared.vocabulary.typed import COUNTRIES_TYPED, LANGUAGES_TYPED

ALL = (COUNTRIES, NATIONALITIES, LANGUAGES, ORGANISATIONS, DUTY_STATIONS, DEPARTMENTS, CATEGORIES, LEVELS, NETWORKS,
       FAMILIES)  # fmt: skip


def names(codes: PromptList, typed: str, language: str) -> list[str]:
    """What is offered for these words, in order."""
    values = [(value, [*keys(label)[:1], *more]) for value, label, more in codes.searched(language)]
    return [codes.label(value, language) for value in found(typed, values)]


@pytest.mark.rule("R23")
@pytest.mark.parametrize(("typed", "code"), COUNTRIES_TYPED)
def test_a_country_is_meant_by_its_usual_names(typed: str, code: str) -> None:
    assert COUNTRIES.names.meant(typed) == code
    assert meant(COUNTRIES, typed) == (code or typed)


@pytest.mark.rule("R23")
@pytest.mark.parametrize(("typed", "code"), LANGUAGES_TYPED)
def test_a_language_is_meant_by_its_usual_names(typed: str, code: str) -> None:
    assert LANGUAGES.names.meant(typed) == code


@pytest.mark.parametrize(
    ("prompts", "typed", "code"),
    [
        (LEVELS, "P3", "P-3"), (LEVELS, "gs 5", "G-5"), (LEVELS, "NOB", "NO-B"), (ORGANISATIONS, "OMS", "WHO"),
        (ORGANISATIONS, "World Health Organization", "WHO"), (ORGANISATIONS, "ONU", "UN"),
        (ORGANISATIONS, "UNHCR", "UNHCR"), (ORGANISATIONS, "Banque mondiale", "WB"),
        (ORGANISATIONS, "CNUCED", "UNCTAD"),
        (DUTY_STATIONS, "Ndjamena", "NDJAMENA"), (DUTY_STATIONS, "Sana'a", "SANAA"), (DUTY_STATIONS, "Kiev", "KYIV"),
        (DUTY_STATIONS, "washington dc", "WASHINGTON"), (DUTY_STATIONS, "port au prince", "PORTAUPRINCE"),
        (DEPARTMENTS, "OCHA", "OCHA"), (DEPARTMENTS, "Affaires juridiques", "OLA"), (CATEGORIES, "Field service", "FS"),
    ],
)  # fmt: skip
def test_so_are_the_values_of_every_other_list(prompts: PromptList, typed: str, code: str) -> None:
    assert prompts.names.meant(typed) == code


@pytest.mark.parametrize("prompts", ALL, ids=lambda prompts: prompts.name)
def test_every_label_in_either_language_means_its_own_value(prompts: PromptList) -> None:
    for language in ("en", "fr"):
        labels = prompts.labels(language)
        assert labels.keys() == prompts.labels("en").keys()
        assert {code: prompts.names.meant(label) for code, label in labels.items()} == {code: code for code in labels}


def test_the_likeliest_stands_first() -> None:
    english, french = names(COUNTRIES, "Mal", "en"), names(COUNTRIES, "Mal", "fr")
    assert english == ["Malawi", "Malaysia", "Maldives", "Mali", "Malta", "Falkland Islands (Malvinas)", "Guatemala",
                       "Somalia"]  # fmt: skip
    assert french[:5] == ["Malaisie", "Malawi", "Maldives", "Mali", "Malte"]
    assert french.index("Guatemala") > french.index("Îles Falkland (Malvinas)")
    assert names(COUNTRIES, "Guinée", "fr")[0] == "Guinée"
    assert names(COUNTRIES, "Corée", "fr") == ["République de Corée", "République populaire démocratique de Corée"]
    assert names(COUNTRIES, "turkey", "fr")[0] == "Türkiye"
    assert names(COUNTRIES, "trinidad e", "fr") == ["Trinité-et-Tobago"]
    assert names(COUNTRIES, "", "fr") == [*COUNTRIES.labels("fr").values()]


WORDS = st.lists(st.sampled_from(["and", "Saint", "st", "côte", "d'Or", "N’Ko", "x", "&", "-", "Ö", "l'", "été"]))


@forall(WORDS.map(" ".join), st.data())
def test_folding_twice_is_folding_once_and_order_does_not_matter(name: str, data: st.DataObject) -> None:
    assert key(key(name)) == key(name)
    known = Names({"it": [name]}, {})
    words = key(name).split()
    shuffled = " ".join(data.draw(st.permutations(words)))
    assert known.named(name) == known.named(shuffled) == known.named("".join(words)) == ("it" if words else "")


def test_a_name_of_nothing_but_saints_is_read_in_no_time() -> None:
    assert keys("St. Saint " * 500) == (key("St. Saint " * 500), *(" ".join([w] * 1000) for w in SAINTS))


@forall(st.text(max_size=30))
def test_whatever_is_typed_means_a_value_or_stays_what_it_is(typed: str) -> None:
    code = meant(COUNTRIES, typed)
    assert code == typed or code in COUNTRIES
    assert set(COUNTRIES.names.near(typed)) <= set(COUNTRIES.labels("en"))


def test_countries_bear_the_names_of_the_united_nations() -> None:
    called = {"TR": ("Türkiye", "Türkiye"), "CV": ("Cabo Verde", "Cabo Verde"), "SZ": ("Eswatini", "Eswatini"),
              "CD": ("Democratic Republic of the Congo", "République démocratique du Congo"),
              "US": ("United States of America", "États-Unis d’Amérique"), "VA": ("Holy See", "Saint-Siège"),
              "PS": ("State of Palestine", "État de Palestine"), "BY": ("Belarus", "Bélarus"),
              "LC": ("Saint Lucia", "Sainte-Lucie"), "CI": ("Côte d’Ivoire", "Côte d’Ivoire"),
              "KR": ("Republic of Korea", "République de Corée"), "FM": ("Micronesia (Federated States of)",
                                                                        "Micronésie (États fédérés de)")}  # fmt: skip
    assert {code: (COUNTRIES.label(code, "en"), COUNTRIES.label(code, "fr")) for code in called} == called
    assert not [label for label in COUNTRIES.labels("en").values() if "St." in label or "&" in label or "'" in label]


def test_nobody_has_the_nationality_of_antarctica_and_whoever_has_saved_it_keeps_it() -> None:
    nationality = Field("it", "It", "lookup", options=NATIONALITIES)
    assert len(NATIONALITIES) == 1 + 193 + 5
    for area in ("AQ", "GP", "PR", "HK", "BV"):
        assert area in COUNTRIES
        assert area not in NATIONALITIES.labels("fr")
        assert check([nationality], {"it": area}) == []
    assert display(nationality, "AQ", "fr", str) == "Antarctique"
    assert meant(NATIONALITIES, "Antarctica") == "Antarctica"
    assert meant(NATIONALITIES, "apatride") == "XXA"


def test_a_language_that_was_offered_once_keeps_its_name() -> None:
    tongue = Field("it", "It", "lookup", options=LANGUAGES)
    assert [display(tongue, code, "fr", str) for code in ("vo", "la", "eo")] == ["Volapük", "Latin", "Espéranto"]
    assert check([tongue], {"it": "vo"}) == []
    assert "vo" not in LANGUAGES.labels("en")
    assert len(LANGUAGES) > 7_000
    assert next(iter(LANGUAGES.labels("fr").items())) == (ANOTHER, "Autre langue")


def test_a_problem_names_what_was_typed_and_what_comes_closest() -> None:
    country = Field("it", "Country", "lookup", options=COUNTRIES)
    [problem] = check([country], {"it": "Gremany"})
    assert str(problem) == (
        "Country – “Gremany” is not in the list. Clear it, then pick a value from the list, such as: Germany"
    )
    [ambiguous] = check([country], {"it": "Korea"})
    assert str(ambiguous).endswith("such as: Democratic People’s Republic of Korea; Republic of Korea")
    assert ambiguous.params["nearest"].in_words("fr", str) == (
        "République populaire démocratique de Corée; République de Corée"
    )
    [far] = check([country], {"it": "Xyzzy"})
    assert str(far) == "Country – “Xyzzy” is not in the list. Clear it, then pick a value from the list"
    own = (Option("a", "First job – 2 May"), Option("b", "Second job – 3 May"))
    assert nearest(own, "second").in_words("fr", str.upper) == "SECOND JOB – 3 MAY"
    assert (meant(own, "a"), meant(own, "first job"), meant(own, "third")) == ("a", "a", "third")


def test_duty_stations_know_their_country() -> None:
    found = {code: country_of(code) for code in DUTY_STATIONS.labels("en")}
    assert {code for code, country in found.items() if country not in COUNTRIES} == {"JERUSALEM"}
    assert (found["GENEVA"], found["NAIROBI"], found["LAAYOUNE"], country_of("ATLANTIS")) == ("CH", "KE", "EH", "")


def test_the_script_gets_each_list_whole() -> None:
    assert set(LISTS.values()) == set(ALL)
    rows = json.loads(listing(COUNTRIES, "fr"))
    assert [row[:2] for row in rows] == [[code, label] for code, label in COUNTRIES.labels("fr").items()]
    known = {code: more.split("|") for code, _, more in rows}
    assert {"turkey", "turquie", "tur"} <= set(known["TR"])
    assert "turkiye" not in known["TR"]
