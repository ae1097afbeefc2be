"""A schema.org JobPosting read as a record in the shape of careers.un.org, which `importing` understands."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from shared.vocabulary.fields import PromptList
from shared.vocabulary.reference import FAMILIES, LEVELS, NETWORKS, code_of

Record = Mapping[str, Any]

NAMES: Final = {
    "jobId": "identifier",
    "language": "inLanguage",
    "postingTitle": "title",
    "jobDescription": "description",
    "jobFamilyCode": "occupationalCategory",
    "jobLevel": "occupationalCategory",
    "jn": "industry",
    "dept": "hiringOrganization",
    "dutyStation": "jobLocation",
    "recruitmentType": "employmentType",
    "startDate": "datePosted",
    "endDate": "validThrough",
}
"""The record's names and a posting's, so that a rejection names what stands in the file."""

EMPLOYMENT_TYPES: Final = (
    "FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER",
)  # fmt: skip
"""What Google's documentation of job postings knows; one of them says less than a notice's own words."""

_TYPE = re.compile(r"(?:https?://schema\.org/|schema:)?JobPosting")
_MARKUP = re.compile(r"</?[A-Za-z]")
_TRAILING_LEVEL = re.compile(r"[\s,(–-]+([A-Z]{1,3}-?[0-9]{1,2})\)?\s*$")


def is_posting(record: Record) -> bool:
    """Whether the record says of itself that it is a JobPosting."""
    return any(isinstance(kind, str) and _TYPE.fullmatch(kind) for kind in _many(record.get("@type")))


def record_of(posting: Record) -> dict[str, Any]:
    """The same in the shape of careers.un.org, less what a posting cannot say: it asks no questions.

    Family and level are sought among its categories by code or by name, the level in its title too.
    """
    categories = [text for each in _many(posting.get("occupationalCategory")) for text in _texts(each)]
    title = _first(posting.get("title"))
    trailing = _TRAILING_LEVEL.search(title)
    network = _first(posting.get("industry"))
    return {
        "jobId": _first(posting.get("identifier"), "value"),
        "language": _first(posting.get("inLanguage"), "alternateName"),
        "postingTitle": title,
        "jobTitle": _first(posting.get("relevantOccupation")),
        "jobDescription": _description(_first(posting.get("description"))),
        "jobFamilyCode": _known(FAMILIES, categories) or ", ".join(categories),
        "jobLevel": _known(LEVELS, [*categories, *(trailing.groups() if trailing else ())]) or ", ".join(categories),
        "jn": code_of(NETWORKS, network) if network else "",
        "dept": _department(posting.get("hiringOrganization")),
        "dutyStation": [{"code": place, "description": place} for place in _places(posting)],
        "recruitmentType": _recruitment(posting),
        "startDate": posting.get("datePosted"),
        "endDate": posting.get("validThrough"),
    }


def _recruitment(posting: Record) -> str:
    """The notice's own words, which we write beside types of Google's; else whatever types there are."""
    types = [text for each in _many(posting.get("employmentType")) for text in _texts(each)]
    own = _first(posting.get("disambiguatingDescription"))
    return own if own and types and set(types) <= set(EMPLOYMENT_TYPES) else ", ".join(types)


def _description(text: str) -> str:
    """HTML, which postings often carry escaped once more; lines of plain text become paragraphs."""
    text = text if _MARKUP.search(text) else html.unescape(text)
    if _MARKUP.search(text):
        return text
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.splitlines() if line.strip())


def _known(prompts: PromptList, texts: Iterable[str]) -> str:
    return next((code for text in texts if (code := code_of(prompts, text))), "")


def _department(organization: Any) -> str:
    """The department that hires, by its code or name; else the organization itself."""
    given = organization if isinstance(organization, Mapping) else {"name": organization}
    department = given.get("department") or given
    return _first(department, "identifier") or _first(department)


def _places(posting: Record) -> Iterator[str]:
    for place in _many(posting.get("jobLocation")):
        address = place.get("address", place) if isinstance(place, Mapping) else place
        name = _first(address, "addressLocality")
        if name:
            yield name


def _texts(value: Any) -> list[str]:
    """What a text, or a thing with a code and a name, is called."""
    if isinstance(value, Mapping):
        return [str(value[name]).strip() for name in ("codeValue", "name") if value.get(name)]
    return [str(value).strip()] if value else []


def _first(value: Any, *names: str) -> str:
    """The first text of a value: its own, or that of these fields of an object, then of its name."""
    texts = (_text(each, names) for each in _many(value))
    return next((text for text in texts if text), "")


def _text(value: Any, names: Iterable[str]) -> str:
    if isinstance(value, Mapping):
        value = next((value[name] for name in (*names, "@value", "name") if value.get(name)), "")
    return str(value).strip() if isinstance(value, str | int) else ""


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
