"""JSON Resume, version 1.0.0: which of its names is which field of ours.

Its one name is not taken apart: which words of it are the family's nobody can tell. Of jobs it knows no working time,
and of references no address. Places are one text, as "Dakar, Senegal".
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.profile.domain.cv.reading import Drawer, Reading
from services.profile.domain.cv.source import Node
from services.profile.domain.cv.terms import LONGEST, Day, country, day, is_native, language, level
from shared.vocabulary.fields import COUNTRIES

PARTS: Final = ("basics", "work", "volunteer", "education", "languages", "skills", "references", "certificates")
"""A file with one of these is one of this format."""

SKILLS: Final[Mapping[str, str]] = {"it_skills": "IT skills", "other_skills": "Other skills"}
"""What ours are called in a file."""

ABLE: Final = ("read", "write", "speak", "understand")
NATIVE: Final = "Native speaker"
LONGEST_CODE: Final = len("FRA")
"""A code after a comma is as often that of a state of theirs: "Boston, MA" is not in Morocco."""
MOST_COMMAS: Final = 3
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
    city, land = place(job["location"])
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


def place(node: Node) -> tuple[str, str]:
    """City and country of "Dakar, Senegal"; all of it is the city if no end of it is a country's name."""
    said = node.text
    for city, name in _parted(said):
        if land := _land(node, name):
            return city, land
    return said, ""


def _land(node: Node, name: str) -> str:
    """With a comma in it the whole name alone counts: some words of one can be a city and its country."""
    if "," in name:
        return COUNTRIES.names.named(name[:LONGEST])
    return country(node.part(name)) if len(name) > LONGEST_CODE else ""


def _parted(said: str) -> Iterator[tuple[str, str]]:
    """What can be city and country: some countries have a comma in their names."""
    yield "", said
    commas = [place for place, sign in enumerate(said) if sign == ","]
    for place in commas[-MOST_COMMAS:]:
        yield said[:place].strip(), said[place + 1 :].strip()


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
    for skill in ABLE:
        if found := level(parts.get(skill, said if not parts else "")):
            yield skill, found


def _skills(skills: Node, drawer: Drawer) -> None:
    lines: dict[str, list[str]] = {name: [] for name in SKILLS}
    ours = {called: name for name, called in SKILLS.items()}
    for each in skills:
        called, words = each["name"].text, [word.text for word in each["keywords"]]
        if called in ours:
            lines[ours[called]] += words
        elif called:
            grade = each["level"].text
            head = f"{called} ({grade})" if grade else called
            lines["other_skills"].append(": ".join(filter(None, (head, ", ".join(words)))))
        elif words:
            lines["other_skills"].append(", ".join(words))
    drawer.put("skills", **{name: "\n".join(found) for name, found in lines.items()})
