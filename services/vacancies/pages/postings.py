"""A vacancy as a schema.org JobPosting, for search engines; `domain.postings` reads the same shape."""

from typing import Any, Final

from services.vacancies.projections import VacancyDocument
from shared.vocabulary.fields import PromptList
from shared.vocabulary.reference import DEPARTMENTS, FAMILIES, LEVELS, NETWORKS

ORGANIZATION: Final = "United Nations"


def posting(vacancy: VacancyDocument, address: str) -> dict[str, Any]:
    """JSON-LD of an open vacancy. No country is named: where some duty stations lie is not ours to say."""
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
        "employmentType": vacancy["recruitment_type"],
        "hiringOrganization": {
            "@type": "Organization",
            "name": ORGANIZATION,
            "department": {
                "@type": "Organization",
                "identifier": vacancy["department"],
                "name": DEPARTMENTS.label(vacancy["department"], language),
            },
        },
        "jobLocation": [
            {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": station["description"]}}
            for station in vacancy["duty_stations"]
        ],
        "industry": NETWORKS.label(vacancy["network"], language),
        "occupationalCategory": [
            _category(vacancy["family"], FAMILIES, language), _category(vacancy["level"], LEVELS, language),
        ],
        "relevantOccupation": {"@type": "Occupation", "name": vacancy["job_title"]} if vacancy["job_title"] else "",
        "directApply": vacancy["source"] == "inspira",
    }  # fmt: skip
    return {name: value for name, value in known.items() if value != ""}


def _category(code: str, prompts: PromptList, language: str) -> dict[str, str]:
    label = prompts.label(code, language)
    return {"@type": "CategoryCode", "codeValue": code, "name": label, "inCodeSet": prompts.name}
