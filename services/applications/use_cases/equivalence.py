"""Diploma equivalence as both doors do it: the catalogue as it is known, levels taken, errors reported."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import TakeProposedLevel
from services.applications.domain.equivalence import catalogue as rules
from services.applications.domain.equivalence.catalogue import ActivateCatalogue, Catalogue
from services.applications.domain.equivalence.levels import (
    Assessment,
    Offer,
    Proposed,
    as_proposed,
    assessed,
    offers,
    proposal,
)
from services.applications.domain.equivalence.matching import find
from services.applications.domain.equivalence.report import REPORT, ReportEquivalenceError, report_key
from services.applications.domain.state import EDUCATION, restored
from services.applications.events import CATALOGUE_FROM, OFFICE, Diploma, diplomas_in
from services.applications.projections import CATALOGUE, ApplicationDocument, CatalogueDocument
from services.applications.projections import REPORT as REPORT_VIEW
from shared.auth import Who
from shared.model.errors import N_, NotFound
from shared.ops.misconfigured import PREFIX, Misconfigured, with_sources
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import Values


async def activate_catalogue(kernel: Kernel) -> None:
    """The edition that came with this code is in force from the operator's day on; recorded again if either is another.

    Raises Misconfigured if that is no day.
    """
    try:
        day = date.fromisoformat(kernel.setting(CATALOGUE_FROM))
    except ValueError:
        name = PREFIX + CATALOGUE_FROM.upper()
        raise Misconfigured(with_sources(f"{name} has to be a day, like {rules.EFFECTIVE_ON}")) from None
    await kernel.execute(rules.CATALOGUE, rules.KEY, ActivateCatalogue(effective_on=day))


async def changes(kernel: Kernel) -> CatalogueDocument | None:
    """What has happened to the catalogue."""
    return await kernel.current(CATALOGUE, rules.CATALOGUE, rules.KEY)


async def catalogue(kernel: Kernel) -> Catalogue:
    """The catalogue as it is now."""
    document = await changes(kernel)
    return rules.restored(document) if document else Catalogue()


def education_of(document: ApplicationDocument) -> dict[str, Any]:
    """The education section: frozen if the application was submitted, else as it is now."""
    submitted = document["submitted"]
    sections: dict[str, dict[str, Any]] = submitted["snapshot"]["sections"] if submitted else document["sections"]
    return sections.get(EDUCATION, {})


def assessments(document: ApplicationDocument, values: Values | None = None) -> list[Assessment]:
    """What is proposed and chosen for each diploma, frozen if the application was submitted (R74)."""
    submitted = document["submitted"]
    if submitted:
        found: list[Assessment] = submitted["snapshot"].get("equivalences") or assessed(education_of(document), {})
        return found
    return assessed(education_of(document) if values is None else values, restored(document).proposals)


def frozen_levels(document: ApplicationDocument) -> list[tuple[Diploma, Assessment]]:
    """The diplomas of a submitted application, each with its level."""
    levels = assessments(document)
    return [(diploma, levels[number]) for number, diploma, _ in diplomas_in(education_of(document))]


def offered(document: ApplicationDocument, known: Catalogue, at: datetime) -> dict[str, Offer]:
    """What the catalogue proposes by now for a draft's diplomas, where that differs; by the diploma's id."""
    return {str(offer.diploma.id): offer for offer in offers(restored(document), known, at)}


async def reported(kernel: Kernel, document: ApplicationDocument) -> frozenset[str]:
    """The ids of the diplomas whose equivalence was reported from this application."""
    ids = [diploma.id for _, diploma, _ in diplomas_in(education_of(document))]
    keys = {str(report_key(UUID(document["id"]), diploma_id)): str(diploma_id) for diploma_id in ids}
    found = await kernel.views.many(REPORT_VIEW, keys)
    return frozenset(keys[key] for key in found)


def diploma_in(document: ApplicationDocument, diploma_id: UUID) -> Diploma:
    """The diploma with this id; NotFound if the application names none."""
    named = (diploma for _, diploma, _ in diplomas_in(education_of(document)) if diploma.id == diploma_id)
    if diploma := next(named, None):
        return diploma
    raise NotFound.because(N_("There is no such diploma in this application"))


async def take(kernel: Kernel, who: Who, application_id: UUID, diploma_id: UUID) -> None:
    """The draft's diploma has the level that the catalogue proposes now."""
    command = TakeProposedLevel(candidate_id=who.account_id, diploma_id=diploma_id, catalogue=await catalogue(kernel))
    await kernel.execute(APPLICATION, application_id, command)


async def report(
    kernel: Kernel, who: Who, document: ApplicationDocument, diploma_id: UUID, *, level: str, explanation: str
) -> UUID:
    """Reports a wrong equivalence to the office (R72); returns the report's id."""
    diploma, application_id = diploma_in(document, diploma_id), UUID(document["id"])
    entry = find(diploma, await catalogue(kernel), await kernel.now())
    command = ReportEquivalenceError(
        candidate_id=who.account_id,
        application_id=application_id,
        diploma=diploma,
        proposed=(entry.level, entry.id) if entry else None,
        level=level,
        explanation=explanation,
        name=who.name,
        email=who.email,
        user_code=who.user_code,
        office=kernel.setting(OFFICE),
    )
    key = report_key(application_id, diploma_id)
    await kernel.execute(REPORT, key, command)
    return key


async def proposed_now(kernel: Kernel, owner: UUID, diploma: Diploma) -> Proposed | None:
    """What the catalogue says of a diploma at this moment, if it knows it."""
    entry = find(diploma, await catalogue(kernel), await kernel.now())
    return as_proposed(proposal(owner, diploma, entry)) if entry else None
