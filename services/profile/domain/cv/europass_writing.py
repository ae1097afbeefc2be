"""The profile as the CV of Europass since 2020: our three levels of languages are the highest of its six.

What it has no element for is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from services.profile.domain.cv.europass_profile import DIGITAL, LANGUAGE, ROOT, SKILLS
from services.profile.domain.cv.terms import GENDERS_BACK, LEVELS_BACK, NATIONALITY_FIELDS, three_letters

SPACES: Final = {
    "xmlns": "http://www.europass.eu/1.0",
    "xmlns:hr": "http://www.hr-xml.org/3",
    "xmlns:oa": "http://www.openapplications.org/oagis/9",
    "xmlns:eures": "http://www.europass_eures.eu/1.0",
}


def write(sections: Mapping[str, Mapping[str, Any]], *, language_code: str) -> str:
    """The profile as XML. language_code: in which it is filled in."""
    spaces = " ".join(f"{name}={quoteattr(address)}" for name, address in SPACES.items())
    body = _person(sections) + _profile(sections, language_code)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{ROOT} {spaces}>{body}</{ROOT}>\n'


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


def _person(sections: Mapping[str, Mapping[str, Any]]) -> str:
    contact, held = sections.get("contact", {}), sections.get("nationality", {})
    mother_tongue = three_letters(sections.get("skills", {}).get("mother_tongue", ""))
    return _tag(
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
        *(_text("NationalityCode", _code(held.get(name))) for name in NATIONALITY_FIELDS),
        _text("hr:BirthDate", contact.get("birth_date")),
        _text("GenderCode", GENDERS_BACK.get(contact.get("gender", ""))),
        _text("PrimaryLanguageCode", mother_tongue, name="NORMAL"),
    )


def _way(channel: str, reached: str) -> str:
    return _tag("Communication", f"<ChannelCode>{channel}</ChannelCode>{reached}") if reached else ""


def _profile(sections: Mapping[str, Mapping[str, Any]], language_code: str) -> str:
    education, skills = sections.get("education", {}), sections.get("skills", {})
    return _tag(
        "CandidateProfile",
        _tag("EmploymentHistory", *map(_job, education.get("jobs", ()))),
        _tag("EducationHistory", *map(_diploma, education.get("diplomas", ()))),
        _tag("Certifications", *map(_certificate, education.get("certificates", ()))),
        _tag("PersonQualifications", *map(_language, skills.get("languages", ())), *_digital(skills)),
        languageCode=language_code,
    )


def _organisation(entry: Mapping[str, Any], name: str) -> tuple[str, str]:
    address = _address("", entry.get("city"), entry.get("country"), "", "")
    return _text("hr:OrganizationName", entry.get(name)), _tag("OrganizationContact", _tag("Communication", address))


def _job(job: Mapping[str, Any]) -> str:
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


def _diploma(study: Mapping[str, Any]) -> str:
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


def _certificate(gained: Mapping[str, Any]) -> str:
    return _tag(
        "Certification",
        _text("hr:CertificationName", gained.get("title")),
        _tag("hr:IssuingAuthority", _text("hr:Name", gained.get("institution"))),
        _day("hr:FirstIssuedDate", gained.get("obtained_on")),
    )


def _language(spoken: Mapping[str, Any]) -> str:
    code = three_letters(spoken.get("language", ""))
    known, scheme = (code, "NORMAL") if code else (spoken.get("other_language", ""), "FREE_TEXT")
    dimensions = (
        _tag(
            "eures:CompetencyDimension",
            _text("hr:CompetencyDimensionTypeCode", dimension),
            _tag("eures:Score", _text("hr:ScoreText", LEVELS_BACK[spoken[skill]])),
        )
        for skill, each in SKILLS.items()
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
