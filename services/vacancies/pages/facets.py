"""What a search can be narrowed by, with how many each value would show, and what it is narrowed by already."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from shared.model.errors import Problem
from shared.vocabulary.fields import Field, PromptList, display
from shared.vocabulary.search import CRITERIA, FACETS
from shared.web import PageContext
from shared.web.entries import element_id

Items = Sequence[tuple[str, str]]


class FacetValue(NamedTuple):
    """One value to tick, with how many vacancies it would show."""

    value: str
    label: str
    found: int
    chosen: bool


class Facet(NamedTuple):
    """A facet as the form shows it: only values that find something, and those that are ticked."""

    name: str
    label: str
    values: list[FacetValue]
    problem: str
    """What is wrong with what was asked for, in words."""

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The items of a govukCheckboxes; their ids stay when others come or go, so that the cursor stays too."""
        return [
            {"id": element_id(f"{self.name}.{v.value}"), "value": v.value, "text": f"{v.label} ({v.found})",
             "checked": v.chosen}
            for v in self.values
        ]  # fmt: skip


class Criterion(NamedTuple):
    """One thing that is asked for, in words, and the address of the search without it."""

    label: str
    text: str
    without: str


def facets_of(
    page: PageContext,
    counted: Mapping[str, Mapping[str, int]],
    values: Mapping[str, Any],
    problems: Sequence[Problem] = (),
) -> list[Facet]:
    facets = [field for field in CRITERIA if field.name in FACETS]
    wrong = {f.name: [page.texts.problem(problem) for problem in problems if problem.field == f.name] for f in facets}
    return [
        Facet(f.name, f.label, _values(f, page, counted[f.name], set(values[f.name])), " ".join(wrong[f.name]))
        for f in facets
    ]


def _values(field: Field, page: PageContext, counted: Mapping[str, int], chosen: set[str]) -> list[FacetValue]:
    if isinstance(field.options, PromptList):
        labels = dict(field.options.labels(page.language))
    else:
        labels = {option.value: page._(option.label) for option in field.options}
    return [
        FacetValue(value, label, counted.get(value, 0), value in chosen)
        for value, label in labels.items()
        if value in counted or value in chosen
    ]


def asked_for(page: PageContext, criteria: Items, others: Items) -> list[Criterion]:
    """Each criterion with a link that takes it away and keeps the rest. `others`: order and the like."""
    fields = {field.name: field for field in CRITERIA}
    return [
        Criterion(
            page._(fields[name].label),
            _words(fields[name], value, page),
            address([*_but(criteria, name, value), *others]),
        )
        for name, value in criteria
    ]


def _words(field: Field, value: str, page: PageContext) -> str:
    return display(field, [value] if field.kind == "choices" else value, page.language, page.texts)


def _but(items: Items, *taken: str) -> list[tuple[str, str]]:
    return [item for item in items if item != taken]


def address(items: Items) -> str:
    """The page of this search."""
    return f"/vacancies?{urlencode(items)}" if items else "/vacancies"
