"""The catalogue of degree equivalences: when it came into force, and what curators have corrected and added since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from services.applications.domain.equivalence.entries import EVERYWHERE, Entry, delivered, delivered_for
from services.applications.events import CATALOGUE as EVENTS
from services.applications.events import (
    CatalogueEvent,
    DegreeCatalogueActivated,
    DegreeLevel,
    EquivalenceAdded,
    EquivalenceCorrected,
)
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, NotFound, Problem, refuse_if
from shared.model.message import Command
from shared.model.reasons import Reason
from shared.vocabulary.fields import COUNTRIES, LINE
from shared.vocabulary.words import stems

KEY: Final = "degrees"
EDITION: Final = "2012-03"
EFFECTIVE_ON: Final = date(2012, 3, 11)
NO_ENTRY: Final = N_("There is no such entry in the catalogue")
_NEW_YORK: Final = ZoneInfo("America/New_York")


class ActivateCatalogue(Command):
    """This edition is in force from the beginning of this day in New York."""

    edition: str = EDITION
    effective_on: date = EFFECTIVE_ON


class CorrectEquivalence(Command):
    """An entry's level is another one."""

    entry_id: str
    level: DegreeLevel
    reason: str


class AddEquivalence(Command):
    """A degree that the catalogue does not know, or of which it does not know that one school's differs."""

    entry_id: str
    country: str
    institution: str
    title: str
    level: DegreeLevel
    reason: str


CatalogueCommand = ActivateCatalogue | CorrectEquivalence | AddEquivalence


@dataclass(frozen=True)
class Catalogue:
    """What was delivered, with the levels that were corrected and the entries that were added, by their ids."""

    edition: str = ""
    effective_on: date | None = None
    levels: Mapping[str, DegreeLevel] = field(default_factory=dict)
    added: Mapping[str, Entry] = field(default_factory=dict)

    def in_force(self, at: datetime) -> bool:
        """Nothing is proposed before the day of activation (R74)."""
        return self.effective_on is not None and at >= datetime.combine(self.effective_on, time(), _NEW_YORK)

    def entry(self, entry_id: str) -> Entry | None:
        """An entry as it is now."""
        found = self.added.get(entry_id) or delivered().get(entry_id)
        return self._now(found) if found else None

    def entries(self, country: str) -> Iterator[Entry]:
        """What counts for a diploma of this country."""
        ours = (entry for entry in self.added.values() if entry.country == country)
        for entry in (*delivered_for(country), *(delivered_for(EVERYWHERE) if country else ()), *ours):
            yield self._now(entry)

    def all(self) -> Iterator[Entry]:
        """Every entry as it is now."""
        return map(self._now, (*delivered().values(), *self.added.values()))

    def _now(self, entry: Entry) -> Entry:
        level = self.levels.get(entry.id)
        return entry.model_copy(update={"level": level}) if level else entry


def restored(document: Mapping[str, Any]) -> Catalogue:
    """The same catalogue from its view's document."""
    return Catalogue(
        edition=document["edition"],
        effective_on=date.fromisoformat(document["effective_on"]),
        levels={entry_id: change["level"] for entry_id, change in document["corrections"].items()},
        added={entry_id: Entry.model_validate(entry) for entry_id, entry in document["added"].items()},
    )


def decide(command: CatalogueCommand, state: Catalogue) -> Sequence[CatalogueEvent]:
    match command:
        case ActivateCatalogue(edition=edition, effective_on=day):
            known = (state.edition, state.effective_on) == (edition, day)
            return [] if known else [DegreeCatalogueActivated(edition=edition, effective_on=day)]
        case CorrectEquivalence():
            return _correct(command, state)
        case AddEquivalence():
            return _add(command, state)
    assert_never(command)


def _correct(command: CorrectEquivalence, state: Catalogue) -> Sequence[CatalogueEvent]:
    entry = state.entry(command.entry_id)
    if entry is None:
        raise NotFound.because(NO_ENTRY)
    if entry.level == command.level:
        return []
    refuse_if(_said("reason", command.reason))
    return [
        EquivalenceCorrected(entry_id=entry.id, before=entry.level, level=command.level, reason=command.reason.strip())
    ]


def _add(command: AddEquivalence, state: Catalogue) -> Sequence[CatalogueEvent]:
    if command.entry_id in state.added:
        return []
    country, title, institution = command.country, command.title.strip(), command.institution.strip()
    refuse_if(_new_problems(command))
    twin = next((entry for entry in state.entries(country) if _twins(entry, country, title, institution)), None)
    if twin:
        message = N_("The catalogue has this already, as %(entry)s. Correct that entry")
        raise Conflict.because(message, "title", reason=Reason.ALREADY_THERE, entry=twin.id)
    return [
        EquivalenceAdded(
            entry_id=command.entry_id,
            country=country,
            institution=institution,
            title=title,
            level=command.level,
            reason=command.reason.strip(),
        )
    ]


def _new_problems(command: AddEquivalence) -> Iterator[Problem]:
    if command.country not in COUNTRIES:
        yield Problem("country", N_("“%(value)s” is not the code of a country"), {"value": command.country[:40]})
    if not stems(command.title, "en"):
        yield Problem("title", N_("Give the title of the degree"))
    for name, text in (("title", command.title), ("institution", command.institution)):
        if len(text) > LINE:
            yield Problem(name, N_("This can have at most %(most)s characters"), {"most": LINE})
    yield from _said("reason", command.reason)


def _said(name: str, text: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(name, N_("Give the reason: candidates and colleagues will ask"))


def _twins(entry: Entry, country: str, title: str, institution: str) -> bool:
    mine = (country, *(_words(text) for text in (title, institution)))
    return mine == (entry.country, _words(entry.title), _words(entry.institution))


def _words(text: str) -> tuple[str, ...]:
    return tuple(stems(text, ""))


def evolve(state: Catalogue, event: CatalogueEvent) -> Catalogue:
    match event:
        case DegreeCatalogueActivated(edition=edition, effective_on=day):
            return replace(state, edition=edition, effective_on=day)
        case EquivalenceCorrected(entry_id=entry_id, level=level):
            return replace(state, levels={**state.levels, entry_id: level})
        case EquivalenceAdded(entry_id=entry_id):
            entry = Entry(
                id=entry_id,
                country=event.country,
                institution=event.institution,
                title=event.title,
                level=event.level,
            )
            return replace(state, added={**state.added, entry_id: entry})
    assert_never(event)


CATALOGUE: Decider[CatalogueCommand, Catalogue, CatalogueEvent] = Decider(
    "catalogue", Catalogue(), decide, evolve, EVENTS
)
"""One stream, `catalogue-degrees`: corrections are few, and each is decided on the whole catalogue."""
