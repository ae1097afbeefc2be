"""The CV of Europass since 2020 (Candidate, after HR Open Standards): which of its elements is which field of ours."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.profile.domain.cv.reading import Drawer, Reading
from services.profile.domain.cv.source import Node
from services.profile.domain.cv.terms import (
    GENDERS,
    NATIONALITY_FIELDS,
    Day,
    country,
    day,
    language,
    level,
    lower,
    nationality,
    phone,
)

ROOT: Final = "Candidate"
_NO_PERSON: Final = (
    "DocumentID", "DocumentIDGroup", "AlternateDocumentID", "ProcessingInformation", "CandidateSupplier",
    "PositionSeekingStatusCode", "RenderingInformation",
)  # fmt: skip
_STREET: Final = ("AddressLine", "StreetName", "BuildingNumber")
READING, LISTENING = "CEF-Understanding-Reading", "CEF-Understanding-Listening"
INTERACTION, PRODUCTION, WRITING = "CEF-Speaking-Interaction", "CEF-Speaking-Production", "CEF-Writing-Production"
SKILLS: Final[Mapping[str, tuple[str, ...]]] = {
    "read": (READING,),
    "write": (WRITING,),
    "speak": (INTERACTION, PRODUCTION),
    "understand": (LISTENING,),
}
"""Of its dimensions of a language, those that each of our skills is."""
LANGUAGE, DIGITAL = "language", "Digital_Skill"


def is_one(content: Any) -> bool:
    """Whether the root of an XML file is its."""
    return isinstance(content, dict) and ROOT in content


def read(content: Any) -> Reading:
    """What it says."""
    candidate, drawer = Node(content[ROOT]), Drawer()
    for name in _NO_PERSON:
        candidate[name].pass_over()
    profile = candidate["CandidateProfile"]
    for name in ("ID", "Attachment", "RenderingInformation"):
        profile[name].pass_over()
    _person(candidate["CandidatePerson"], drawer)
    for employer in profile["EmploymentHistory"]["EmployerHistory"]:
        for position in employer["PositionHistory"]:
            _job(employer, position, drawer)
    for study in profile["EducationHistory"]["EducationOrganizationAttendance"]:
        _diploma(study, drawer)
    for each in profile["Certifications"]["Certification"]:
        drawer.add(
            "education",
            "certificates",
            title=each["CertificationName"].text,
            institution=_either(_text, each["IssuingAuthority"]["Name"], each["IssuingAuthorityName"]),
            obtained_on=_dated(each["FirstIssuedDate"]),
        )
    _qualifications(profile["PersonQualifications"], drawer)
    return drawer.reading(candidate.left())


def _person(person: Node, drawer: Drawer) -> None:
    name = person["PersonName"]
    name["PrecedenceCode"].use()
    drawer.put(
        "contact",
        given_names=name["GivenName"].text,
        family_name=name["FamilyName"].text,
        birth_date=day(person["BirthDate"]),
        gender=_gender(person["GenderCode"]),
    )
    drawer.put(
        "nationality", **dict(zip(NATIONALITY_FIELDS, map(nationality, person["NationalityCode"]), strict=False))
    )
    for each in person["PrimaryLanguageCode"]:
        if own := language(each):
            drawer.put("skills", mother_tongue=own)
    for each in person["Communication"]:
        _reached(each, drawer)


def _gender(place: Node) -> str:
    found = GENDERS.get(place.peeked.lower(), "")
    if found:
        place.use()
    return found


def _reached(way: Node, drawer: Drawer) -> None:
    """One way to reach somebody: an address, a number, an e-mail address."""
    channel, address = way["ChannelCode"].text.lower(), way["Address"]
    way["UseCode"].use()
    if channel == "email":
        drawer.put("contact", email=way["URI"].text)
    elif channel == "telephone":
        way["CountryCode"].use()
        drawer.phone(phone(way["CountryDialing"].text, way["DialNumber"].text))
    drawer.put(
        "contact",
        permanent_street=", ".join(filter(None, (line.text for name in _STREET for line in address[name]))),
        permanent_postcode=address["PostalCode"].text,
        permanent_city=address["CityName"].text,
        permanent_region=address["CountrySubDivisionCode"].text,
        permanent_country=country(address["CountryCode"]),
    )


def _dated(place: Node, *, end: bool = False) -> Day:
    return day(place["FormattedDateTime"], end=end)


def _job(employer: Node, job: Node, drawer: Drawer) -> None:
    period, address = job["EmploymentPeriod"], employer["OrganizationContact"]["Communication"]["Address"]
    current = period["CurrentIndicator"].text == "true"
    drawer.add(
        "education",
        "jobs",
        title=job["PositionTitle"].text,
        employer=employer["OrganizationName"].text,
        city=_either(_text, job["City"], address["CityName"]),
        country=_either(country, job["Country"], address["CountryCode"]),
        started_on=_dated(period["StartDate"]),
        ended_on=Day("") if current else _dated(period["EndDate"], end=True),
        current="yes" if current else "no" if period["EndDate"]["FormattedDateTime"].peeked else "",
        duties=job["Description"].plain,
    )


def _text(place: Node) -> str:
    return place.text


def _either(read: Callable[[Node], str], one: Node, other: Node) -> str:
    """What one place says, or else the other; what that says otherwise is told."""
    found = read(one)
    if found and one.peeked.casefold() == other.peeked.casefold():
        other.use()
    return found or read(other)


def _diploma(study: Node, drawer: Drawer) -> None:
    period, degree = study["AttendancePeriod"], study["EducationDegree"]
    address = study["OrganizationContact"]["Communication"]["Address"]
    ongoing, ended, gained = period["Ongoing"].text, _dated(period["EndDate"], end=True), _dated(degree["DegreeDate"])
    goes_on, is_over = ongoing == "true", ongoing == "false" and bool(ended.iso)
    drawer.add(
        "education",
        "diplomas",
        title=degree["DegreeName"].text,
        institution=study["OrganizationName"].text,
        city=address["CityName"].text,
        country=country(address["CountryCode"]),
        field_of_study=study["ProgramName"].text,
        started_on=_dated(period["StartDate"]),
        ended_on=Day("") if goes_on else ended,
        obtained="no" if goes_on else "yes" if is_over or gained.iso else "",
        obtained_on=Day("") if goes_on else gained if gained.iso else ended if is_over else Day(""),
    )


def _qualifications(known: Node, drawer: Drawer) -> None:
    digital: list[str] = []
    for each in known["PersonCompetency"]:
        kind = each["TaxonomyID"].peeked
        if kind == LANGUAGE:
            _spoken(each, drawer)
        elif kind == DIGITAL:
            each["TaxonomyID"].use()
            digital.append(each["CompetencyName"].text)
    drawer.put("skills", it_skills="\n".join(digital))


def _spoken(competency: Node, drawer: Drawer) -> None:
    code = language(competency["CompetencyID"])
    if not code:
        return
    competency["TaxonomyID"].use()
    levels = {
        each["CompetencyDimensionTypeCode"].text: level(each["Score"]["ScoreText"].text)
        for each in competency["CompetencyDimension"]
    }
    ours = {skill: [levels.get(code, "") for code in codes] for skill, codes in SKILLS.items()}
    drawer.add(
        "skills", "languages", language=code, **{skill: lower(found[0], found[-1]) for skill, found in ours.items()}
    )
