"""The CV of Europass since 2020 (Candidate, after HR Open Standards): which of its elements is which field, both ways.

Its six levels of languages are our three and back; what it has no element for is left out when writing.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from services.profile.domain.cv.reading import Drawer, Reading
from services.profile.domain.cv.source import Node
from services.profile.domain.cv.terms import (
    GENDERS,
    LEVELS_BACK,
    Day,
    country,
    day,
    language,
    level,
    lower,
    nationality,
    phone,
    three_letters,
)

ROOT: Final = "Candidate"
_NO_PERSON: Final = (
    "DocumentID", "DocumentIDGroup", "AlternateDocumentID", "ProcessingInformation", "CandidateSupplier",
    "PositionSeekingStatusCode", "RenderingInformation",
)  # fmt: skip
_NATIONALITIES: Final = ("nationality", "second_nationality", "third_nationality")
_STREET: Final = ("AddressLine", "StreetName", "BuildingNumber")
READING, LISTENING = "CEF-Understanding-Reading", "CEF-Understanding-Listening"
INTERACTION, PRODUCTION, WRITING = "CEF-Speaking-Interaction", "CEF-Speaking-Production", "CEF-Writing-Production"
_SKILLS: Final[Mapping[str, tuple[str, ...]]] = {
    "read": (READING,),
    "write": (WRITING,),
    "speak": (INTERACTION, PRODUCTION),
    "understand": (LISTENING,),
}
LANGUAGE, DIGITAL = "language", "Digital_Skill"
SPACES: Final = {
    "xmlns": "http://www.europass.eu/1.0",
    "xmlns:hr": "http://www.hr-xml.org/3",
    "xmlns:oa": "http://www.openapplications.org/oagis/9",
    "xmlns:eures": "http://www.europass_eures.eu/1.0",
}


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
            institution=each["IssuingAuthority"]["Name"].text or each["IssuingAuthorityName"].text,
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
    drawer.put("nationality", **dict(zip(_NATIONALITIES, map(nationality, person["NationalityCode"]), strict=False)))
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
        number = phone(way["CountryDialing"].text, way["DialNumber"].text)
        if drawer.sections["contact"].get("phone"):
            drawer.put("contact", other_phone=number)
        drawer.put("contact", phone=number)
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
        city=_either(job["City"].text, address["CityName"].text),
        country=_either(country(job["Country"]), country(address["CountryCode"])),
        started_on=_dated(period["StartDate"]),
        ended_on=Day("") if current else _dated(period["EndDate"], end=True),
        current="yes" if current else "no" if period["EndDate"]["FormattedDateTime"].peeked else "",
        duties=job["Description"].plain,
    )


def _either(one: str, other: str) -> str:
    return one or other


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
    ours = {skill: [levels.get(code, "") for code in codes] for skill, codes in _SKILLS.items()}
    drawer.add(
        "skills", "languages", language=code, **{skill: lower(found[0], found[-1]) for skill, found in ours.items()}
    )


def write(sections: Mapping[str, Mapping[str, Any]], *, language_code: str) -> str:
    """The profile as XML. language_code: in which it is filled in."""
    spaces = " ".join(f"{name}={quoteattr(address)}" for name, address in SPACES.items())
    body = "".join(chain(_written_person(sections), _written_profile(sections, language_code)))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Candidate {spaces}>{body}</Candidate>\n'


def _tag(name: str, /, *parts: str, **attributes: str) -> str:
    """An element with these elements in it; none at all if nothing is in it."""
    inside = "".join(parts)
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{said}>{inside}</{name}>" if inside else ""


def _text(name: str, value: Any, /, **attributes: str) -> str:
    return _tag(name, escape(str(value or "")), **attributes)


def _day(name: str, value: Any) -> str:
    return _tag(name, _text("hr:FormattedDateTime", value))


def _code(value: Any) -> str:
    return str(value or "").lower()


def _address(street: Any, city: Any, land: Any, postcode: Any, region: Any) -> str:
    return _tag(
        "Address",
        _text("oa:AddressLine", street),
        _text("oa:CityName", city),
        _text("oa:CountrySubDivisionCode", region),
        _text("CountryCode", _code(land)),
        _text("oa:PostalCode", postcode),
    )


def _written_person(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    contact, held = sections.get("contact", {}), sections.get("nationality", {})
    back = {"male": "male", "female": "female", "other": "other", "undisclosed": "do_not_indicate"}
    mother_tongue = three_letters(sections.get("skills", {}).get("mother_tongue", ""))
    yield _tag(
        "CandidatePerson",
        _tag(
            "PersonName",
            _text("oa:GivenName", contact.get("given_names")),
            _text("hr:FamilyName", contact.get("family_name")),
        ),
        _way("Email", _text("oa:URI", contact.get("email"))),
        *(_way("Telephone", _text("oa:DialNumber", contact.get(name))) for name in ("phone", "other_phone")),
        _tag(
            "Communication",
            _address(
                *(contact.get(f"permanent_{part}") for part in ("street", "city", "country", "postcode", "region"))
            ),
        ),
        *(_text("NationalityCode", _code(held.get(name))) for name in _NATIONALITIES),
        _text("hr:BirthDate", contact.get("birth_date")),
        _text("GenderCode", back.get(contact.get("gender", ""))),
        _text("PrimaryLanguageCode", mother_tongue, name="NORMAL"),
    )


def _way(channel: str, reached: str) -> str:
    return _tag("Communication", f"<ChannelCode>{channel}</ChannelCode>{reached}") if reached else ""


def _written_profile(sections: Mapping[str, Mapping[str, Any]], language_code: str) -> Iterator[str]:
    education, skills = sections.get("education", {}), sections.get("skills", {})
    yield _tag(
        "CandidateProfile",
        _tag("EmploymentHistory", *map(_written_job, education.get("jobs", ()))),
        _tag("EducationHistory", *map(_written_diploma, education.get("diplomas", ()))),
        _tag(
            "Certifications",
            *(
                _tag(
                    "Certification",
                    _text("hr:CertificationName", each.get("title")),
                    _tag("hr:IssuingAuthority", _text("hr:Name", each.get("institution"))),
                    _day("hr:FirstIssuedDate", each.get("obtained_on")),
                )
                for each in education.get("certificates", ())
            ),
        ),
        _tag("PersonQualifications", *map(_written_language, skills.get("languages", ())), *_digital(skills)),
        languageCode=language_code,
    )


def _organisation(entry: Mapping[str, Any], name: str) -> tuple[str, str]:
    address = _address("", entry.get("city"), entry.get("country"), "", "")
    return _text("hr:OrganizationName", entry.get(name)), _tag("OrganizationContact", _tag("Communication", address))


def _written_job(job: Mapping[str, Any]) -> str:
    current = {"yes": "true", "no": "false"}.get(job.get("current", ""))
    return _tag(
        "EmployerHistory",
        *_organisation(job, "employer"),
        _tag(
            "PositionHistory",
            _text("PositionTitle", job.get("title"), typeCode="FREETEXT"),
            _tag(
                "eures:EmploymentPeriod",
                _day("eures:StartDate", job.get("started_on")),
                _day("eures:EndDate", job.get("ended_on") if current != "true" else ""),
                _text("hr:CurrentIndicator", current),
            ),
            _text("oa:Description", _marked(job.get("duties", ""))),
            _text("City", job.get("city")),
            _text("Country", _code(job.get("country"))),
        ),
    )


def _marked(text: str) -> str:
    """As HTML, which is what Europass keeps in a description."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n")) if text else ""


