"""A vacancy as a schema.org JobPosting, as Google documents it; `domain.postings` reads the same shape."""

import re
from collections.abc import Iterator
from typing import Any, Final

from services.vacancies.domain.postings import EMPLOYMENT_TYPES
from services.vacancies.projections import VacancyDocument
from services.vacancies.projections.vacancies import Station
from shared.vocabulary.fields import PromptList
from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, NETWORKS, country_of

ORGANIZATION: Final = "United Nations"
SITE: Final = "https://www.un.org/"

_TYPES: Final = {
    "TEMPORARY": re.compile(r"tempora|tempor\b", re.IGNORECASE),
    "PART_TIME": re.compile(r"part.time|partiel", re.IGNORECASE),
    "INTERN": re.compile(r"\bintern(ship)?s?\b|\bstag(e|iaire)s?\b", re.IGNORECASE),
    "VOLUNTEER": re.compile(r"volunteer|volontaire|b[ée]n[ée]vol", re.IGNORECASE),
    "CONTRACTOR": re.compile(r"consult|contractor|vacataire", re.IGNORECASE),
    "PER_DIEM": re.compile(r"per.diem|daily|journalier", re.IGNORECASE),
}
"""By which words a type of recruitment is one of those that Google knows; most are full time."""

_CAPITALS: Final = re.compile(r"[A-Z_]+")


def posting(vacancy: VacancyDocument, address: str) -> dict[str, Any]:
    """JSON-LD of an open vacancy. The notice's own word for the type of recruitment stands beside Google's."""
    language = vacancy["language"]
    known = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "url": address,
        "inLanguage": language,
        "identifier": {"@type": "PropertyValue", "name": ORGANIZATION, "value": vacancy["job_opening_number"]},
        "title": vacancy["title"],
        "description": vacancy["description"],
        "datePosted": vacancy["opens_at"],
        "validThrough": vacancy["closes_at"],
        "employmentType": [*_employment(vacancy["recruitment_type"])],
        "disambiguatingDescription": vacancy["recruitment_type"],
        "hiringOrganization": {
            "@type": "Organization",
            "name": ORGANIZATION,
            "sameAs": SITE,
            "department": {
                "@type": "Organization",
                "identifier": vacancy["department"],
                "name": DEPARTMENTS.label(vacancy["department"], language),
            },
        },
        "jobLocation": [
            {"@type": "Place", "address": _address(station, language)} for station in vacancy["duty_stations"]
        ],
        "industry": NETWORKS.label(vacancy["network"], language),
        "occupationalCategory": [
            _category(vacancy["family"], FAMILIES, language), _category(vacancy["level"], LEVELS, language),
        ],
        "relevantOccupation": {"@type": "Occupation", "name": vacancy["job_title"]} if vacancy["job_title"] else "",
        "directApply": vacancy["source"] == "inspira",
    }  # fmt: skip
    return {name: value for name, value in known.items() if value not in ("", [])}


def _address(station: Station, language: str) -> dict[str, str]:
    country, name = country_of(station["code"]), DUTY_STATIONS.label(station["code"], language)
    known = {"@type": "PostalAddress", "addressLocality": name}
    return known | ({"addressCountry": country} if country else {})


def _employment(recruitment: str) -> Iterator[str]:
    """What Google calls a type of recruitment; nothing of a notice that names none."""
    words = _CAPITALS.findall(recruitment)
    if given := [name for name in EMPLOYMENT_TYPES if name in words]:
        yield from given
    elif recruitment:
        found = [name for name, said in _TYPES.items() if said.search(recruitment)]
        yield from found if set(found) - {"TEMPORARY"} else ["FULL_TIME", *found]


def _category(code: str, prompts: PromptList, language: str) -> dict[str, str]:
    label = prompts.label(code, language)
    return {"@type": "CategoryCode", "codeValue": code, "name": label, "inCodeSet": prompts.name}
