"""Diplomas, and the catalogue in force, for tests of equivalence."""

from datetime import UTC, datetime
from typing import Any

from services.applications.domain.equivalence.catalogue import CATALOGUE, Catalogue
from services.applications.domain.equivalence.levels import proposal
from services.applications.domain.equivalence.matching import find
from services.applications.events import (
    CatalogueEvent,
    DegreeCatalogueActivated,
    DegreeLevelProposed,
    Diploma,
    EquivalenceCorrected,
)
from shared.model.testing import NOON
from tests.applications.values import ANNA, SECTIONS

ACTIVATED = DegreeCatalogueActivated(edition="2012-03", effective_on=datetime(2012, 3, 11, tzinfo=UTC).date())
LAST_MOMENT = datetime(2012, 3, 11, 4, 59, 59, tzinfo=UTC)
"""Ten in the evening of 10 March had long passed in New York: one second to midnight there."""
FIRST_MOMENT = datetime(2012, 3, 11, 5, 0, 0, tzinfo=UTC)

INSA = Diploma(title="Diplôme d’ingénieur", institution="INSA de Lyon", country="FR")
"""An engineer's diploma that the catalogue takes for a licence (R70)."""

CORRECTED = EquivalenceCorrected(
    entry_id="fr-insa-lyon-ingenieur", before="licence", level="master", reason="Grade of master"
)


def catalogue(*events: CatalogueEvent) -> Catalogue:
    return CATALOGUE.fold([ACTIVATED, *events])


IN_FORCE = catalogue()


def education(diploma: Diploma = INSA, **changes: Any) -> dict[str, Any]:
    """An education section with this one diploma, its level left open."""
    typed = {**SECTIONS["education"]["diplomas"][0], **diploma.model_dump(), "level": "", **changes}
    return {**SECTIONS["education"], "diplomas": [typed]}


def proposed(diploma: Diploma = INSA, known: Catalogue = IN_FORCE) -> DegreeLevelProposed:
    entry = find(diploma, known, NOON)
    assert entry
    return proposal(ANNA, diploma, entry)
