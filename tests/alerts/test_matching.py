"""The index finds exactly the searches that the meaning of a search finds."""

from datetime import date, timedelta

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.alerts.domain import SearchIndex
from shared.vocabulary.search import FACETS, LANGUAGES, Criteria, Notice, matches

WORDS = [
    "économiste", "economiste", "Economist", "economists", "analyses", "analyse", "trade", "échanges", "droit",
    "droits", "humains", "human", "rights", "the", "de", "cœur", "P-4", "развитие", "развития", "والتنمية", "التنمية",
    "经济事务", "事务", "oficiales", "oficial",
]  # fmt: skip
VALUES = ["a", "b", "c"]
DAYS = [date(2026, 11, 20) + timedelta(days=n) for n in range(4)]

word = st.sampled_from(WORDS)
phrase = st.lists(word, min_size=0, max_size=3).map(lambda words: '"' + " ".join(words) + '"')
keywords = st.lists(word | phrase, max_size=4).map(" ".join)
asked = st.lists(st.sampled_from([*VALUES, "z"]), max_size=2).map(tuple)
criteria = st.builds(
    Criteria, keywords=keywords, posted_since=st.none() | st.sampled_from(DAYS), **dict.fromkeys(FACETS, asked)
)
notices = st.builds(
    Notice,
    posted=st.sampled_from(DAYS),
    facets=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(FACETS, st.frozensets(st.sampled_from([*VALUES, "y"]), max_size=3))
    ),
    passages=st.dictionaries(
        st.sampled_from(LANGUAGES),
        st.lists(st.lists(word, max_size=12).map(" ".join), max_size=3).map(tuple),
        min_size=1,
    ),
)
narrow = st.builds(Criteria, keywords=keywords)
"""Criteria that only ask for words, so that many notices fit."""


def naive(searches: dict[str, Criteria], notice: Notice) -> set[str]:
    return {key for key, wanted in searches.items() if matches(wanted, notice)}


def exactly(found: list[str], expected: set[str]) -> bool:
    """The same ids, each once."""
    return sorted(found) == sorted(expected)


@forall(st.lists(criteria | narrow, max_size=12), st.lists(notices, min_size=1, max_size=4))
@settings(max_examples=300)
def test_the_index_agrees_with_the_meaning_of_a_search(wanted: list[Criteria], published: list[Notice]) -> None:
    searches = {f"search-{number}": each for number, each in enumerate(wanted)}
    index = SearchIndex()
    for key, each in searches.items():
        index.add(key, each)
    for notice in published:
        assert exactly(index.match(notice), naive(searches, notice))


class IndexOverTime(RuleBasedStateMachine):
    """Searches come, change, pause, resume and go; the index says what asking each in turn says."""

    def __init__(self) -> None:
        super().__init__()
        self.index = SearchIndex()
        self.kept: dict[str, Criteria] = {}
        self.paused: set[str] = set()

    names = st.sampled_from([f"search-{number}" for number in range(6)])

    @rule(name=names, wanted=criteria | narrow)
    def add(self, name: str, wanted: Criteria) -> None:
        self.index.add(name, wanted)
        self.kept[name] = wanted
        self.paused.discard(name)

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.index.remove(name)
        self.kept.pop(name, None)
        self.paused.discard(name)

    @rule(name=names)
    def suspend(self, name: str) -> None:
        self.index.suspend(name)
        self.paused |= {name} & self.kept.keys()

    @rule(name=names)
    def resume(self, name: str) -> None:
        self.index.resume(name)
        self.paused.discard(name)

    @rule()
    def restart(self) -> None:
        """The next process reads what this one wrote."""
        self.index = SearchIndex.load([*self.index.dump()])

    @rule(notice=notices)
    def match(self, notice: Notice) -> None:
        live = {name: wanted for name, wanted in self.kept.items() if name not in self.paused}
        assert exactly(self.index.match(notice), naive(live, notice))

    @invariant()
    def counts_the_live_ones(self) -> None:
        assert len(self.index) == len(self.kept) - len(self.paused)


IndexOverTime.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestIndexOverTime = IndexOverTime.TestCase


@pytest.mark.parametrize(("keywords", "text", "language", "found"), [
    ("economistes", "Économiste principal", "fr", True),
    ("economists", "Chief Economist", "en", True),
    ("trade economist", "Economist, trade", "en", True),
    ('"trade economist"', "Economist, trade", "en", False),
    ('"trade economist"', "Trade economists wanted", "en", True),
    ("trade law", "Trade economist", "en", False),
    ("", "Anything", "en", True),
])  # fmt: skip
def test_examples_of_keywords(keywords: str, text: str, language: str, found: bool) -> None:
    index = SearchIndex()
    index.add("one", Criteria(keywords=keywords))
    notice = Notice(posted=DAYS[0], facets={}, passages={language: (text,)})
    assert index.match(notice) == (["one"] if found else [])


@pytest.mark.parametrize(("keywords", "found"), [
    ("economist trade", True), ("economiste commerce", True), ("economist commerce", False), ("", True),
])  # fmt: skip
def test_keywords_are_met_within_one_language_s_notice(keywords: str, found: bool) -> None:
    index = SearchIndex()
    index.add("one", Criteria(keywords=keywords))
    passages = {"en": ("Economist", "Trade"), "fr": ("Économiste", "Commerce")}
    notice = Notice(posted=DAYS[0], facets={}, passages=passages)
    assert matches(Criteria(keywords=keywords), notice) == found
    assert index.match(notice) == (["one"] if found else [])


@pytest.mark.parametrize("parts", [
    [], [b""], [b"[]"], [b"[]", b"null", b""], [b'[["xx"]]', b"null"],
    [b"[]", b"null", b'\0\0\0\0\0\0\0\x10[[["nowhere"],0]]'],
])  # fmt: skip
def test_what_was_never_dumped_is_not_loaded(parts: list[bytes]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
        SearchIndex.load(parts)


def test_an_emptied_index_holds_nothing_back() -> None:
    index = SearchIndex()
    for number in range(50):
        index.add(
            str(number),
            Criteria(keywords=f'word{number} common "quite common"', levels=(f"P-{number}",), posted_since=DAYS[0]),
        )
    for number in range(50):
        index.remove(str(number))
    assert len(index) == 0
    assert not index._numbers
    assert not index._since
    assert not any(facet.asking or facet.open for facet in index._facets.values())
    assert not any(each.places or each.lengths or any(each.asking) for each in index._keywords.values())
    assert not any(index._asked)
