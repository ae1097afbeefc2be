"""How complete a profile is, computed here and nowhere else, and explained field by field (R12, R13, R22)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

from services.profile.domain.sections import SECTIONS, Section
from shared.vocabulary.fields import MISSING, AnyField, Entries, Values, applies


class Step(NamedTuple):
    """One thing a complete profile needs. `problem` is empty when it is done.

    A mandatory field is a step. So is an optional one that holds something wrong, until it is mended or emptied (R23).
    """

    section: Section
    field: str
    label: str
    problem: str = ""
    params: Mapping[str, object] = {}

    @property
    def name(self) -> str:
        return f"{self.section.key}.{self.field}"

    @property
    def missing(self) -> bool:
        return self.problem in MISSING


class Completeness(NamedTuple):
    """All steps, in the order of the form."""

    steps: tuple[Step, ...]

    @property
    def left(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.problem)

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means that nothing is left, and nothing else does."""
        return 100 * (len(self.steps) - len(self.left)) // len(self.steps)

    @property
    def complete(self) -> bool:
        return not self.left

    def of(self, section: Section) -> "Completeness":
        """The steps of one section."""
        return Completeness(tuple(step for step in self.steps if step.section is section))


def completeness(saved: Mapping[str, Values], today: date) -> Completeness:
    """What of a profile is done and what is left; `saved` holds the values by section key."""
    steps = (_steps(section, saved.get(section.key, {}), today) for section in SECTIONS)
    return Completeness(tuple(chain.from_iterable(steps)))


def _steps(section: Section, values: Values, today: date) -> Iterator[Step]:
    problems = {problem.field: problem for problem in section.problems(values, today)}
    for path, label in _mandatory(section.fields, values):
        found = problems.pop(path, None)
        yield Step(section, path, label, found.message, found.params) if found else Step(section, path, label)
    for path, found in problems.items():
        yield Step(section, path, label_of(section.fields, path), found.message, found.params)


def _mandatory(fields: Sequence[AnyField], values: Values, path: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        if not applies(field, values):
            continue
        if isinstance(field, Entries):
            entries = values.get(field.name) or []
            if field.minimum:
                yield path + field.name, field.label
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                yield from _mandatory(field.fields, entry, f"{path}{field.name}.{index}.")
        elif field.required:
            yield path + field.name, field.label


def label_of(fields: Sequence[AnyField], path: str) -> str:
    """The English label of the field at this path (`dependants.0.name`)."""
    first, _, rest = path.partition(".")
    field = next(field for field in fields if field.name == first)
    return label_of(field.fields, rest.partition(".")[2]) if rest and isinstance(field, Entries) else field.label
