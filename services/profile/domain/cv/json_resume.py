"""JSON Resume, version 1.0.0: which of its names is which field of ours, read and written.

Its one name is not taken apart: which words of it are the family's nobody can tell. Of jobs it knows no working time,
and of references no address. Places are one text, as "Dakar, Senegal".
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.profile.domain.cv.reading import Drawer, Reading
from services.profile.domain.cv.source import Node
from services.profile.domain.cv.terms import ORDER, Day, country, day, is_native, language, level
from shared.vocabulary.fields import COUNTRIES, LANGUAGES

SCHEMA: Final = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

PARTS: Final = ("basics", "work", "volunteer", "education", "languages", "skills", "references", "certificates")
"""A file with one of these is one of this format."""

SKILLS: Final[Mapping[str, str]] = {"it_skills": "IT skills", "other_skills": "Other skills"}
"""What ours are called in a file."""

_ABLE: Final = ("read", "write", "speak", "understand")
NATIVE: Final = "Native speaker"
PRESENT: Final = frozenset({"present", "now", "current", "ongoing", "today"})


def is_one(content: Any) -> bool:
    """Whether the content of a JSON file is such a one."""
    return isinstance(content, dict) and any(part in content for part in PARTS)


def read(content: Any) -> Reading:
    """What it says."""
    resume, drawer = Node(content), Drawer()
    for name in ("$schema", "meta"):
        resume[name].pass_over()
    _basics(resume["basics"], drawer)
    for each in resume["work"]:
        _job(each, drawer, each["name"].text or each["company"].text)
    for each in resume["volunteer"]:
        _job(each, drawer, each["organization"].text)
    for each in resume["education"]:
        drawer.add(
            "education",
            "diplomas",
            title=each["studyType"].text,
            institution=each["institution"].text,
            field_of_study=each["area"].text,
            started_on=day(each["startDate"]),
            ended_on=day(each["endDate"], end=True),
        )
    _rest(resume, drawer)
    return drawer.reading(resume.left())


def _basics(basics: Node, drawer: Drawer) -> None:
    place = basics["location"]
    drawer.put(
        "contact",
        email=basics["email"].text,
        phone=basics["phone"].text,
        permanent_street=place["address"].text.replace("\n", ", "),
        permanent_postcode=place["postalCode"].text,
        permanent_city=place["city"].text,
        permanent_region=place["region"].text,
        permanent_country=country(place["countryCode"]),
    )


def _job(job: Node, drawer: Drawer, employer: str) -> None:
    city, land = _place(job["location"])
    ended, current = _end(job)
    drawer.add(
        "education",
        "jobs",
        title=job["position"].text,
        employer=employer,
        business=job["description"].text,
        city=city,
        country=land,
        started_on=day(job["startDate"]),
        ended_on=ended,
        current=current,
        duties=job["summary"].text,
        achievements="\n".join(each.text for each in job["highlights"]),
    )


def _end(job: Node) -> tuple[Day, str]:
    """When a job ended, and whether it is the present one: that has no end, or a word for it."""
    said = job["endDate"].peeked
    if said.lower() in PRESENT or not said:
        job["endDate"].use()
        return Day(""), "yes" if job["startDate"].peeked else ""
    return day(job["endDate"], end=True), "no"


def _place(place: Node) -> tuple[str, str]:
    """City and country of "Dakar, Senegal"; all of it is the city if its end is no country, or is a code by itself."""
    city, comma, last = place.peeked.rpartition(",")
    land = country(place.part(last.strip())) if comma or len(last) > len("FRA") else ""
    place.use()
    if not land:
        return place.peeked, ""
    return city.strip(), land


def _rest(resume: Node, drawer: Drawer) -> None:
    for each in resume["certificates"]:
        drawer.add(
            "education",
            "certificates",
            title=each["name"].text,
            institution=each["issuer"].text,
            obtained_on=day(each["date"]),
        )
    for each in resume["publications"]:
        drawer.add(
            "skills",
            "publications",
            title=each["name"].text,
            publisher=each["publisher"].text,
            published_on=day(each["releaseDate"]),
            link=each["url"].text,
        )
    for each in resume["references"]:
        drawer.add("references", "referees", name=each["name"].text, relationship=_short(each["reference"]))
    for each in resume["languages"]:
        _language(each, drawer)
    _skills(resume["skills"], drawer)


def _short(said: Node) -> str:
    """How somebody knows the candidate; a longer text is praise, for which there is no field."""
    return said.text if len(said.peeked) <= 200 else ""


def _language(spoken: Node, drawer: Drawer) -> None:
    code, said = language(spoken["language"]), spoken["fluency"].peeked
    if not code:
        return
    own = is_native(said)
    if own:
        drawer.put("skills", mother_tongue=code)
    levels = dict(_levels(said))
    if levels:
        spoken["fluency"].use()
    drawer.add("skills", "languages", language=code, **levels)


def _levels(said: str) -> Iterator[tuple[str, str]]:
    """The level of each skill, as we write it: "read: fluent, write: basic"; or one for all."""
    parts = dict(part.strip().lower().partition(":")[::2] for part in said.split(",") if ":" in part)
    for skill in _ABLE:
        if found := level(parts.get(skill, said if not parts else "")):
            yield skill, found


def _skills(skills: Node, drawer: Drawer) -> None:
    lines: dict[str, list[str]] = {name: [] for name in SKILLS}
    ours = {called: name for name, called in SKILLS.items()}
    for each in skills:
        called, grade = each["name"].text, each["level"].text
        words = [word.text for word in each["keywords"]]
        if called in ours:
            lines[ours[called]] += words
        elif called or words:
            head = f"{called} ({grade})" if grade else called
            lines["other_skills"].append(": ".join(filter(None, (head, ", ".join(words)))))
    drawer.put("skills", **{name: "\n".join(found) for name, found in lines.items()})


def write(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The profile in this format, in English; what it has no name for is left out."""
    contact, education, skills = (sections.get(key, {}) for key in ("contact", "education", "skills"))
    resume = {
        "$schema": SCHEMA,
        "basics": _said(
            name=" ".join(filter(None, (contact.get("given_names"), contact.get("family_name")))),
            email=contact.get("email"),
            phone=contact.get("phone"),
            location=_said(
                address=contact.get("permanent_street"),
                postalCode=contact.get("permanent_postcode"),
                city=contact.get("permanent_city"),
                region=contact.get("permanent_region"),
                countryCode=contact.get("permanent_country"),
            ),
        ),
        "work": [_work(job) for job in education.get("jobs", ())],
        "education": [
            _said(
                institution=each.get("institution"),
                studyType=each.get("title"),
                area=each.get("field_of_study"),
                startDate=each.get("started_on"),
                endDate=each.get("ended_on"),
            )
            for each in education.get("diplomas", ())
        ],
        "certificates": [
            _said(name=each.get("title"), issuer=each.get("institution"), date=each.get("obtained_on"))
            for each in education.get("certificates", ())
        ],
        "publications": [
            _said(
                name=each.get("title"),
                publisher=each.get("publisher"),
                releaseDate=each.get("published_on"),
                url=each.get("link"),
            )
            for each in skills.get("publications", ())
        ],
        "skills": [
            {"name": called, "keywords": skills[name].split("\n")}
            for name, called in SKILLS.items()
            if skills.get(name)
        ],
        "languages": list(_languages(skills)),
        "references": [
            _said(name=each.get("name"), reference=each.get("relationship"))
            for each in sections.get("references", {}).get("referees", ())
        ],
    }
    return {name: part for name, part in resume.items() if part}


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


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


def _languages(skills: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Each language that is in our list; the mother tongue is said to be one."""
    own, told = skills.get("mother_tongue", ""), False
    for each in skills.get("languages", ()):
        levels = {skill: each[skill] for skill in _ABLE if each.get(skill) in ORDER}
        native = bool(own) and each.get("language") == own
        told = told or native
        said = ", ".join(f"{skill}: {found}" for skill, found in levels.items())
        yield _said(language=_called(each), fluency=", ".join(filter(None, (NATIVE if native else "", said))))
    if own and not told:
        yield {"language": LANGUAGES.label(own, "en"), "fluency": NATIVE}


def _called(spoken: Mapping[str, Any]) -> str:
    return str(spoken.get("other_language") or LANGUAGES.label(spoken.get("language", ""), "en"))
