"""The catalogue of equivalences: from when it counts, what curators may change in it, and which entry goes first."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.equivalence.catalogue import (
    CATALOGUE,
    ActivateCatalogue,
    AddEquivalence,
    CorrectEquivalence,
    restored,
)
from services.applications.domain.equivalence.entries import delivered
from services.applications.domain.equivalence.matching import find
from services.applications.domain.equivalence.reading import because, level_name
from services.applications.domain.equivalence.report import REPORT, report_key
from services.applications.events import DegreeCatalogueActivated, Diploma, EquivalenceAdded, EquivalenceCorrected
from services.applications.projections import CATALOGUE as VIEW
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given, history, recorded
from shared.web.environment import Web
from tests.applications.degrees import ACTIVATED, CORRECTED, INSA, catalogue
from tests.applications.rules.streams import sentences
from tests.applications.test_catalogue import ADD, ADDED
from tests.applications.test_projections import folded
from tests.applications.test_report import REPORT_IT, REPORTED
from tests.applications.values import ANNA, DRAFT, OTHER

FRENCH = Web.of("applications").texts("fr")
LATER = DegreeCatalogueActivated(edition="2030-07", effective_on=date(2030, 7, 1))


def test_another_edition_or_another_day_is_another_activation() -> None:
    wish = ActivateCatalogue(edition="2030-07", effective_on=date(2030, 7, 1))
    given(CATALOGUE, ACTIVATED).when(wish).then(LATER)
    given(CATALOGUE, ACTIVATED, LATER).when(wish).then()
    sooner = wish.model_copy(update={"effective_on": date(2030, 6, 30)})
    given(CATALOGUE, ACTIVATED, LATER).when(sooner).happened(DegreeCatalogueActivated)


@pytest.mark.rule("R69")
@pytest.mark.rule("R74")
def test_a_day_begins_in_new_york_in_summer_too() -> None:
    midnight = datetime(2030, 7, 1, 4, tzinfo=UTC)
    known = catalogue(LATER)
    assert known.in_force(midnight)
    assert not known.in_force(midnight - timedelta(microseconds=1))


@pytest.mark.rule("R70")
def test_a_correction_tells_the_level_before_it_and_can_be_taken_back() -> None:
    back = CorrectEquivalence(entry_id="fr-insa-lyon-ingenieur", level="licence", reason="Wrong decree")
    given(CATALOGUE, ACTIVATED, CORRECTED).when(back).then(
        EquivalenceCorrected(entry_id="fr-insa-lyon-ingenieur", before="master", level="licence", reason="Wrong decree")
    )
    given(CATALOGUE, ACTIVATED).when(back.model_copy(update={"reason": ""})).then()


@pytest.mark.parametrize(
    ("wish", "kind", "sentence"),
    [
        (
            CorrectEquivalence(entry_id="no", level="master", reason=""),
            NotFound,
            "There is no such entry in the catalogue",
        ),
        (
            CorrectEquivalence(entry_id="fr-insa-lyon-ingenieur", level="master", reason="\n"),
            Invalid,
            "Give the reason: candidates and colleagues will ask",
        ),
        (ADD.model_copy(update={"title": "x" * 201}), Invalid, "This can have at most 200 characters"),
        (ADD.model_copy(update={"institution": "x" * 201}), Invalid, "This can have at most 200 characters"),
        (ADD.model_copy(update={"title": "…"}), Invalid, "Give the title of the degree"),
        (ADD.model_copy(update={"country": ""}), Invalid, "“” is not the code of a country"),
        (ADD.model_copy(update={"country": "x" * 99}), Invalid, f"“{'x' * 40}” is not the code of a country"),
        (
            ADD.model_copy(update={"title": "MASTER", "institution": " "}),
            Conflict,
            "The catalogue has this already, as fr-master. Correct that entry",
        ),
        (
            ADD.model_copy(update={"title": "diplome  d'ingenieur", "institution": "insa LYON"}),
            Conflict,
            "The catalogue has this already, as fr-insa-lyon-ingenieur. Correct that entry",
        ),
    ],
    ids=[
        "no entry", "no reason", "long title", "long school", "no title", "no country", "long country", "twin",
        "school's twin",
    ],
)  # fmt: skip
def test_why_the_catalogue_is_not_changed_is_said(wish: Any, kind: Any, sentence: str) -> None:
    assert sentences(given(CATALOGUE, ACTIVATED).when(wish).refused(kind)) == [sentence]


def test_everything_that_an_addition_lacks_is_said_at_once() -> None:
    wish = ADD.model_copy(update={"country": "France", "title": "", "institution": "x" * 201, "reason": " "})
    given(CATALOGUE, ACTIVATED).when(wish).refused(Invalid, "country", "title", "institution", "reason")


def test_an_addition_is_kept_without_outer_blanks_and_at_its_longest() -> None:
    wish = ADD.model_copy(update={"title": "x" * 200, "institution": "y" * 200, "reason": " Law "})
    [event] = given(CATALOGUE, ACTIVATED).when(wish).happened(EquivalenceAdded)
    assert (len(event.title), len(event.institution), event.reason) == (200, 200, "Law")
    padded = ADD.model_copy(update={"title": f" {ADD.title} ", "institution": f"{ADD.institution}\n"})
    given(CATALOGUE, ACTIVATED).when(padded).then(ADDED)


@pytest.mark.parametrize("other", [{"country": "BE"}, {"institution": "ENSA Paris"}, {"institution": ""}], ids=str)
def test_the_same_title_elsewhere_is_another_entry(other: dict[str, str]) -> None:
    wish = ADD.model_copy(update={"entry_id": "other", **other})
    given(CATALOGUE, ACTIVATED, ADDED).when(wish).happened(EquivalenceAdded)


def test_an_entry_that_was_added_stays_whatever_is_wished_under_its_id() -> None:
    given(CATALOGUE, ACTIVATED, ADDED).when(ADD.model_copy(update={"title": "", "country": "?"})).then()


LEVELS = some.sampled_from(["below", "licence", "master", "doctorat"])
WISHES = some.one_of(
    some.builds(
        CorrectEquivalence,
        entry_id=some.sampled_from(["fr-insa-lyon-ingenieur", "new"]),
        level=LEVELS,
        reason=some.just("Law"),
    ),
    some.builds(lambda level: ADD.model_copy(update={"level": level}), LEVELS),
)


@pytest.mark.rule("R70")
@forall(wishes=some.lists(WISHES, max_size=8))
def test_after_any_changes_each_entry_has_the_level_it_was_given_last(wishes: list[Any]) -> None:
    events: list[Any] = [ACTIVATED]
    levels = {"fr-insa-lyon-ingenieur": "licence"}
    for wish in wishes:
        outcome = given(CATALOGUE, *events).when(wish)
        events += outcome.events or ()
        if outcome.refusal is None and not (isinstance(wish, AddEquivalence) and "new" in levels):
            levels[wish.entry_id] = wish.level
    state = CATALOGUE.fold(events)
    assert {entry.id: entry.level for entry in state.all() if entry.id in ("new", "fr-insa-lyon-ingenieur")} == levels
    assert len(list(state.all())) == len(delivered()) + ("new" in levels)
    assert restored(folded(VIEW, history("catalogue-degrees", *events), "degrees")) == state


def entry(name: str, title: str, level: str, institution: str = "", country: str = "TV") -> EquivalenceAdded:
    return EquivalenceAdded.model_validate(
        {"entry_id": name, "country": country, "institution": institution, "title": title, "level": level,
         "reason": "Law"}
    )  # fmt: skip


PLAIN = entry("plain", "Diploma", "below")
LONGER = entry("longer", "Diploma of Navigation", "licence")
SCHOOLS = entry("schools", "Diploma", "master", "Maritime Institute")
ELSEWHERE = entry("elsewhere", "Diploma of Navigation", "doctorat", country="FJ")
OWN_BACHELOR = entry("own", "Bachelor", "master")


@pytest.mark.rule("R69")
@pytest.mark.parametrize(
    ("title", "institution", "found"),
    [
        ("Diploma of Navigation", "", "longer"),
        ("Navigation (Diploma)", "University", "longer"),
        ("Diploma of Navigation", "Maritime Institute of Tuvalu", "schools"),
        ("Diploma of Navigation", "Institute", "longer"),
        ("DIPLOMA", "maritime institute", "schools"),
        ("Diploma", "", "plain"),
        ("Bachelor of Arts", "", "own"),
        ("Navigation", "Maritime Institute", None),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["as added", "backwards"])
def test_a_school_goes_before_its_country_a_country_before_all_and_more_words_before_fewer(
    title: str, institution: str, found: str | None, order: int
) -> None:
    known = catalogue(*[PLAIN, LONGER, SCHOOLS, ELSEWHERE, OWN_BACHELOR][::order])
    entry = find(Diploma(title=title, institution=institution, country="TV"), known, NOON)
    assert (entry.id if entry else None) == found


@pytest.mark.rule("R69")
@pytest.mark.parametrize(
    ("title", "found"), [("Mate and Master mariner", "b"), ("Master mariner and Mate", "a"), ("Master’s mate", "a")]
)
def test_between_equals_the_word_that_stands_first_decides(title: str, found: str) -> None:
    known = catalogue(entry("b", "Mate", "below"), entry("a", "Master", "master"))
    level = find(Diploma(title=title, institution="", country="TV"), known, NOON)
    assert level
    assert level.id == found


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    ("country", "institution", "sentence"),
    [
        ("DE", "TU Berlin", "Correspond à « Diplom » (TU Berlin) dans le catalogue (Allemagne)"),
        ("DE", "", "Correspond à « Diplom » dans le catalogue (Allemagne)"),
        ("", "", "Correspond à « Diplom » dans le catalogue des diplômes connus dans de nombreux pays"),
    ],
    ids=["a school's", "a country's", "everywhere"],
)
def test_where_a_diploma_was_found_is_said_in_french_too(country: str, institution: str, sentence: str) -> None:
    found: Any = {"found_as": "Diplom", "institution": institution, "country": country}
    assert because(found, "fr", FRENCH).replace("\u00a0", " ") == sentence


def test_a_level_is_called_by_its_name_and_an_unknown_one_by_itself() -> None:
    assert [level_name(level, str) for level in ("doctorat", "grade", "")] == ["Doctorate", "grade", ""]


@pytest.mark.rule("R72")
@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, "nothing"),
        ({"level": "doctorat"}, "refused"),
        ({"explanation": "Six years"}, "refused"),
        ({"proposed": ("licence", "fr-diplome-d-ingenieur")}, "told"),
        ({"proposed": None}, "told"),
    ],
    ids=str,
)
def test_a_report_is_told_again_only_once_the_catalogue_says_something_else(
    changes: dict[str, Any], again: str
) -> None:
    outcome = given(REPORT, REPORTED).when(REPORT_IT.model_copy(update=changes))
    if again == "refused":
        sentence = "You have reported this already, and the catalogue has not changed since"
        assert sentences(outcome.refused(Conflict)) == [sentence]
    else:
        assert len(outcome.events or ()) == (again == "told")


@pytest.mark.rule("R72")
def test_what_a_report_lacks_is_said_before_that_it_was_made_already() -> None:
    empty = REPORT_IT.model_copy(update={"level": "", "explanation": "x" * 2_001})
    given(REPORT, REPORTED).when(empty).refused(Invalid, "level", "explanation")
    [longest] = given(REPORT).when(REPORT_IT.model_copy(update={"explanation": "x" * 2_000})).events or ()
    assert longest == REPORTED.model_copy(update={"explanation": "x" * 2_000})
    same = given(REPORT).when(REPORT_IT.model_copy(update={"level": "licence"})).refused(Invalid, "level")
    assert sentences(same) == ["This is the level that is proposed. Choose the right one"]


def test_each_diploma_of_each_application_has_one_report_under_a_key_that_stays() -> None:
    assert str(report_key(DRAFT, ANNA)) == "7ed02d9e-8e2a-5b5e-9adf-10e01572828c"
    assert len({report_key(one, which) for one in (DRAFT, OTHER) for which in (INSA.id, ANNA)}) == 4


def test_curators_see_who_changed_what_and_when_and_the_last_change_of_each_entry() -> None:
    back = CORRECTED.model_copy(update={"before": "master", "level": "licence", "reason": "Wrong decree"})
    moments = [NOON + timedelta(days=day) for day in range(4)]
    events = [
        recorded(event, "catalogue-degrees", number, at, f"curator-{number}")
        for number, (event, at) in enumerate(zip((ACTIVATED, CORRECTED, ADDED, back), moments, strict=True), 1)
    ]
    document = folded(VIEW, events, "degrees")
    assert (document["edition"], document["effective_on"]) == ("2012-03", "2012-03-11")
    assert document["corrections"] == {
        "fr-insa-lyon-ingenieur": {
            "before": "master",
            "level": "licence",
            "reason": "Wrong decree",
            "at": moments[3].isoformat(),
            "by": "curator-4",
        }
    }
    added = document["added"]["new"]
    assert (added["id"], added["by"], added["at"]) == ("new", "curator-3", moments[2].isoformat())
    assert "entry_id" not in added
