"""The CV of Europass as it was until 2020 (SkillsPassport, schema 3): which of its elements is which field of ours."""

from typing import Any, Final

from services.profile.domain.cv.reading import Drawer, Reading
from services.profile.domain.cv.source import Node
from services.profile.domain.cv.terms import (
    GENDERS,
    NATIONALITY_FIELDS,
    TITLES,
    Day,
    country,
    day_of,
    language,
    level,
    lower,
    nationality,
)

ROOT: Final = "SkillsPassport"
_NO_PERSON: Final = ("DocumentInfo", "PrintingPreferences", "AttachmentList")
_OTHER_SKILLS: Final = ("Communication", "Organisational", "JobRelated", "Other")


def is_one(content: Any) -> bool:
    """Whether the root of an XML file is its."""
    return isinstance(content, dict) and ROOT in content


def read(content: Any) -> Reading:
    """What it says."""
    passport, drawer = Node(content[ROOT]), Drawer()
    for name in _NO_PERSON:
        passport[name].pass_over()
    learner = passport["LearnerInfo"]
    _person(learner["Identification"], drawer)
    for each in learner["WorkExperienceList"]["WorkExperience"]:
        _job(each, drawer)
    for each in learner["EducationList"]["Education"]:
        _diploma(each, drawer)
    _skills(learner["Skills"], drawer)
    return drawer.reading(passport.left())


def _person(person: Node, drawer: Drawer) -> None:
    person["Photo"].pass_over()
    name, contact, about = person["PersonName"], person["ContactInfo"], person["Demographics"]
    address, born = contact["Address"]["Contact"], about["Birthdate"]
    for each in contact["TelephoneList"]["Telephone"]:
        each["Use"].pass_over()
        drawer.phone(each["Contact"].text)
    drawer.put(
        "contact",
        title=_known(name["Title"], TITLES),
        given_names=name["FirstName"].text,
        family_name=name["Surname"].text,
        birth_date=_dated(born),
        gender=_known(about["Gender"], GENDERS),
        email=contact["Email"]["Contact"].text,
        permanent_street=", ".join(filter(None, (address["AddressLine"].text, address["AddressLine2"].text))),
        permanent_postcode=address["PostalCode"].text,
        permanent_city=address["Municipality"].text,
        permanent_country=_country(address["Country"]),
    )
    held = about["NationalityList"]["Nationality"]
    drawer.put("nationality", **dict(zip(NATIONALITY_FIELDS, map(_nationality, held), strict=False)))


def _coded(place: Node, found: str) -> str:
    """What the code of a place says; then its label needs no telling."""
    if found:
        place.pass_over()
    return found


def _known(place: Node, table: Any) -> str:
    return _coded(place, table.get(place["Code"].peeked.lower(), ""))


def _country(place: Node) -> str:
    return _coded(place, country(place["Code"]) or country(place["Label"]))


def _nationality(place: Node) -> str:
    return _coded(place, nationality(place["Code"]) or nationality(place["Label"]))


def _language(place: Node) -> str:
    return _coded(place, language(place["Code"]) or language(place["Label"]))


def _dated(place: Node, *, end: bool = False) -> Day:
    """From attributes as year="2002" month="--08" day="---15", of which the later may be absent."""
    parts = (place[f"@{name}"].text.lstrip("-") for name in ("year", "month", "day"))
    return day_of("-".join(filter(None, parts)), end=end)


def _job(job: Node, drawer: Drawer) -> None:
    employer, period = job["Employer"], job["Period"]
    address = employer["ContactInfo"]["Address"]["Contact"]
    current = period["Current"].text == "true"
    drawer.add(
        "education",
        "jobs",
        title=_labelled(job["Position"]),
        employer=employer["Name"].text,
        business=_labelled(employer["Sector"]),
        city=address["Municipality"].text,
        country=_country(address["Country"]),
        started_on=_dated(period["From"]),
        ended_on=Day("") if current else _dated(period["To"], end=True),
        current="yes" if current else "no" if period["To"]["@year"].text else "",
        duties=job["Activities"].plain,
    )


def _labelled(place: Node) -> str:
    """What a place is called; the code of a list of theirs says no more."""
    place["Code"].use()
    return place["Label"].text


def _diploma(study: Node, drawer: Drawer) -> None:
    school, period = study["Organisation"], study["Period"]
    address, goes_on = school["ContactInfo"]["Address"]["Contact"], period["Current"].text == "true"
    ended = Day("") if goes_on else _dated(period["To"], end=True)
    drawer.add(
        "education",
        "diplomas",
        title=study["Title"].text,
        institution=school["Name"].text,
        city=address["Municipality"].text,
        country=_country(address["Country"]),
        field_of_study=_labelled(study["Field"]),
        started_on=_dated(period["From"]),
        ended_on=ended,
        obtained="no" if goes_on else "yes" if ended.iso else "",
        obtained_on=ended,
    )


def _skills(skills: Node, drawer: Drawer) -> None:
    languages = skills["Linguistic"]
    for each in languages["MotherTongueList"]["MotherTongue"]:
        if own := _language(each["Description"]):
            drawer.put("skills", mother_tongue=own)
    for each in languages["ForeignLanguageList"]["ForeignLanguage"]:
        if spoken := _language(each["Description"]):
            _spoken(spoken, each["ProficiencyLevel"], drawer)
    drawer.put(
        "skills",
        it_skills=skills["Computer"]["Description"].plain,
        other_skills="\n\n".join(filter(None, (skills[name]["Description"].plain for name in _OTHER_SKILLS))),
    )


def _spoken(language_code: str, levels: Node, drawer: Drawer) -> None:
    found = {
        name: level(levels[name].text)
        for name in ("Reading", "Writing", "Listening", "SpokenInteraction", "SpokenProduction")
    }
    drawer.add(
        "skills",
        "languages",
        language=language_code,
        read=found["Reading"],
        write=found["Writing"],
        speak=lower(found["SpokenInteraction"], found["SpokenProduction"]),
        understand=found["Listening"],
    )
