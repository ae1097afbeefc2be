"""Where a job opening is found: under its number, or where notices are from before one number was one vacancy."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from services.vacancies.domain.commands import AmendVacancy, MergeVacancy, VacancyCommand
from services.vacancies.domain.content import FACTS
from services.vacancies.domain.vacancy import VACANCIES, Vacancy, folded, vacancy_id
from services.vacancies.events import Language, VacancyContent, shapes

ONCE_BY_LANGUAGE: Final = ("en", "fr")
"""The languages in which a notice was a vacancy of its own, before one number was one vacancy."""


class _Found(NamedTuple):
    key: UUID
    vacancy: Vacancy


class Opening(NamedTuple):
    """The vacancy that a number means. twins: others of that number, which have become the same opening."""

    key: UUID
    vacancy: Vacancy
    twins: tuple[_Found, ...] = ()

    def speaks(self, language: Language) -> bool:
        """Whether it has a notice in this language, be it that of a twin."""
        return any(vacancy.speaks(language) for vacancy in (self.vacancy, *(twin.vacancy for twin in self.twins)))


def places_of(job_opening_number: str) -> tuple[UUID, ...]:
    """All ids under which there may be a vacancy of this number, that of today first."""
    older = (uuid5(VACANCIES, f"{folded(job_opening_number)}/{language}") for language in ONCE_BY_LANGUAGE)
    return (vacancy_id(job_opening_number), *older)


def opening_of(job_opening_number: str, language: Language, known: Callable[[UUID], Vacancy]) -> Opening:
    """The vacancy of this number, or the place of a new one. known: what there is under an id.

    Vacancies that stand differently, one of them being cancelled or closing on another day, stay apart: then the one
    that has a notice in this language is meant.
    """
    there = [_Found(place, known(place)) for place in places_of(job_opening_number) if _is_own(known(place))]
    if not there:
        return Opening(vacancy_id(job_opening_number), Vacancy())
    first = min(there, key=lambda found: found.vacancy.status != "open")
    others = [found for found in there if found is not first]
    apart = [found for found in others if _stands(found.vacancy) != _stands(first.vacancy)]
    if not first.vacancy.speaks(language) and (own := [found for found in apart if found.vacancy.speaks(language)]):
        return Opening(*own[0])
    return Opening(*first, tuple(found for found in others if found not in apart))


def merging(opening: Opening) -> Iterator[tuple[UUID, VacancyCommand]]:
    """What makes one vacancy of them, by id: the first learns what the others say and takes their place."""
    for key, twin in opening.twins:
        if opening.vacancy.content and twin.content:
            said = in_further_language(opening.vacancy.content, twin.content)
            yield opening.key, said.model_copy(update={"absorbs": key})
        yield key, MergeVacancy(into=opening.key)


def in_further_language(known: VacancyContent, other: VacancyContent) -> AmendVacancy:
    """What is known, said also as the first notice of the other says it."""
    words = other.notices[0].model_dump()
    facts = {name: getattr(known, name) for name in FACTS}
    asks_the_same = shapes(other.questions) == shapes(known.questions)
    return AmendVacancy(**facts, **words, questions=(other if asks_the_same else known).questions)


def _is_own(vacancy: Vacancy) -> bool:
    return vacancy.content is not None and vacancy.merged_into is None


def _stands(vacancy: Vacancy) -> tuple[object, ...]:
    content = vacancy.content
    return vacancy.status, *((content.source, content.closes_at, content.organisation) if content else ())
