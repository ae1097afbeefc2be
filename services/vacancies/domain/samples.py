"""About 200 notices of our own for trying things out, in the shape of careers.un.org, combined from samples.json.

Nothing is random: the same records come out each time. Days are counted from the day of the import.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS, category_of, network_of

OPENINGS_A_PROFILE: Final = 8
BILINGUAL: Final = 2
"""So many of a profile's openings are published in both languages, under one number."""

YEARS: Final = {"P-2": 2, "P-3": 5, "P-4": 7, "P-5": 10, "D-1": 15, "ASG": 20}
OFFICERS: Final = ("PD", "NO", "FS", "S")
GRADUATES: Final = ("PD", "NO", "SR", "LT")

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "setting": "Where the post is",
        "located": "This post is located in the %(department)s, in %(station)s.",
        "duties": "Responsibilities",
        "education": "Education",
        "degree": "An advanced university degree (Master's degree or equivalent) in %(field)s is required.",
        "school": "High school diploma or equivalent is required; a degree in %(field)s is an advantage.",
        "experience": "Work experience",
        "years": "At least %(years)s years of experience in %(skill)s are required.",
        "languages": "Languages",
        "fluent": "Fluency in English is required. Knowledge of French is desirable.",
    },
    "fr": {
        "setting": "Situation du poste",
        "located": "Le poste est à pourvoir à %(station)s. Entité : %(department)s.",
        "duties": "Fonctions",
        "education": "Formation",
        "degree": "Diplôme universitaire du niveau du master dans l’un des domaines suivants : %(field)s.",
        "school": "Diplôme de fin d’études secondaires ; une formation dans ces domaines est un atout : %(field)s.",
        "experience": "Expérience professionnelle",
        "years": "Au moins %(years)s années d’expérience dans le domaine suivant : %(skill)s.",
        "languages": "Connaissances linguistiques",
        "fluent": "La maîtrise du français est indispensable. La connaissance de l’anglais est souhaitable.",
    },
}
RECRUITMENT: Final = ("Fixed-term", "Temporary", "Continuing")


def records() -> Iterator[dict[str, Any]]:
    """The records, each profile's openings after the other's, some of them in both languages."""
    for number, profile in enumerate(_blocks()["profiles"]):
        for opening in range(OPENINGS_A_PROFILE):
            one = ("en", "fr")[(number + opening) % 2]
            for language in ("en", "fr") if opening < BILINGUAL else (one,):
                yield _record(profile, number * OPENINGS_A_PROFILE + opening, opening, language)


@cache
def _blocks() -> dict[str, Any]:
    blocks: dict[str, Any] = json.loads((files(__package__) / "samples.json").read_text("utf-8"))
    return blocks


def _record(profile: Mapping[str, Any], serial: int, opening: int, language: str) -> dict[str, Any]:
    department = _turn(profile["departments"], opening)
    stations = [_turn(profile["stations"], opening + step) for step in range(1 + (serial % 7 == 3))]
    level = _turn(profile["levels"], opening + opening // 4)
    category = category_of(level)
    titles = profile["title" if category in OFFICERS else "other_title"]
    title = f"{titles[language]} ({_turn(profile['topics'][language], opening)})"
    return {
        "jobId": _job_id(serial, profile["family"], department, stations[0]),
        "language": language.upper(),
        "jobTitle": titles[language],
        "postingTitle": title,
        "jobCodeTitle": titles["en"],
        "jobDescription": _description(profile, language, department, stations, level),
        "jobLevel": level,
        "categoryCode": category,
        "jobFamilyCode": profile["family"],
        "dutyStation": [{"code": code} for code in dict.fromkeys(stations)],
        "recruitmentType": _turn(RECRUITMENT, serial),
        "dept": department,
        "jn": network_of(profile["family"]),
        "jf": profile["family"],
        "jc": category,
        "jl": level,
        **_story(serial),
    }


def _turn(items: Any, position: int) -> Any:
    return items[position % len(items)]


def _job_id(serial: int, family: str, department: str, station: str) -> str:
    """Opaque, and not all alike, as in life."""
    number = 210_000 + serial * 137
    return f"{number}/{family}" if serial % 23 == 5 else f"{family}-{department}-{number}-R-{station} (X)"


def _story(serial: int) -> dict[str, Any]:
    """When it opens and closes, what happens to it, and what it asks."""
    days: dict[str, Any] = {"startDate": -(serial * 5 % 34) - 1, "endDate": 4 + serial * 11 % 70}
    match serial % 40:
        case 3:
            days["endDate"] = "clock-change"
        case 13:
            days["endDate"] = "clock-change 2"
        case 7 | 27:
            days["extendedTo"] = days["endDate"] + 21
        case 17:
            days["cancelled"] = "The post has been filled by a transfer."
        case 10 | 30:
            days["endDate"] = 330 + serial
        case 5 | 15 | 25 | 35:
            days = {"startDate": -60 - serial, "endDate": -2 - serial % 30}
        case 1 | 21 | 31:
            return {**days, "source": "galaxy"}
        case _:
            pass
    return {**days, "questions": _questions(serial)}


def _questions(serial: int) -> list[dict[str, Any]]:
    pool = _blocks()["questions"]
    return [_turn(pool, serial + step) for step in range(serial % 4 * 2)]


def _description(profile: Mapping[str, Any], language: str, department: str, stations: list[str], level: str) -> str:
    words = WORDS[language]
    gaps = {
        "department": DEPARTMENTS.label(department, language),
        "station": ", ".join(DUTY_STATIONS.label(code, language) for code in dict.fromkeys(stations)),
        "field": profile["field"][language],
        "skill": profile["skill"][language],
        "years": YEARS.get(level, 3),
    }
    education = "degree" if category_of(level) in GRADUATES else "school"
    duties = "".join(f"<li>{duty}</li>" for duty in profile["duties"][language])
    sections = (
        ("setting", f"<p>{words['located'] % gaps} {profile['about'][language]}</p>"),
        ("duties", f"<ul>{duties}</ul>"),
        ("education", f"<p>{words[education] % gaps}</p>"),
        ("experience", f"<p>{words['years'] % gaps}</p>"),
        ("languages", f"<p>{words['fluent']}</p>"),
    )
    return "".join(f"<h3>{words[name]}</h3>{body}" for name, body in sections)