def _written_diploma(study: Mapping[str, Any]) -> str:
    goes_on = {"no": "" if study.get("ended_on") else "true", "yes": "false"}.get(study.get("obtained", ""))
    return _tag(
        "EducationOrganizationAttendance",
        *_organisation(study, "institution"),
        _text("hr:ProgramName", study.get("field_of_study")),
        _tag(
            "AttendancePeriod",
            _day("StartDate", study.get("started_on")),
            _day("EndDate", study.get("ended_on")),
            _text("Ongoing", goes_on),
        ),
        _tag(
            "EducationDegree",
            _text("hr:DegreeName", study.get("title")),
            _day("hr:DegreeDate", study.get("obtained_on") if study.get("obtained") == "yes" else ""),
        ),
    )


def _written_language(spoken: Mapping[str, Any]) -> str:
    code = three_letters(spoken.get("language", ""))
    known, scheme = (code, "NORMAL") if code else (spoken.get("other_language", ""), "FREE_TEXT")
    dimensions = (
        _tag(
            "eures:CompetencyDimension",
            _text("hr:CompetencyDimensionTypeCode", dimension),
            _tag("eures:Score", _text("hr:ScoreText", LEVELS_BACK[spoken[skill]])),
        )
        for skill, each in _SKILLS.items()
        for dimension in each
        if spoken.get(skill) in LEVELS_BACK
    )
    return _tag(
        "PersonCompetency",
        _text("CompetencyID", known, schemeName=scheme),
        _text("hr:TaxonomyID", LANGUAGE),
        *dimensions,
    )


def _digital(skills: Mapping[str, Any]) -> Iterator[str]:
    for line in skills.get("it_skills", "").split("\n"):
        if line:
            yield _tag("PersonCompetency", _text("hr:TaxonomyID", DIGITAL), _text("hr:CompetencyName", line))
