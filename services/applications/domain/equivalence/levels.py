"""What a draft makes of the catalogue: a level proposed once, the candidate's choice, an offer after a correction."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypedDict, get_args
from uuid import UUID

from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.equivalence.entries import Entry
from services.applications.domain.equivalence.matching import find
from services.applications.domain.state import Application
from services.applications.events import (
    DegreeLevel,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    Diploma,
    diplomas_in,
)
from shared.model.errors import N_, Problem

LEVELS: Final[tuple[DegreeLevel, ...]] = get_args(DegreeLevel)
Proposals = Mapping[str, DegreeLevelProposed]


class Proposed(TypedDict):
    """A level of the catalogue, and as what and where the diploma was found there."""

    level: str
    entry_id: str
    found_as: str
    institution: str
    country: str


class Assessment(TypedDict):
    """A diploma's level: as proposed, if the catalogue knows it, as it counts, and the candidate's reason."""

    id: str
    proposed: Proposed | None
    chosen: str
    reason: str


class Offer(NamedTuple):
    """The catalogue says otherwise now than it did when the candidate chose."""

    number: int
    diploma: Diploma
    proposed: Proposed


def proposal(owner: UUID, diploma: Diploma, entry: Entry) -> DegreeLevelProposed:
    """The fact that this entry gives the diploma its level."""
    return DegreeLevelProposed(
        candidate_id=owner,
        diploma=diploma,
        level=entry.level,
        entry_id=entry.id,
        found_as=entry.title,
        institution=entry.institution,
        country=entry.country,
    )


def judged(
    owner: UUID, values: Mapping[str, Any], state: Application, catalogue: Catalogue | None, at: datetime
) -> Iterator[DegreeLevelProposed | DegreeLevelOverridden]:
    """What saving these diplomas leads to: a proposal for each that has none yet, and the choices against one.

    A proposal that was made stays as it was, whatever is corrected later; the update is offered. Of a diploma that is
    named twice the last counts, as in `levels_in`.
    """
    known = dict(state.proposals)
    for _, diploma, _entry in diplomas_in(values):
        found = find(diploma, catalogue, at) if catalogue and str(diploma.id) not in known else None
        if found:
            known[str(diploma.id)] = proposal(owner, diploma, found)
            yield known[str(diploma.id)]
    typed = {str(diploma.id): (diploma, entry) for _, diploma, entry in diplomas_in(values)}
    for key, (diploma, entry) in typed.items():
        chosen = _override(owner, diploma, entry, known[key]) if key in known else None
        if chosen and chosen != state.overrides.get(key):
            yield chosen


def _override(
    owner: UUID, diploma: Diploma, entry: Mapping[str, Any], proposed: DegreeLevelProposed
) -> DegreeLevelOverridden | None:
    chosen = next((level for level in LEVELS if level == entry.get("level")), None)
    if chosen is None or chosen == proposed.level:
        return None
    reason = str(entry.get("level_reason") or "")
    return DegreeLevelOverridden(
        candidate_id=owner, diploma=diploma, proposed=proposed.level, chosen=chosen, reason=reason
    )


def level_problems(values: Mapping[str, Any], proposals: Proposals) -> Iterator[Problem]:
    """A level is needed where none is proposed, and a reason where another is chosen (R73)."""
    for number, assessment in enumerate(assessed(values, proposals)):
        proposed, chosen = assessment["proposed"], assessment["chosen"]
        if not chosen:
            yield Problem(
                f"diplomas.{number}.level", N_("The catalogue proposes no level for this diploma: choose one")
            )
        elif proposed and chosen != proposed["level"] and not assessment["reason"].strip():
            yield Problem(
                f"diplomas.{number}.level_reason", N_("You chose a level other than the one proposed. Give your reason")
            )


def assessed(values: Mapping[str, Any], proposals: Proposals) -> list[Assessment]:
    """Every entry of the diplomas, in order; a level that is left open is the proposed one."""
    ids = {number: str(diploma.id) for number, diploma, _ in diplomas_in(values)}
    entries = values.get("diplomas")
    return [
        _assessed(ids.get(number, ""), entry if isinstance(entry, Mapping) else {}, proposals)
        for number, entry in enumerate(entries if isinstance(entries, list) else ())
    ]


def _assessed(key: str, entry: Mapping[str, Any], proposals: Proposals) -> Assessment:
    proposed = as_proposed(proposals[key]) if key in proposals else None
    chosen = str(entry.get("level") or "") or (proposed["level"] if proposed else "")
    return Assessment(id=key, proposed=proposed, chosen=chosen, reason=str(entry.get("level_reason") or ""))


def as_proposed(fact: DegreeLevelProposed) -> Proposed:
    """A proposal as it is shown and kept in the snapshot."""
    return Proposed(
        level=fact.level,
        entry_id=fact.entry_id,
        found_as=fact.found_as,
        institution=fact.institution,
        country=fact.country,
    )


def offers(state: Application, catalogue: Catalogue, at: datetime) -> Iterator[Offer]:
    """Diplomas of a draft of which the catalogue says something else now than was proposed."""
    if not state.is_draft or state.candidate_id is None:
        return
    for number, diploma, _ in diplomas_in(state.sections.get("education", {})):
        before, now = state.proposals.get(str(diploma.id)), find(diploma, catalogue, at)
        if now and (before is None or before.level != now.level):
            yield Offer(number, diploma, as_proposed(proposal(state.candidate_id, diploma, now)))
