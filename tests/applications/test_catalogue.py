"""The catalogue of degree equivalences: when it counts, what it finds, and how it is corrected."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.equivalence.catalogue import (
    CATALOGUE,
    ActivateCatalogue,
    AddEquivalence,
    Catalogue,
    CorrectEquivalence,
    restored,
)
from services.applications.domain.equivalence.entries import Entry, delivered
from services.applications.domain.equivalence.levels import as_proposed
from services.applications.domain.equivalence.matching import find
from services.applications.domain.equivalence.reading import because
from services.applications.events import Diploma, EquivalenceAdded, EquivalenceCorrected
from services.applications.projections import CATALOGUE as VIEW
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given, history
from shared.vocabulary.fields import COUNTRIES
from tests.applications.degrees import (
    ACTIVATED,
    CORRECTED,
    FIRST_MOMENT,
    IN_FORCE,
    INSA,
    LAST_MOMENT,
    catalogue,
    proposed,
)
from tests.applications.test_projections import folded

ADD = AddEquivalence(
    entry_id="new", country="FR", institution="ENSA Nancy", title="Diplôme d’architecte", level="master", reason="Law"
)
ADDED = EquivalenceAdded(
    entry_id="new", country="FR", institution="ENSA Nancy", title="Diplôme d’architecte", level="master", reason="Law"
)


@pytest.mark.rule("R69")
@pytest.mark.rule("R74")
def test_nothing_is_proposed_before_11_march_2012_in_new_york_and_everything_from_then_on() -> None:
    assert find(INSA, IN_FORCE, LAST_MOMENT) is None
    assert find(INSA, IN_FORCE, FIRST_MOMENT) is not None
    assert find(INSA, Catalogue(), NOON) is None


@pytest.mark.rule("R69")
@pytest.mark.parametrize(
    ("title", "institution", "country", "level"),
    [
        ("Licence de droit", "Université de Lille", "FR", "licence"),
        ("LICENCE EN DROIT", "ULB", "BE", "master"),
        ("Diplôme national de Master, mention Économie", "", "FR", "master"),
        ("Diplome d'ingenieure", "Ecole des Ponts", "FR", "master"),
        ("M.A. (Hons)", "University of Oxford, Balliol College", "GB", "licence"),
        ("Ph.D. in Economics", "MIT", "US", "doctorat"),
        ("Diplôme de Sciences Po", "IEP de Lyon", "FR", "master"),
        ("Laurea in fisica", "Bologna", "IT", "licence"),
        ("Laurea magistrale in fisica", "Bologna", "IT", "master"),
        ("经济学学士学位", "北京大学", "CN", "licence"),
        ("Кандидат наук", "МГУ", "RU", "doctorat"),
        ("Bachelor of Arts", "University of the South Pacific", "TV", "licence"),
        ("BTS Électrotechnique", "Lycée Diderot", "FR", "below"),
    ],
)
def test_the_level_of_a_diploma_is_derived_by_itself(title: str, institution: str, country: str, level: str) -> None:
    found = find(Diploma(title=title, institution=institution, country=country), IN_FORCE, NOON)
    assert found
    assert found.level == level


@pytest.mark.parametrize("title", ["Certificat de natation", "", "…", "de la"])
def test_what_the_catalogue_does_not_know_gets_no_level(title: str) -> None:
    assert find(Diploma(title=title, institution="", country="FR"), IN_FORCE, NOON) is None


@pytest.mark.rule("R69")
def test_a_few_hundred_entries_are_delivered_and_each_is_found_under_its_own_name() -> None:
    entries = list(delivered().values())
    assert 300 <= len(entries) <= 999
    assert {entry.country for entry in entries if entry.country} <= set(COUNTRIES.labels("en"))

    def found(entry: Entry, title: str) -> str:
        diploma = Diploma(title=title, institution=entry.institution, country=entry.country or "TV")
        match = find(diploma, IN_FORCE, NOON)
        return match.id if match else ""

    lost = [(entry.id, title) for entry in entries for title in entry.titles if found(entry, title) != entry.id]
    assert lost == []


@pytest.mark.rule("R69")
@forall(
    entry=some.sampled_from(sorted(delivered())),
    change=some.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text} ({text})"]),
    where=some.sampled_from(sorted(COUNTRIES.labels("en"))),
)
def test_the_same_diploma_gets_the_same_level_however_it_is_written(entry: str, change: Any, where: str) -> None:
    known = delivered()[entry]
    plain = Diploma(title=known.title, institution=known.institution, country=where)
    other = Diploma(title=change(known.title), institution=change(known.institution), country=where)
    assert find(plain, IN_FORCE, NOON) == find(other, IN_FORCE, NOON) == find(plain, IN_FORCE, NOON)


@pytest.mark.rule("R70")
def test_some_french_engineers_diplomas_come_out_as_licence_and_others_as_master() -> None:
    ponts = Diploma(title="Diplôme d’ingénieur", institution="École des Ponts", country="FR")
    levels = [find(diploma, IN_FORCE, NOON) for diploma in (INSA, ponts)]
    assert [entry.level for entry in levels if entry] == ["licence", "master"]


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    ("diploma", "said"),
    [
        (INSA, "Matched to “Diplôme d’ingénieur” (INSA Lyon) in the catalogue of France"),
        (
            Diploma(title="Bachelor of Science", institution="MIT", country="US"),
            "Matched to “Bachelor of Science” in the catalogue of United States of America",
        ),
        (
            Diploma(title="Bachelor of Arts", institution="USP", country="TV"),
            "Matched to “Bachelor” in the catalogue of degrees known in many countries",
        ),
    ],
    ids=["a school's", "a country's", "everywhere"],
)
def test_the_reason_says_as_what_and_where_the_diploma_was_found(diploma: Diploma, said: str) -> None:
    assert because(as_proposed(proposed(diploma)), "en", str) == said


def test_the_catalogue_is_activated_once() -> None:
    given(CATALOGUE).when(ActivateCatalogue()).then(ACTIVATED)
    given(CATALOGUE, ACTIVATED).when(ActivateCatalogue()).then()


@pytest.mark.rule("R70")
def test_a_correction_changes_what_is_found_from_then_on() -> None:
    wish = CorrectEquivalence(entry_id="fr-insa-lyon-ingenieur", level="master", reason=" Grade of master ")
    given(CATALOGUE, ACTIVATED).when(wish).then(CORRECTED)
    given(CATALOGUE, ACTIVATED, CORRECTED).when(wish).then()
    found = find(INSA, catalogue(CORRECTED), NOON)
    assert found
    assert (found.id, found.level) == ("fr-insa-lyon-ingenieur", "master")


def test_a_correction_needs_an_entry_and_a_reason() -> None:
    wish = CorrectEquivalence(entry_id="fr-insa-lyon-ingenieur", level="master", reason="  ")
    given(CATALOGUE, ACTIVATED).when(wish).refused(Invalid, "reason")
    given(CATALOGUE, ACTIVATED).when(wish.model_copy(update={"entry_id": "none"})).refused(NotFound)


def test_an_entry_can_be_added_once_and_be_corrected() -> None:
    given(CATALOGUE, ACTIVATED).when(ADD).then(ADDED)
    given(CATALOGUE, ACTIVATED, ADDED).when(ADD).then()
    twin = ADD.model_copy(update={"entry_id": "other", "title": "DIPLOME D'ARCHITECTE"})
    given(CATALOGUE, ACTIVATED, ADDED).when(twin).refused(Conflict, "title")
    diploma = Diploma(title="Diplôme d’architecte", institution="ENSA Nancy", country="FR")
    assert find(diploma, IN_FORCE, NOON) is None
    found = find(diploma, catalogue(ADDED), NOON)
    assert found
    assert found.id == "new"
    better = CorrectEquivalence(entry_id="new", level="licence", reason="Three years")
    given(CATALOGUE, ACTIVATED, ADDED).when(better).happened(EquivalenceCorrected)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"country": "France"}, "country"), ({"title": " . "}, "title"), ({"reason": ""}, "reason")],
    ids=str,
)
def test_an_entry_without_country_title_or_reason_is_refused(change: dict[str, str], field: str) -> None:
    given(CATALOGUE, ACTIVATED).when(ADD.model_copy(update=change)).refused(Invalid, field)


def test_doors_see_exactly_the_catalogue_that_rules_see() -> None:
    past = (ACTIVATED, CORRECTED, ADDED)
    document = folded(VIEW, history("catalogue-degrees", *past), "degrees")
    assert restored(document) == CATALOGUE.fold(past)
    assert document["corrections"]["fr-insa-lyon-ingenieur"]["reason"] == "Grade of master"
