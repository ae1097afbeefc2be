"""The profile as JSON Resume, in English; what it has no name for is left out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.profile.domain.cv.json_resume import ABLE, NATIVE, SKILLS
from services.profile.domain.cv.terms import ORDER
from shared.vocabulary.fields import COUNTRIES, LANGUAGES

Names = Mapping[str, str]
Sections = Mapping[str, Mapping[str, Any]]

SCHEMA: Final = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

ADDRESS: Final[Names] = {
    "address": "permanent_street",
    "postalCode": "permanent_postcode",
    "city": "permanent_city",
    "region": "permanent_region",
    "countryCode": "permanent_country",
}
DIPLOMA: Final[Names] = {
    "institution": "institution",
    "studyType": "title",
    "area": "field_of_study",
    "startDate": "started_on",
    "endDate": "ended_on",
}
CERTIFICATE: Final[Names] = {"name": "title", "issuer": "institution", "date": "obtained_on"}
PUBLICATION: Final[Names] = {"name": "title", "publisher": "publisher", "releaseDate": "published_on", "url": "link"}
REFEREE: Final[Names] = {"name": "name", "reference": "relationship"}
"""What ours are called there, by their names."""


def write(sections: Sections) -> dict[str, Any]:
    """The profile in this format."""
    education, skills = sections.get("education", {}), sections.get("skills", {})
    return _said(
        **{"$schema": SCHEMA},
        basics=_basics(sections.get("contact", {})),
        work=[_work(job) for job in education.get("jobs", ())],
        education=_renamed(education, "diplomas", DIPLOMA),
        certificates=_renamed(education, "certificates", CERTIFICATE),
        publications=_renamed(skills, "publications", PUBLICATION),
        skills=[
            {"name": called, "keywords": skills[name].split("\n")}
            for name, called in SKILLS.items()
            if skills.get(name)
        ],
        languages=list(_languages(skills)),
        references=_renamed(sections.get("references", {}), "referees", REFEREE),
    )


def _said(**values: Any) -> dict[str, Any]:
    """Those that hold something."""
    return {name: value for name, value in values.items() if value}


def _named(values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return _said(**{theirs: values.get(ours) for theirs, ours in names.items()})


def _renamed(section: Mapping[str, Any], group: str, names: Names) -> list[dict[str, Any]]:
    return [_named(entry, names) for entry in section.get(group, ())]


def _basics(contact: Mapping[str, Any]) -> dict[str, Any]:
    return _said(
        name=" ".join(filter(None, (contact.get("given_names"), contact.get("family_name")))),
        email=contact.get("email"),
        phone=contact.get("phone"),
        location=_named(contact, ADDRESS),
    )


def _work(job: Mapping[str, Any]) -> dict[str, Any]:
    land = COUNTRIES.label(job["country"], "en") if job.get("country") else ""
    return _said(
        name=job.get("employer"),
        position=job.get("title"),
        description=job.get("business"),
        location=", ".join(filter(None, (job.get("city"), land))),
        startDate=job.get("started_on"),
        endDate=job.get("ended_on") if job.get("current") != "yes" else "",
        summary=job.get("duties"),
        highlights=job.get("achievements", "").split("\n") if job.get("achievements") else [],
    )


def _languages(skills: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each language that is in our list; the mother tongue is said to be one."""
    own, told = skills.get("mother_tongue", ""), False
    for each in skills.get("languages", ()):
        levels = {skill: each[skill] for skill in ABLE if each.get(skill) in ORDER}
        native = bool(own) and each.get("language") == own
        told = told or native
        said = ", ".join(f"{skill}: {found}" for skill, found in levels.items())
        yield _said(language=_called(each), fluency=", ".join(filter(None, (NATIVE if native else "", said))))
    if own and not told:
        yield {"language": LANGUAGES.label(own, "en"), "fluency": NATIVE}


def _called(spoken: Mapping[str, Any]) -> str:
    return str(spoken.get("other_language") or LANGUAGES.label(spoken.get("language", ""), "en"))
