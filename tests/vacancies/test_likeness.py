"""Similar job openings: the most alike first, only open ones, never itself, whatever the index was built in."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import settings as settled
from hypothesis import strategies as st

from services.vacancies.events import DutyStation, Translation, VacancyCancelled, VacancyClosed, VacancyPublished
from services.vacancies.projections import SEARCH, VACANCIES
from services.vacancies.projections.query import Alike, Likeness, Search
from services.vacancies.use_cases.index import VacancyIndex
from services.vacancies.use_cases.index.likeness import MOST_ALIKE, MOST_PLACES
from shared.model.testing import NOON, history
from shared.vocabulary.search import Criteria
from tests.platform import Kit
from tests.vacancies.doors import API, UNKNOWN, publish
from tests.vacancies.test_search import key
from tests.vacancies.test_search import published as any_notice
from tests.vacancies.values import published

notices = st.lists(any_notice, min_size=1, max_size=12)
ONE: dict[str, Any] = {"title": "Economic Affairs Officer, Trade", "family": "ECO", "level": "P-3"}
Documents = Mapping[str, Any]


def place(*codes: str) -> tuple[DutyStation, ...]:
    return tuple(DutyStation(code=code, description=code) for code in codes)


def opening(number: int, *later: Any, **changes: Any) -> tuple[Any, Any]:
    """Both documents of a vacancy like the first one."""
    notice = published(**ONE).model_copy(update={"duty_stations": place("GENEVA"), **changes})
    return documents(number, notice, *later)


def documents(number: int, *events: Any) -> tuple[Any, Any]:
    shown = found = None
    for event in history(f"vacancy-{key(number)}", *events):
        shown, found = VACANCIES.evolve(shown, event), SEARCH.evolve(found, event)
    return shown, found


def like(to: Any, *others: Any) -> Alike:
    index = VacancyIndex()
    index.put({found["id"]: found for _, found in (to, *others) if found})
    index.commit("all")
    return index.alike(Likeness.of(to[0]), NOON)


def keys(*numbers: int) -> list[str]:
    return [key(number) for number in numbers]


def test_family_level_and_title_come_before_two_of_them_and_one_alone_is_not_alike() -> None:
    other = {"title": "Driver of heavy trucks", "family": "STA", "level": "G-2"}
    first, *others = [
        opening(0),
        opening(1, **{**other, "level": "P-3", "title": "Economic affairs officer"}),
        opening(2, title=other["title"]),
        opening(3, level="P-5", title="Senior economic affairs officer"),
        opening(4, title="Economic affairs analyst, energy"),
        *(opening(5 + n, **{**other, name: ONE[name]}) for n, name in enumerate(other)),
    ]
    assert like(first, *others).keys == keys(4, 3, 2, 1)
    assert like(first, *reversed(others)).keys == keys(4, 3, 2, 1)


def test_of_those_that_are_as_much_alike_the_newest_comes_first_and_not_what_closes_first() -> None:
    older, newer = (
        opening(n, opens_at=NOON - timedelta(days=3 - n), closes_at=NOON + timedelta(days=n)) for n in (1, 2)
    )
    assert like(opening(0), older, newer).keys == like(opening(0), newer, older).keys == keys(2, 1)


def test_only_those_that_are_open_and_at_most_five() -> None:
    gone = [
        opening(1, VacancyClosed()),
        opening(2, VacancyCancelled()),
        opening(3, opens_at=NOON, closes_at=NOON.replace(hour=11)),
    ]
    assert like(opening(0), *gone) == Alike([], {})
    assert len(like(opening(0), *(opening(1 + n) for n in range(8))).keys) == MOST_ALIKE
    closed = opening(0, VacancyClosed())
    assert like(closed, opening(1)).keys == keys(1)


def test_titles_are_compared_in_each_language_and_not_by_their_short_words() -> None:
    french = Translation(language="fr", title="Spécialiste des affaires économiques", description="")
    both = opening(0, translations=(french,))
    translated = opening(1, language="fr", title="Affaires économiques : spécialiste adjoint", level="P-5")
    assert like(both, translated).keys == keys(1)
    assert like(both, opening(2, level="P-5")).keys == keys(2), "in its first language too"
    titles = enumerate(("经济事务干事", "经济干事"))
    chinese = [opening(n, language="zh", title=title, level=f"P-{n + 4}") for n, title in titles]
    assert like(*chinese).keys == keys(1)
    assert like(opening(0, title="Chef de la", level="P-5"), opening(1, title="Roi de la")).keys == []
    assert like(opening(0, title="de la"), opening(1, title="Roi")).keys == keys(1)


def test_what_has_neither_family_nor_level_is_like_nothing_by_its_title_alone() -> None:
    assert like(opening(0, family="", level=""), opening(1), opening(2, family="", level="")) == Alike([], {})


def test_elsewhere_counts_what_the_search_finds_and_not_where_it_is_itself() -> None:
    first = opening(0, duty_stations=place("GENEVA", "NAIROBI"))
    others = [
        opening(1, duty_stations=place("NAIROBI", "ROME")), opening(2, duty_stations=place("ROME")),
        opening(3, duty_stations=place("VIENNA"), level="P-5"),
        opening(4, VacancyClosed(), duty_stations=place("BONN")), opening(5, duty_stations=place("ADDIS")),
    ]  # fmt: skip
    found = like(first, *others).elsewhere
    assert [*found.items()] == [("ROME", 2), ("ADDIS", 1)]
    many = [opening(1 + n, duty_stations=place(f"P{n:02}")) for n in range(MOST_PLACES + 3)]
    assert [*like(first, *many).elsewhere] == [f"P{n:02}" for n in range(MOST_PLACES)]


@settled(max_examples=60)
@forall(notices=st.lists(any_notice, min_size=1, max_size=12), shuffled=st.randoms(use_true_random=False))
def test_any_vacancies_in_any_order_give_the_same_and_never_itself(
    notices: list[VacancyPublished], shuffled: Any
) -> None:
    made = [documents(number, notice) for number, notice in enumerate(notices)]
    found = like(made[0], *made[1:])
    others = made[1:]
    shuffled.shuffle(others)
    assert like(made[0], *others) == found
    assert key(0) not in found.keys
    assert len(set(found.keys)) == len(found.keys) <= MOST_ALIKE
    assert set(found.keys) <= set(open_now(made))
    shown = made[0][0]
    for where, number in found.elsewhere.items():
        criteria = Criteria(families=(shown["family"],), levels=(shown["level"],), duty_stations=(where,))
        assert len(open_now(made, criteria)) == number


def open_now(made: Iterable[Any], criteria: Criteria = Criteria()) -> list[str]:  # noqa: B008 - it never changes
    index = VacancyIndex()
    index.put({found["id"]: found for _, found in made})
    index.commit("all")
    return [row.key for row in index.rows(Search(criteria, NOON, size=100))]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_both_doors_show_them_to_anybody(platform: Kit, language: str) -> None:
    kind = {"family": "LEG", "level": "D-2", "title": "Legal counsel for glaciers"}
    _, one, _ = await publish(platform, **kind, duty_stations=[{"code": "GENEVA"}])
    _, other, _ = await publish(platform, **kind, duty_stations=[{"code": "ROME"}])
    visitor = platform.visitor(language)
    found = (await visitor.api("GET", f"{API}/{one['id']}/similar")).json()
    assert other["id"] in [each["id"] for each in found["vacancies"]]
    assert found["elsewhere"]["ROME"] >= 1
    page = await visitor.get(f"/vacancies/{one['id']}")
    assert f'href="/vacancies/{other["id"]}"' in page.text
    assert "/vacancies?families=LEG&amp;levels=D-2&amp;duty_stations=ROME" in page.text
    assert (await visitor.api("GET", f"{API}/{UNKNOWN}/similar")).status_code == 404
